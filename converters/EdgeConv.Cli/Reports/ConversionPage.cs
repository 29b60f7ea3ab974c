using EdgeConv.Cli.Models;
using EdgeConv.Cli.Screen;
using EdgeConv.Converters.Quantization;
using EdgeConv.Runtime;

namespace EdgeConv.Cli.Reports;

/// <summary>The report of `convert` as a page, and its parts for others.</summary>
internal static class ConversionPage
{
    /// <summary>The page.</summary>
    public static string Write(Model model, QuantizationReport report)
    {
        Html page = new($"{model.Name}: what quantization cost", "Made by edgeconv convert.");
        List<(string, string)> facts = [(Units.Bytes(model.FileBytes), "flash"), (Units.Bytes(model.ArenaBytes), "arena (RAM)")];
        if (report is { FloatAccuracy: { } real, Int8Accuracy: { } quantized })
        {
            facts.InsertRange(0, [(Units.Percent(real), "accuracy, float"), (Units.Percent(quantized), "accuracy, int8")]);
        }

        page.Section("Result", Html.Facts(facts), Html.Paragraph(ConversionReport.Accuracies(report), soft: true));
        page.Section("Quantization, layer by layer", Layers(report));
        page.Section("Layers", Summary(model));
        return page.ToString();
    }

    /// <summary>Ranges and errors a layer.</summary>
    public static string Layers(QuantizationReport report) =>
        Html.Table(ConversionReport.Titles, report.Layers.Select(ConversionReport.Row));

    /// <summary>Shapes and sizes a layer.</summary>
    public static string Summary(Model model)
    {
        ModelSummary summary = ModelSummary.Of(model);
        IEnumerable<IReadOnlyList<string>> rows = summary.Layers.Select(layer => (IReadOnlyList<string>)
        [
            layer.Name, layer.Kind, Units.Shape(layer.OutputShape),
            Units.Count(layer.Parameters), Units.Count(layer.Macs), Units.Count(layer.WeightBytes),
        ]);
        string totals = $"{Units.Count(summary.Parameters)} parameters, {Units.Count(summary.Macs)} multiply-accumulates.";
        return Html.Table(["layer", "kind", "output", ">parameters", ">MACs", ">bytes"], rows) + Html.Paragraph(totals, soft: true);
    }
}
