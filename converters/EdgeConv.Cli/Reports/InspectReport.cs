using System.Globalization;
using EdgeConv.Cli.Models;
using EdgeConv.Cli.Screen;
using EdgeConv.Converters.Boards;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Preprocessing;
using Spectre.Console;

namespace EdgeConv.Cli.Reports;

/// <summary>What `inspect` says, for people and for programs.</summary>
internal static class InspectReport
{
    /// <summary>For people.</summary>
    public static void Print(Model model, ModelSummary summary, Fit? fit, Terminal terminal)
    {
        terminal.Line(model.Name);
        terminal.Block(Layers(summary));
        terminal.Line($"parameters {Units.Count(summary.Parameters)}, multiply-accumulates an inference {Units.Count(summary.Macs)}");
        terminal.Line($"flash {Units.Count(model.FileBytes)} bytes ({Units.Bytes(model.FileBytes)}), "
            + $"arena {Units.Count(model.ArenaBytes)} bytes ({Units.Bytes(model.ArenaBytes)})");
        terminal.Block(Arena(summary));
        terminal.Line($"input   {Tensor(model.Input)}");
        terminal.Line($"output  {Tensor(model.Output)}");
        terminal.Line($"picture {Picture(model.Preprocessing)}");
        terminal.Line($"labels  {(model.Labels.Count == 0 ? "none" : string.Join(", ", model.Labels))}");
        terminal.Line($"golden  {model.GoldenVectors.Count} vectors with {model.Operators.Count} layer hashes each");
        foreach ((string key, string value) in model.Metadata)
        {
            terminal.Line($"{key} = {value}");
        }

        if (fit is not null)
        {
            terminal.Line();
            FitReport.Print(fit, terminal);
            terminal.Line(fit.Fits ? FitReport.Verdict(fit) : $"does not fit {fit.Board.Id}");
        }
    }

    /// <summary>For programs.</summary>
    public static object ToJson(Model model, ModelSummary summary, Fit? fit) => new
    {
        model.Name,
        summary.Parameters,
        summary.Macs,
        FlashBytes = model.FileBytes,
        model.ArenaBytes,
        summary.Layers,
        summary.Arena,
        Input = new { model.Input.Name, Type = Units.Type(model.Input), model.Input.Shape, model.Input.Scale, model.Input.ZeroPoint },
        Output = new { model.Output.Name, Type = Units.Type(model.Output), model.Output.Shape, model.Output.Scale, model.Output.ZeroPoint },
        Preprocessing = model.Preprocessing?.Layout,
        model.Labels,
        GoldenVectors = model.GoldenVectors.Count,
        Metadata = model.Metadata.GroupBy(pair => pair.Key).ToDictionary(group => group.Key, group => group.Last().Value),
        Fit = fit is null ? null : FitReport.ToJson(fit),
    };

    private static Table Layers(ModelSummary summary)
    {
        Table table = Tables.Create(">#", "layer", "kind", "output", ">parameters", ">MACs", ">bytes");
        for (int i = 0; i < summary.Layers.Count; i++)
        {
            LayerSummary layer = summary.Layers[i];
            table.Row(i.ToString(CultureInfo.InvariantCulture), layer.Name, layer.Kind, layer.ShapeText(),
                Units.Count(layer.Parameters), Units.Count(layer.Macs), Units.Count(layer.WeightBytes));
        }

        return table;
    }

    private static Table Arena(ModelSummary summary)
    {
        Table table = Tables.Create("arena slot", "shape", ">from", ">to", ">bytes", "written by", "last read by");
        foreach (ArenaSlot slot in summary.Arena)
        {
            table.Row(slot.Tensor, Units.Shape(slot.Shape), Units.Count(slot.Offset), Units.Count(slot.Offset + slot.Bytes),
                Units.Count(slot.Bytes), Step(slot.First), Step(slot.Last));
        }

        return table;

        string Step(int index) => index < 0 || index >= summary.Layers.Count ? "the caller" : summary.Layers[index].Name;
    }

    private static string Tensor(TensorInfo tensor)
    {
        string zeroPoint = tensor.ZeroPoint < 0 ? $"+ {-tensor.ZeroPoint}" : $"- {tensor.ZeroPoint}";
        return string.Create(
            CultureInfo.InvariantCulture, $"{tensor.Name}, {Units.Type(tensor)} {Units.Shape(tensor.Shape)}, real = {tensor.Scale:G6} * (q {zeroPoint})");
    }

    private static string Picture(PreprocessingRecord? record) => record is null
        ? "none: the model takes raw tensors only"
        : Units.Layout(record.Layout);
}
