using EdgeConv.Cli.Screen;
using EdgeConv.Cli.Visualization;
using EdgeConv.Converters.Visualization;
using Spectre.Console;

namespace EdgeConv.Cli.Reports;

/// <summary>What `visualize` says beside its page, for people and for programs.</summary>
internal static class VisualizationReport
{
    /// <summary>A line a layer.</summary>
    public static void Print(VisualizeResult result, long pageBytes, Terminal terminal)
    {
        Table table = Tables.Create("layer", ">a unit sees", ">units", ">with a replaced patch", ">patches kept", "most changed");
        foreach (LayerPatches layer in result.Survey.Layers)
        {
            FieldOfView field = layer.Field.At(0, 0);
            int all = layer.Units.Sum(unit => unit.Kept + unit.Changed);
            UnitPatches most = layer.Units[0];
            table.Row(layer.Layer, $"{field.Height}x{field.Width}", Units.Count(layer.Units.Count),
                Units.Count(layer.Units.Count(unit => unit.Changed > 0)),
                Units.Percent(all == 0 ? 1 : layer.Units.Sum(unit => unit.Kept) / (double)all, 1),
                $"unit {most.Unit}: {most.Kept} of {most.Kept + most.Changed} kept, response {Units.Percent(most.Deviation, 1)} off");
        }

        terminal.Block(table);
        (double real, double int8, double same) = result.Accuracy;
        terminal.Line($"{Units.Count(result.Survey.Answers.Count)} pictures of {result.Data.Name}: float {Units.Percent(real)}, "
            + $"int8 {Units.Percent(int8)} right; the same class on {Units.Percent(same)}");
        terminal.Line($"wrote {result.Options.Output}, {Units.Bytes(pageBytes)}");
    }

    /// <summary>The ranking of all units, and the answers in numbers.</summary>
    public static object ToJson(VisualizeResult result)
    {
        (double real, double int8, double same) = result.Accuracy;
        return new
        {
            result.Options.Source,
            result.Options.Data,
            result.Options.Output,
            Images = result.Survey.Answers.Count,
            FloatAccuracy = real,
            Int8Accuracy = int8,
            Agreement = same,
            Layers = result.Survey.Layers.Select(layer => new
            {
                layer.Layer,
                ReceptiveField = layer.Field,
                layer.Shape,
                layer.Units,
            }),
        };
    }
}
