using System.Text;
using EdgeConv.Cli.Models;
using EdgeConv.Cli.Screen;
using EdgeConv.Cli.Visualization;
using EdgeConv.Devices.Deciding;

namespace EdgeConv.Cli.Reports;

/// <summary>Pictures with what speaks for their class, float beside int8.</summary>
internal static class SaliencyRows
{
    private const int ShownSide = 112;

    /// <summary>A figure a picture.</summary>
    public static string Draw(Html page, VisualizeResult result)
    {
        SpriteSheet sheet = new("saliency", ShownSide);
        var rows = result.Saliencies.Select((saliency, i) =>
        {
            byte[] rgb = result.Pictures.Colors(saliency.Bytes);
            float largest = saliency.Map.Float.Concat(saliency.Map.Int8).Max(Math.Abs);
            int Heat(string side, float[] map) =>
                sheet.Add($"{i} {side}", () => Tile.Heat(rgb, result.Pictures.Layout, map, largest).Shrunk(ShownSide));
            return (Saliency: saliency, Picture: sheet.Add($"{i}", () => Tile.Whole(rgb, result.Pictures.Layout).Shrunk(ShownSide)),
                Float: Heat("float", saliency.Map.Float), Int8: Heat("int8", saliency.Map.Int8));
        }).ToArray();
        page.Style(sheet.Style());
        StringBuilder figures = new("<div class=\"saliencies\">");
        foreach ((Saliency saliency, int picture, int real, int int8) in rows)
        {
            string watched = result.Classes[saliency.Map.Class];
            figures.Append($"<figure class=\"saliency\"><figcaption><b>{Html.Escape(saliency.Title)}</b></figcaption><div class=\"three\">")
                .Append($"<div>{sheet.Show(picture, saliency.Title)}<span class=\"soft\">picture</span></div>")
                .Append($"<div>{sheet.Show(real, $"what speaks for {watched}, float")}<span>float: {Says(saliency.Float, result)}</span></div>")
                .Append($"<div>{sheet.Show(int8, $"what speaks for {watched}, int8")}<span>int8: {Says(saliency.Int8, result)}</span></div>")
                .Append($"</div><p class=\"soft\">{Html.Escape($"For {watched}; the two maps correlate by {Units.Number(saliency.Map.Correlation, 3)}.")}</p></figure>\n");
        }

        return figures.Append("</div>").ToString();
    }

    private static string Says(float[] confidences, VisualizeResult result)
    {
        int best = Confidences.Best(confidences);
        return Html.Escape($"{result.Classes[best]} {Units.Percent(confidences[best], 1)}");
    }
}
