using EdgeConv.Cli.Screen;
using EdgeConv.Cli.Visualization;
using EdgeConv.Converters.Visualization;

namespace EdgeConv.Cli.Reports;

/// <summary>The page of `visualize`.</summary>
internal static class VisualizationPage
{
    /// <summary>The page.</summary>
    public static string Write(VisualizeResult result)
    {
        string count = Units.Count(result.Survey.Answers.Count);
        Html page = new($"{result.Twins.Int8.Name}: what the network sees",
            $"Made by edgeconv visualize from {count} pictures of {Path.GetFileName(Path.TrimEndingDirectorySeparator(result.Options.Data))}. Float is the network as it was "
            + "trained, int8 the model file that runs on the board.");
        (double real, double int8, double same) = result.Accuracy;
        UnitPatches[] units = [.. result.Survey.Layers.SelectMany(layer => layer.Units)];
        page.Section("Result", Html.Facts([
            (Units.Percent(real), "accuracy, float"), (Units.Percent(int8), "accuracy, int8"), (Units.Percent(same), "same class as float"),
            ($"{units.Count(unit => unit.Changed == 0)} of {units.Length}", "units with all patches kept"),
        ]));
        if (result.Epochs.Count > 0)
        {
            page.Section("Training", Curves(result.Epochs));
        }

        if (MapGrid.Filters(page, result) is { } filters)
        {
            page.Section("Filters of the first layer",
                Html.Paragraph("The weights that slide over the picture. Mid grey is zero; each filter answers most where the picture "
                    + "looks like it. Edges, spots and colours are what most networks begin with.", soft: true),
                filters);
        }

        page.Section("What excites each unit",
            [Html.Paragraph("A unit is one channel of a convolution. For each, the nine patches of the data set to which it responds "
                + "most, one a picture, cropped at what the unit can see. First layers see small patches and respond to edges; later ones "
                + "see larger regions and respond to parts and whole objects.", soft: true),
                "<p class=\"soft\"><i class=\"outside\"></i> lies outside the picture. Left float, right int8; the units that "
                + "quantization changed most come first. '9 of 9 kept' counts float patches that int8 chose too, '0.4 % off' is how far its "
                + "response to them differs from float.</p>",
                .. result.Survey.Layers.Select((layer, i) => UnitGrid.Draw(page, $"layer{i}", layer, result))]);
        page.Section("One picture through the network",
            [Html.Paragraph($"What each layer makes of {result.Saliencies[0].Title}: float above, int8 below. "
                + "Black is no response (mid grey, where responses can be negative), white the layer's largest. Pooling makes maps smaller; "
                + "each map shows where its unit found what it looks for.", soft: true),
                .. MapGrid.Layers(page, result)]);
        page.Section("What speaks for the answer",
            Html.Paragraph($"A square of {result.Saliencies[0].Map.Side} pixels is covered, everywhere once, and the class's score is "
                + "watched. Where that lowers the score, the picture speaks for the class.", soft: true),
            "<p class=\"soft\">speaks against <i class=\"heat\"></i> speaks for</p>",
            SaliencyRows.Draw(page, result));
        page.Section("Confusion",
            Html.Paragraph($"Rows: true class. Columns: answer. {count} pictures. A cell leads to pictures of it.", soft: true),
            ConfusionPanels.Draw(page, result));
        return page.ToString();
    }

    private static string Curves(IReadOnlyList<EpochMetrics> epochs) => "<div class=\"curves\">"
        + LineChart.Draw("loss", [("validation", [.. epochs.Select(e => e.ValidationLoss)]), ("training", [.. epochs.Select(e => e.TrainLoss)])],
            value => Units.Number(value, 3))
        + LineChart.Draw("accuracy", [("validation", [.. epochs.Select(e => e.ValidationAccuracy)]), ("training", [.. epochs.Select(e => e.TrainAccuracy)])],
            value => Units.Percent(value))
        + "</div>";
}
