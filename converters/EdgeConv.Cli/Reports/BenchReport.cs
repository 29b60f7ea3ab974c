using System.Globalization;
using EdgeConv.Cli.Screen;
using EdgeConv.Cli.Yardstick;
using Spectre.Console;

namespace EdgeConv.Cli.Reports;

/// <summary>What `bench` says to people.</summary>
internal static class BenchReport
{
    /// <summary>Engines, layers and the machine.</summary>
    public static void Print(BenchResult result, Terminal terminal)
    {
        terminal.Line($"{result.Model}, batch 1, one thread");
        terminal.Block(Engines(result.Engines));
        Table layers = Tables.Create(">#", "layer", ">us");
        for (int i = 0; i < result.Layers.Count; i++)
        {
            layers.Row(i.ToString(CultureInfo.InvariantCulture), result.Layers[i].Name, Units.Number(result.Layers[i].Microseconds));
        }

        terminal.Line($"layers on {result.Path}, each by itself");
        terminal.Block(layers);
        Machine machine = result.Machine;
        terminal.Line($"{machine.Cpu}, {machine.Cores} logical processors; {machine.System}; {machine.Dotnet}; "
            + $"ONNX Runtime {machine.OnnxRuntime}");
    }

    /// <summary>The table of engines; a ratio above 1 is slower than the first.</summary>
    public static Table Engines(IReadOnlyList<Timing> timings)
    {
        Table table = Tables.Create("engine", ">median", ">best", ">rounds", ">times the first");
        foreach (Timing timing in timings)
        {
            table.Row(timing.Name, Units.Time(timing.MedianMilliseconds / 1e3), Units.Time(timing.BestMilliseconds / 1e3),
                Units.Count(timing.Rounds), Units.Number(timing.Ratio));
        }

        return table;
    }
}
