using System.Globalization;
using EdgeConv.Cli.Screen;
using EdgeConv.Cli.Verification;
using Spectre.Console;

namespace EdgeConv.Cli.Reports;

/// <summary>What `verify` says to people.</summary>
internal static class VerifyReport
{
    /// <summary>Targets by paths, then the comparison with float where there is one.</summary>
    public static void Print(ParityInputs inputs, IReadOnlyList<PathResult> results, FloatComparison? comparison, Terminal terminal)
    {
        terminal.Line($"inputs: {inputs.Source}");
        terminal.Block(Paths(results));
        foreach (PathResult result in results.Where(result => !result.Identical))
        {
            terminal.Error($"{result.Target}{(result.Path is null ? "" : $" {result.Path}")}: {result.Problem}");
        }

        if (comparison is not null)
        {
            Print(comparison, terminal);
        }
    }

    /// <summary>Targets by paths.</summary>
    public static Table Paths(IReadOnlyList<PathResult> results)
    {
        bool isCounted = results.Any(result => result.Instructions > 0);
        Table table = Tables.Create(["target", "path", ">inputs", "bytes against the reference", ">s", .. Counted(">instructions")]);
        foreach (PathResult result in results)
        {
            string verdict = result.Identical ? "identical" : result.Path is null ? "not available" : "DIFFERENT";
            table.Row([result.Target, result.Path ?? "-", Units.Count(result.Inputs), verdict, Units.Number(result.Seconds, 1),
                .. Counted(result.Instructions > 0 ? Units.Count(result.Instructions) : "-")]);
        }

        return table;

        IEnumerable<string> Counted(string column) => isCounted ? [column] : [];
    }

    private static void Print(FloatComparison comparison, Terminal terminal)
    {
        terminal.Line($"against float {comparison.Onnx} in ONNX Runtime, {Units.Count(comparison.Images)} inputs");
        Table table = Tables.Create(">#", "layer", ">SQNR dB", ">cosine", ">largest error");
        for (int i = 0; i < comparison.Layers.Count; i++)
        {
            LayerDifference layer = comparison.Layers[i];
            table.Row(i.ToString(CultureInfo.InvariantCulture), layer.Name, Units.Number(layer.SqnrDecibels, 1),
                Units.Number(layer.Cosine, 5), Units.Number(layer.LargestError, 4));
        }

        terminal.Block(table);
        terminal.Line($"same class as float on {Units.Percent(comparison.Agreement)} of the inputs");
        if (comparison.FirstWrong is { } wrong)
        {
            terminal.Error($"int8 goes wrong first in layer '{wrong.Name}': {Units.Number(wrong.SqnrDecibels, 1)} dB, at least "
                + $"{Units.Number(comparison.LeastDecibels, 1)} dB are expected (--least-sqnr). Another --method, --equalize or --wide "
                + $"{wrong.Name} of `edgeconv convert` may help.");
        }
    }
}
