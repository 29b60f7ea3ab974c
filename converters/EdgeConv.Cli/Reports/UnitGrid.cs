using System.Text;
using EdgeConv.Cli.Screen;
using EdgeConv.Cli.Visualization;
using EdgeConv.Converters.Visualization;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Cli.Reports;

/// <summary>A layer's units, each with its nine patches in float and in int8.</summary>
internal static class UnitGrid
{
    private const int ShownSide = 36;
    private const int Gaps = 8;

    /// <summary>Heading, a sentence, the units.</summary>
    /// <param name="page">Gets the pictures.</param>
    /// <param name="name">Of the sheet, unique in the page.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="result">Where the pictures are.</param>
    public static string Draw(Html page, string name, LayerPatches layer, VisualizeResult result)
    {
        UnitPatches[] shown = [.. layer.Units.Take(result.Options.Units)];
        SpriteSheet sheet = new(name, ShownSide);
        var tiles = new Dictionary<Patch, int>();
        foreach (Patch patch in shown.SelectMany(unit => unit.Float.Concat(unit.Int8)))
        {
            FieldOfView field = layer.Field.At(patch.Row, patch.Column);
            tiles[patch] = sheet.Add($"{patch.Picture} {field}", () => Tile.Crop(
                result.Pictures.Colors(result.Pictures.Bytes(patch.Picture)), result.Pictures.Layout, field));
        }

        StringBuilder grid = new($"<h3>{Html.Escape(layer.Layer)}</h3>");
        grid.Append(Html.Paragraph(Sentence(layer, shown.Length, result.Pictures.Layout), soft: true))
            .Append($"<div class=\"units\" style=\"--nine: {(3 * sheet.ShownWidth) + Gaps}px\">");
        foreach (UnitPatches unit in shown)
        {
            grid.Append($"<figure class=\"unit\"><figcaption>{Caption(unit)}</figcaption><div class=\"pair\">")
                .Append(Nine("float", unit.Float)).Append(Nine("int8", unit.Int8)).Append("</div></figure>\n");
        }

        page.Style(sheet.Style());
        return grid.Append("</div>").ToString();

        string Nine(string side, IReadOnlyList<Patch> patches) =>
            $"<div><span class=\"soft\">{side}</span><div class=\"nine\">"
            + (patches.Count == 0 ? "<span class=\"soft\">never responds</span>" : string.Concat(patches.Select(patch =>
                sheet.Show(tiles[patch], $"picture {patch.Picture}: float {Units.Number(patch.Float)}, int8 {Units.Number(patch.Int8)}"))))
            + "</div></div>";
    }

    private static string Sentence(LayerPatches layer, int shown, PictureLayout layout)
    {
        FieldOfView field = layer.Field.At(0, 0);
        bool seesAll = field.Height >= layout.Height && field.Width >= layout.Width;
        string sees = seesAll
            ? $"A unit here can see the whole picture{(layer.Field.Rows.Stride > 0 ? $" (its field is {field.Height}x{field.Width})" : "")}"
            : $"A unit here sees {field.Height}x{field.Width} of the picture's {layout.Height}x{layout.Width} pixels";
        int changed = layer.Units.Count(unit => unit.Changed > 0);
        string replaced = changed == 0 ? $"no patch of its {layer.Units.Count} units" : $"patches of {changed} of its {layer.Units.Count} units";
        return $"{sees}. Quantization replaced {replaced}"
            + (shown < layer.Units.Count ? $"; the {shown} most changed are shown (--units shows more)." : ".");
    }

    private static string Caption(UnitPatches unit)
    {
        string kept = unit.Float.Count + unit.Int8.Count == 0
            ? ""
            : $"{unit.Kept} of {Math.Max(unit.Float.Count, unit.Int8.Count)} kept, {Units.Percent(unit.Deviation, 1)} off";
        return $"<b>unit {unit.Unit}</b> <span class=\"{(unit.Changed > 0 ? "changed" : "soft")}\">{kept}</span>";
    }
}
