using EdgeConv.Converters.Graphs;
using EdgeConv.Runtime;

namespace EdgeConv.Converters.Quantization;

/// <summary>
/// Narrows the range of a value to what its only reader can tell apart; what is clipped would not have mattered, and the
/// steps become finer.
/// </summary>
public static class RangePropagation
{
    // Beyond these the outputs at 1/128 and 1/256 no longer change: tanh(3.2) > 127.5 / 128, sigmoid(6.3) > 255.5 / 256.
    private const float TanhLimit = 3.2f;
    private const float SigmoidLimit = 6.3f;

    /// <summary>The ranges to quantize with, from the last node to the first.</summary>
    internal static Ranges Apply(Graph graph, Ranges ranges)
    {
        Dictionary<string, int> readers = graph.ReaderCounts();
        Dictionary<string, ValueRange> result = new(ranges.ByValue);
        HashSet<string> shared = [];
        foreach (Node node in graph.Nodes.Reverse())
        {
            if (node.Operation is LogSoftmax)
            {
                // What is less likely than exp(-16) has no step of its own.
                result[node.Output.Name] = result[node.Output.Name] with
                {
                    Min = Math.Max(result[node.Output.Name].Min, (float)ActivationQuantization.LogProbability.Min),
                };
            }

            ValueRange output = result[node.Output.Name];
            foreach (string input in node.Inputs)
            {
                if (node.Operation is Pad pad)
                {
                    // The frame must be sayable at the scale of the picture.
                    result[input] = new ValueRange(Math.Min(result[input].Min, pad.Value), Math.Max(result[input].Max, pad.Value));
                }

                // The caller may supply anything; a value with several readers belongs to all of them.
                if (input == graph.Input.Name || readers[input] != 1)
                {
                    continue;
                }

                if (node.Operation is Concat || (shared.Contains(node.Output.Name) && KeepsScale(node.Operation)))
                {
                    // The very scale of the whole, so that no part has to change its own.
                    shared.Add(input);
                    result[input] = output;
                }
                else
                {
                    result[input] = Narrow(result[input], Useful(node.Operation, output));
                }
            }
        }

        return new Ranges(result);
    }

    /// <summary>The range of each value beyond which its reader tells nothing apart; infinite where there is none.</summary>
    internal static Dictionary<string, ValueRange> Limits(Graph graph, Ranges ranges) => Apply(graph, ranges).ByValue.ToDictionary(
        r => r.Key, r => new ValueRange(
            r.Value.Min > ranges[r.Key].Min ? r.Value.Min : float.NegativeInfinity,
            r.Value.Max < ranges[r.Key].Max ? r.Value.Max : float.PositiveInfinity));

    /// <summary>The same whatever the values are: what the functions behind them, such as tanh, no longer tell apart.</summary>
    public static IReadOnlyDictionary<string, ValueRange> Limits(Graph graph) => Apply(graph, new Ranges(graph.Values().Keys.ToDictionary(
        name => name, _ => new ValueRange(float.NegativeInfinity, float.PositiveInfinity)))).ByValue;

    private static bool KeepsScale(Operation operation) =>
        operation is MaxPool or AveragePool or Reshape or Pad or Transpose or Slice or ResizeImage;

    private static ValueRange Useful(Operation operation, ValueRange output) => operation switch
    {
        // A clamp and a maximum may change places, so pooling's narrower range serves the layer before it.
        MaxPool or Reshape or Transpose or Slice or ResizeImage { Mode: ResizeMode.Nearest } => output,
        Activate { Function: Activation.Tanh } => new ValueRange(-TanhLimit, TanhLimit),
        Activate { Function: Activation.Sigmoid } => new ValueRange(-SigmoidLimit, SigmoidLimit),
        Activate { Function: Activation.Relu or Activation.Relu6 } => new ValueRange(0, output.Max),
        Activate { Function: Activation.Clip } a => new ValueRange(a.Alpha, a.Beta),
        Activate { Function: Activation.HardSwish } => new ValueRange(-3, float.PositiveInfinity),
        Activate { Function: Activation.HardSigmoid, Alpha: > 0 } a => new ValueRange(-a.Beta / a.Alpha, (1 - a.Beta) / a.Alpha),
        _ => new ValueRange(float.NegativeInfinity, float.PositiveInfinity),
    };

    // Zero must stay inside.
    private static ValueRange Narrow(ValueRange range, ValueRange useful) => new(
        Math.Max(range.Min, Math.Min(useful.Min, 0)), Math.Min(range.Max, Math.Max(useful.Max, 0)));
}
