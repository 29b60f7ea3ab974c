using EdgeConv.Converters.Graphs;

namespace EdgeConv.Converters.Quantization;

/// <summary>
/// Narrows the range of a value to what its only reader can tell apart; what is clipped would not have mattered, and the
/// steps become finer.
/// </summary>
internal static class RangePropagation
{
    // Beyond these the outputs at 1/128 and 1/256 no longer change: tanh(3.2) > 127.5 / 128, sigmoid(6.3) > 255.5 / 256.
    private const float TanhLimit = 3.2f;
    private const float SigmoidLimit = 6.3f;

    /// <summary>The ranges to quantize with, from the last node to the first.</summary>
    public static Ranges Apply(Graph graph, Ranges ranges)
    {
        Dictionary<string, int> readers = graph.ReaderCounts();
        Dictionary<string, ValueRange> result = new(ranges.ByValue);
        foreach (Node node in graph.Nodes.Reverse())
        {
            string input = node.Inputs[0];

            // The caller may supply anything; a value with several readers belongs to all of them.
            if (input == graph.Input.Name || readers[input] != 1)
            {
                continue;
            }

            ValueRange useful = node.Operation switch
            {
                // A clamp and a maximum may change places, so pooling's narrower range serves the layer before it.
                MaxPool or Reshape => result[node.Output.Name],
                Activate { Function: Activation.Tanh } => new ValueRange(-TanhLimit, TanhLimit),
                Activate { Function: Activation.Sigmoid } => new ValueRange(-SigmoidLimit, SigmoidLimit),
                _ => new ValueRange(float.NegativeInfinity, float.PositiveInfinity),
            };
            result[input] = Narrow(ranges[input], useful);
        }

        return new Ranges(result);
    }

    /// <summary>The range of each value beyond which its reader tells nothing apart; infinite where there is none.</summary>
    public static Dictionary<string, ValueRange> Limits(Graph graph, Ranges ranges) => Apply(graph, ranges).ByValue.ToDictionary(
        r => r.Key, r => new ValueRange(
            r.Value.Min > ranges[r.Key].Min ? r.Value.Min : float.NegativeInfinity,
            r.Value.Max < ranges[r.Key].Max ? r.Value.Max : float.PositiveInfinity));

    // Zero must stay inside.
    private static ValueRange Narrow(ValueRange range, ValueRange useful) => new(
        Math.Max(range.Min, Math.Min(useful.Min, 0)), Math.Min(range.Max, Math.Max(useful.Max, 0)));
}
