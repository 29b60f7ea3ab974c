using System.Text;
using EdgeConv.Cli.Visualization;
using EdgeConv.Converters.Visualization;

namespace EdgeConv.Cli.Reports;

/// <summary>Confusion of both networks, with pictures behind each cell. A cell is a link; the style shows what it leads to.</summary>
internal static class ConfusionPanels
{
    private const int ShownSide = 56;
    private const int MostACell = 6;
    private const int MostPictures = 400;

    /// <summary>Two matrices and the panels below them.</summary>
    public static string Draw(Html page, VisualizeResult result)
    {
        SpriteSheet sheet = new("examples", ShownSide);
        var cells = Cells(result).ToDictionary(
            cell => cell.Key, cell => cell.Value.Select(answer => (answer, sheet.Add($"{answer.Picture}", () => Tile.Whole(
                result.Pictures.Colors(result.Pictures.Bytes(answer.Picture)), result.Pictures.Layout).Shrunk()))).ToArray());
        string? Link(int label, int answer) => cells.ContainsKey((label, answer)) ? $"#cell-{label}-{answer}" : null;
        page.Style(sheet.Style());
        StringBuilder panels = new("<div class=\"confusions\">");
        panels.Append(Charts.Confusion("float", result.Classes, Count(result, answer => answer.Float), Link))
            .Append(Charts.Confusion("int8", result.Classes, Count(result, answer => answer.Int8), Link))
            .Append("</div><div class=\"cells\">");
        foreach (((int label, int found), (TwinAnswer Answer, int Tile)[] examples) in cells)
        {
            panels.Append($"<div class=\"cell\" id=\"cell-{label}-{found}\"><p>{Html.Escape(Heading(result, label, found))}</p><div class=\"maps\">");
            foreach ((TwinAnswer answer, int tile) in examples)
            {
                string said = answer.Float == answer.Int8 ? "both" : answer.Float == found ? "float only" : "int8 only";
                panels.Append($"<figure>{sheet.Show(tile, $"picture {answer.Picture}")}<figcaption class=\"soft\">{said}</figcaption></figure>");
            }

            panels.Append("</div></div>\n");
        }

        return panels.Append("</div>").ToString();
    }

    private static string Heading(VisualizeResult result, int label, int found) => label == found
        ? $"{result.Classes[label]}, recognized:"
        : $"{result.Classes[label]}, taken for {result.Classes[found]}:";

    // Mistakes first, as long as there is room on the page.
    private static IEnumerable<KeyValuePair<(int Label, int Found), TwinAnswer[]>> Cells(VisualizeResult result)
    {
        var answers = result.Survey.Answers
            .SelectMany(answer => new[] { answer.Float, answer.Int8 }.Distinct().Select(found => (Cell: (answer.Label, Found: found), answer)))
            .GroupBy(pair => pair.Cell, pair => pair.answer)
            .OrderBy(group => group.Key.Label == group.Key.Found).ThenByDescending(group => group.Count());
        int room = MostPictures;
        foreach (var cell in answers)
        {
            // What the networks disagree on is shown before what both say.
            TwinAnswer[] few = [.. cell.OrderBy(answer => answer.Float == answer.Int8).Take(Math.Min(MostACell, room))];
            room -= few.Length;
            if (few.Length > 0)
            {
                yield return new(cell.Key, few);
            }
        }
    }

    private static int[][] Count(VisualizeResult result, Func<TwinAnswer, int> answered)
    {
        int[][] counts = [.. result.Classes.Select(_ => new int[result.Classes.Count])];
        foreach (TwinAnswer answer in result.Survey.Answers)
        {
            counts[answer.Label][answered(answer)]++;
        }

        return counts;
    }
}
