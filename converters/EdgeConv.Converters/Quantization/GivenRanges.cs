using EdgeConv.Converters.Graphs;

namespace EdgeConv.Converters.Quantization;

/// <summary>Ranges of values whose scale is known without calibration.</summary>
internal static class GivenRanges
{
    private const int MostNames = 8;

    /// <summary>The ranges with those of given scales, of fixed ones, and of what follows from either.</summary>
    /// <exception cref="ConversionException">Some value has neither a scale nor a calibrated range.</exception>
    public static Ranges Complete(Graph graph, Ranges ranges)
    {
        if (!graph.IsQuantized)
        {
            return ranges;
        }

        (Dictionary<string, ValueRange> all, List<string> missing) = Known(graph, ranges);
        return missing.Count == 0
            ? new Ranges(all)
            : throw new ConversionException($"The network is quantized in part: its file gives no scale for {string.Join(", ", missing.Take(MostNames))}"
                + $"{(missing.Count > MostNames ? $" and {missing.Count - MostNames} more" : "")}. Calibrate with pictures to find them.");
    }

    /// <summary>Values that have neither a scale nor a range.</summary>
    public static IReadOnlyList<string> Missing(Graph graph, Ranges ranges) => Known(graph, ranges).Missing;

    private static (Dictionary<string, ValueRange> All, List<string> Missing) Known(Graph graph, Ranges ranges)
    {
        Dictionary<string, ValueRange> all = new(ranges.ByValue);
        foreach ((string name, ActivationQuantization q) in graph.Given)
        {
            all[name] = Range(q);
        }

        List<string> missing = all.ContainsKey(graph.Input.Name) ? [] : [graph.Input.Name];
        foreach (Node node in graph.Nodes.Where(n => !all.ContainsKey(n.Output.Name)))
        {
            ValueRange? known = Fixed(node.Operation) is { } q ? Range(q)
                : node.Operation is MaxPool or AveragePool or Reshape or Pad or Transpose
                    && all.TryGetValue(node.Inputs[0], out ValueRange input) ? input
                : null;
            if (known is { } range)
            {
                all[node.Output.Name] = range;
            }
            else
            {
                missing.Add(node.Output.Name);
            }
        }

        return (all, missing);
    }

    /// <summary>The output scale that an operation has unless its file gives another; null where it has none.</summary>
    public static ActivationQuantization? Fixed(Operation operation) => operation switch
    {
        Activate { Function: Activation.Tanh } => ActivationQuantization.Tanh,
        Activate { Function: Activation.Sigmoid } or Softmax => ActivationQuantization.Probability,
        LogSoftmax => ActivationQuantization.LogProbability,
        _ => null,
    };

    private static ValueRange Range(ActivationQuantization q) => new((float)q.Min, (float)q.Max);
}
