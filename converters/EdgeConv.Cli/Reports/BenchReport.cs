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
        terminal.Line($"{result.Model}, batch 1, {(result.Threads == 1 ? "one thread" : $"{result.Threads} threads")}");
        terminal.Block(Engines(result.Engines));
        terminal.Line($"layers on {result.Path}, each by itself");
        if (result.Ceilings is { } ceilings)
        {
            Explain(result.Layers, ceilings, terminal);
        }
        else
        {
            terminal.Block(Layers(result.Layers));
        }

        Machine machine = result.Machine;
        terminal.Line($"{machine.Cpu}, {machine.Cores} logical processors; {machine.System}; {machine.Dotnet}; "
            + $"ONNX Runtime {machine.OnnxRuntime}");
    }

    private static Table Layers(IReadOnlyList<LayerTiming> layers)
    {
        Table table = Tables.Create(">#", "layer", ">us");
        foreach ((int i, LayerTiming layer) in layers.Index())
        {
            table.Row(i.ToString(CultureInfo.InvariantCulture), layer.Name, Units.Number(layer.Microseconds));
        }

        return table;
    }

    /// <summary>A line a layer; below, why each algorithm was taken and what the last column was measured against.</summary>
    private static void Explain(IReadOnlyList<LayerTiming> layers, Ceilings ceilings, Terminal terminal)
    {
        Table table = Tables.Create(">#", "layer", "algorithm", ">us", ">GMAC/s", ">moved", "bound", ">reached");
        foreach ((int i, LayerTiming layer) in layers.Index())
        {
            LayerExplanation it = layer.Explanation!;
            table.Row(i.ToString(CultureInfo.InvariantCulture), layer.Name, it.Algorithm, Units.Number(layer.Microseconds),
                it.MultiplyAccumulates == 0 ? "" : Units.Number(it.GigaMacsPerSecond, 1), Units.Bytes(it.BytesMoved),
                it.Bound.ToString().ToLowerInvariant(), Units.Percent(it.ShareOfBound, 0));
        }

        terminal.Block(table);
        foreach (var choice in layers.Index().GroupBy(layer => (layer.Item.Explanation!.Algorithm, layer.Item.Explanation.Why)))
        {
            terminal.Line($"{choice.Key.Algorithm} (layers {string.Join(", ", choice.Select(layer => layer.Index))}): {choice.Key.Why}");
        }

        terminal.Line($"bounds: {Units.Number(ceilings.GigaMacsPerSecond, 0)} GMAC/s of the path's multiply instruction in registers, "
            + $"{Units.Number(ceilings.GigabytesPerSecond, 0)} GB/s of reading as much as the network holds; "
            + "an algorithm that multiplies less often than the plain rule may pass the first");
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
