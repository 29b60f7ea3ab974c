using EdgeConv.Cli.Screen;
using EdgeConv.Converters.CodeGen.Nano;
using Spectre.Console;

namespace EdgeConv.Cli.Reports;

/// <summary>How generated C# computes each layer, and what the whole takes.</summary>
internal static class NanoReport
{
    /// <summary>A table of the layers, and a line of sums.</summary>
    public static void Print(NanoProject project, NanoGoal goal, Terminal terminal)
    {
        Table table = Tables.Create("layer", "how", ">code", ">weights", ">work", ">operations");
        foreach (NanoLayer layer in project.Layers)
        {
            table.Row(layer.Name, layer.Algorithm, Units.Count(layer.CodeBytes), Units.Count(layer.WeightBytes), Units.Count(layer.WorkBytes), Units.Count(layer.Operations));
        }

        terminal.Block(table);
        string time = project.Time is { } estimate
            ? $"{Units.Estimate(estimate.LowSeconds)} to {Units.Estimate(estimate.HighSeconds)} on {goal.Board!.Name}"
            : "--board estimates the time";
        terminal.Line($"{Units.Count(project.Operations)} operations of byte code an inference, estimated: {time}");
        string slots = project.Image is null ? "" : $", {Units.Bytes(project.SlotRamBytes)} numbers and tables from the slot";
        terminal.Line($"{Units.Bytes(project.FlashBytes)} of flash, {Units.Bytes(project.RamBytes)} of RAM, of which {Units.Bytes(project.ArenaBytes)} are the arena{slots}; the runtime besides");
    }
}
