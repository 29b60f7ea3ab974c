using EdgeConv.Cli.Models;
using EdgeConv.Cli.Screen;
using EdgeConv.Converters.Quantization;
using EdgeConv.Runtime;
using Spectre.Console;

namespace EdgeConv.Cli.Reports;

/// <summary>What `convert` says to people.</summary>
internal static class ConversionReport
{
    /// <summary>Columns of <see cref="Row"/>; '>' marks numbers.</summary>
    public static IReadOnlyList<string> Titles { get; } =
        ["layer", "kind", ">SQNR dB", ">cosine", ">min", ">max", ">scale", ">zero point", ">saturated"];

    /// <summary>One layer's quantization.</summary>
    public static IReadOnlyList<string> Row(LayerReport layer) =>
    [
        layer.Name, layer.Kind,
        layer.SqnrDecibels is { } sqnr ? Units.Number(sqnr, 1) : "exact", Units.Number(layer.Cosine, 5),
        Units.Number(layer.FloatMin, 3), Units.Number(layer.FloatMax, 3),
        Units.Number(layer.Scale, 6), Units.Number(layer.ZeroPoint, 0), Units.Percent(layer.SaturatedShare, 3),
    ];

    /// <summary>Layers, accuracies, sizes.</summary>
    public static void Print(string output, Model model, QuantizationReport report, Terminal terminal)
    {
        Table table = Tables.Create(Titles);
        foreach (LayerReport layer in report.Layers)
        {
            table.Row(Row(layer));
        }

        terminal.Block(table);
        terminal.Line(Accuracies(report));
        ModelSummary summary = ModelSummary.Of(model);
        terminal.Line($"wrote {output}: flash {Units.Count(model.FileBytes)} bytes ({Units.Bytes(model.FileBytes)}), "
            + $"arena {Units.Count(model.ArenaBytes)} bytes ({Units.Bytes(model.ArenaBytes)}), "
            + $"{Units.Count(summary.Parameters)} parameters, {Units.Count(summary.Macs)} MACs");
    }

    /// <summary>Float beside int8, in one line.</summary>
    public static string Accuracies(QuantizationReport report) => report is { FloatAccuracy: { } real, Int8Accuracy: { } quantized }
        ? $"accuracy float {Units.Percent(real)}, int8 {Units.Percent(quantized)} ({Units.Number((quantized - real) * 100)} points) "
            + $"on {Units.Count(report.TestImages)} pictures"
        : "accuracy not measured";
}
