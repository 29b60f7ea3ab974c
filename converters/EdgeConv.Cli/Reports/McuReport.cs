using EdgeConv.Cli.Microcontrollers;
using EdgeConv.Cli.Screen;
using Spectre.Console;

namespace EdgeConv.Cli.Reports;

/// <summary>What `bench --on` says to people.</summary>
internal static class McuReport
{
    /// <summary>A table a processor, then what is true of all of them.</summary>
    public static void Print(string model, IReadOnlyList<McuResult> results, Terminal terminal)
    {
        foreach (McuResult result in results)
        {
            terminal.Line($"{model} on an emulated {result.Processor}, C for {result.Optimize.ToString().ToLowerInvariant()}");
            terminal.Block(Layers(result));
            terminal.Line($"instructions  {Units.Count(result.Instructions)} an inference, {Units.Number((double)result.Instructions / Math.Max(1, result.Macs))} a multiply-accumulate; counted");
            terminal.Line($"cycles        {(result.Cycles is { } cycles ? $"{Units.Count(cycles)}, {result.CyclesBy}" : result.CyclesBy)}");
            terminal.Line($"RAM           {Units.Count(result.ArenaBytes)} B of arena, {Units.Count(result.StackBytes)} B of stack measured, {Units.Count(result.StackBound)} B by the compiler's call graph");
            terminal.Line($"flash         {Units.Count(result.CodeBytes)} B of code, {Units.Count(result.TableBytes)} B of weights and tables");
            if (result.CmsisNn is { } other)
            {
                terminal.Line(Compare(result, other));
            }

            terminal.Line("");
        }

        terminal.Line("Cycles are a model: each block of instructions as if it followed itself, no wait states of the flash, no caches, no mispredicted branch.");
    }

    private static Table Layers(McuResult result)
    {
        bool other = result.CmsisNn is not null;
        Table table = Tables.Create(["layer", "how", ">instructions", ">/MAC", ">share", ">cycles", .. other ? (string[])[">CMSIS-NN", ">of it"] : []]);
        foreach (McuLayer layer in result.Layers)
        {
            table.Row(
            [
                layer.Name, layer.Algorithm, Units.Count(layer.Instructions), layer.InstructionsPerMac is { } rate ? Units.Number(rate) : "",
                Units.Percent((double)layer.Instructions / Math.Max(1, result.Instructions), 1), layer.Cycles is { } cycles ? Units.Count(cycles) : "",
                .. other ? Other(layer) : [],
            ]);
        }

        return table;
    }

    private static string[] Other(McuLayer layer) => layer.CmsisNnInstructions is { } instructions
        ? [Units.Count(instructions) + (layer.SameBytes == true ? "" : " (other bytes)"), Units.Number((double)layer.Instructions / Math.Max(1, instructions))]
        : ["", ""];

    private static string Compare(McuResult result, CmsisNnTotal other) =>
        $"CMSIS-NN      {Units.Count(other.Instructions)} instructions for {other.Layers} of {result.Layers.Count} layers, -O3; ours for these {Units.Count(other.OurInstructions)}, {Units.Number((double)other.OurInstructions / Math.Max(1, other.Instructions))} of it";
}
