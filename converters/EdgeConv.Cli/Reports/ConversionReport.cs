using EdgeConv.Cli.Models;
using EdgeConv.Cli.Screen;
using EdgeConv.Converters.Quantization;
using EdgeConv.Runtime;
using Spectre.Console;

namespace EdgeConv.Cli.Reports;

/// <summary>What `convert` says to people.</summary>
internal static class ConversionReport
{
    private static readonly string[] _titles =
        ["layer", "kind", "type", ">SQNR dB", ">cosine", ">min", ">max", ">scale", ">zero point", ">saturated"];

    /// <summary>Each layer's quantization; columns that nothing was measured for, as without pictures, are left out.</summary>
    public static (IReadOnlyList<string> Titles, IReadOnlyList<IReadOnlyList<string>> Rows) Layers(QuantizationReport report)
    {
        string[][] rows = [.. report.Layers.Select(Row)];
        int[] filled = [.. Enumerable.Range(0, _titles.Length).Where(c => rows.Any(row => row[c].Length > 0))];
        return ([.. filled.Select(c => _titles[c])], [.. rows.Select(row => filled.Select(c => row[c]).ToArray())]);
    }

    private static string[] Row(LayerReport layer) =>
    [
        layer.Name, layer.Kind, layer.Precision,
        layer.SqnrDecibels is { } sqnr ? Units.Number(sqnr, 1) : layer.Cosine is null ? "" : "exact", Number(layer.Cosine, 5),
        Number(layer.FloatMin, 3), Number(layer.FloatMax, 3),
        Units.Number(layer.Scale, 6), Units.Number(layer.ZeroPoint, 0), layer.SaturatedShare is { } share ? Units.Percent(share, 3) : "",
    ];

    /// <summary>Columns of <see cref="Sensitivity"/>.</summary>
    public static IReadOnlyList<string> SensitivityTitles { get; } =
        ["layer alone in int8", "kind", ">SQNR of the answer, dB", ">same class", ">accuracy"];

    /// <summary>Columns of <see cref="Step"/>.</summary>
    public static IReadOnlyList<string> StepTitles { get; } =
        ["step", ">accuracy", ">drop, points", "kept", ">flash, no golden vectors", ">arena", ">MACs", ">in 16x8"];

    /// <summary>One layer's sensitivity.</summary>
    public static IReadOnlyList<string> Sensitivity(LayerSensitivity layer) =>
    [
        layer.Name, layer.Kind, layer.OutputSqnrDecibels is { } sqnr ? Units.Number(sqnr, 1) : "exact", Units.Percent(layer.Agreement),
        layer.Accuracy is { } accuracy ? Units.Percent(accuracy) : "",
    ];

    /// <summary>One step of the search for a bounded drop.</summary>
    public static IReadOnlyList<string> Step(PrecisionStep step) =>
    [
        Change(step.Precision, step.Layers), Units.Percent(step.Accuracy), Units.Number(step.DropPoints), step.Kept ? "yes" : "no",
        Units.Count(step.FlashBytes), Units.Count(step.ArenaBytes), Units.Count(step.Macs), Units.Count(step.WideMacs),
    ];

    /// <summary>Layers, accuracies, sizes.</summary>
    public static void Print(string output, Model model, QuantizationReport report, Terminal terminal)
    {
        (IReadOnlyList<string> titles, IReadOnlyList<IReadOnlyList<string>> rows) = Layers(report);
        Print(titles, rows, terminal);
        if (report.Sensitivity is { } sensitivity)
        {
            terminal.Line($"sensitivity, on {Units.Count(report.ComparedImages)} pictures, the most sensitive first:");
            Print(SensitivityTitles, sensitivity.Select(Sensitivity), terminal);
        }

        if (report.MixedPrecision is { } mixed)
        {
            terminal.Line($"for a drop of at most {Units.Number(mixed.MaxDropPoints)} points:");
            Print(StepTitles, mixed.Steps.Select(Step), terminal);
            terminal.Line(Cost(mixed));
        }

        foreach (string note in report.Notes)
        {
            terminal.Line(note);
        }

        terminal.Line(Accuracies(report));
        ModelSummary summary = ModelSummary.Of(model);
        terminal.Line($"wrote {output}: flash {Units.Count(model.FileBytes)} bytes ({Units.Bytes(model.FileBytes)}), "
            + $"arena {Units.Count(model.ArenaBytes)} bytes ({Units.Bytes(model.ArenaBytes)}), "
            + $"{Units.Count(summary.Parameters)} parameters, {Units.Count(summary.Macs)} MACs");
    }

    /// <summary>What the search changed, and what it cost against plain int8.</summary>
    public static string Cost(MixedPrecisionReport mixed)
    {
        PrecisionStep[] kept = [.. mixed.Steps.Where(step => step.Kept)];
        (PrecisionStep first, PrecisionStep last) = (kept[0], kept[^1]);
        string drop = $"{Units.Number(last.DropPoints)} points under float";
        if (kept.Length == 1)
        {
            return $"{first.Precision} throughout holds: {drop}";
        }

        IEnumerable<string> changes = kept.Skip(1).GroupBy(step => step.Precision)
            .Select(group => Change(group.Key, [.. group.SelectMany(step => step.Layers)]));
        return $"{string.Join("; ", changes)}: {drop}; flash {Signed(last.FlashBytes - first.FlashBytes)} bytes, "
            + $"arena {Signed(last.ArenaBytes - first.ArenaBytes)} bytes, "
            + $"{Units.Percent((double)last.WideMacs / Math.Max(last.Macs, 1), 1)} of the MACs in 16x8";
    }

    private static string Change(string precision, IReadOnlyList<string> layers) =>
        layers.Count == 0 ? precision : $"{precision} for {string.Join(", ", layers)}";

    private static string Signed(int value) => (value > 0 ? "+" : "") + Units.Count(value);

    private static void Print(IReadOnlyList<string> titles, IEnumerable<IReadOnlyList<string>> rows, Terminal terminal)
    {
        Table table = Tables.Create(titles);
        foreach (IReadOnlyList<string> row in rows)
        {
            table.Row(row);
        }

        terminal.Block(table);
    }

    /// <summary>Float beside int8, in one line.</summary>
    public static string Accuracies(QuantizationReport report) => report switch
    {
        { FloatAccuracy: { } real, Int8Accuracy: { } quantized } =>
            $"accuracy float {Units.Percent(real)}, int8 {Units.Percent(quantized)} ({Units.Number((quantized - real) * 100)} points) "
                + $"on {Units.Count(report.TestImages)} pictures",
        { Int8Accuracy: { } alone } => $"accuracy int8 {Units.Percent(alone)} on {Units.Count(report.TestImages)} pictures",
        _ => "accuracy not measured",
    };

    private static string Number(double? value, int decimals) => value is { } v ? Units.Number(v, decimals) : "";
}
