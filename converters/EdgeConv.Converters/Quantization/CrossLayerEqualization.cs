using EdgeConv.Converters.Graphs;

namespace EdgeConv.Converters.Quantization;

/// <summary>
/// Gives the channels between two layers the same range: what one layer's filter is divided by, the next layer's weights for that
/// channel are multiplied by. ReLU, pooling and flattening let positive factors pass, so that outputs keep their values up to float
/// rounding. Nagel et al., Data-Free Quantization Through Weight Equalization and Bias Correction (2019), section 4.1.
/// </summary>
public static class CrossLayerEqualization
{
    private const int MostRounds = 30;
    private const double Settled = 1.001;
    private const double LargestFactor = 1 << 12;

    /// <summary>Equalizes every pair of neighbours, again and again until nothing moves.</summary>
    /// <param name="fused">What <see cref="Fusion.Apply"/> returned.</param>
    public static Graph Apply(Graph fused)
    {
        Node[] nodes = [.. fused.Nodes];
        (int First, int Second)[] pairs = [.. Pairs(fused)];
        bool moved = pairs.Length > 0;
        for (int round = 0; round < MostRounds && moved; round++)
        {
            moved = false;
            foreach ((int first, int second) in pairs)
            {
                double[] factors = Factors(nodes[first].Operation, nodes[second].Operation);
                nodes[first] = nodes[first] with { Operation = Divided(nodes[first].Operation, factors) };
                nodes[second] = nodes[second] with { Operation = Multiplied(nodes[second].Operation, factors) };
                moved |= factors.Any(f => Math.Max(f, 1 / f) > Settled);
            }
        }

        return fused with { Nodes = nodes };
    }

    /// <summary>Indices of layers with weights that see each other through nothing but what lets factors pass.</summary>
    private static IEnumerable<(int First, int Second)> Pairs(Graph graph)
    {
        Dictionary<string, int> readers = graph.ReaderCounts();
        for (int first = 0; first < graph.Nodes.Count; first++)
        {
            Node node = graph.Nodes[first];
            if (node.Operation is not (Conv2D { Activation: Activation.None or Activation.Relu }
                or FullyConnected { Activation: Activation.None or Activation.Relu }))
            {
                continue;
            }

            int channels = node.Output.Shape[^1];
            int at = first;
            do
            {
                string value = graph.Nodes[at].Output.Name;
                at = readers[value] == 1 ? graph.Nodes.ToList().FindIndex(n => n.Inputs.Contains(value)) : -1;
            }
            while (at >= 0 && LetsPass(graph.Nodes[at], channels));

            if (at >= 0 && InputChannels(graph.Nodes[at].Operation) is { } inputs && inputs % channels == 0
                && (inputs == channels || graph.Nodes[at].Operation is FullyConnected))
            {
                yield return (first, at);
            }
        }
    }

    // A row of a flattened image holds its channels in turn.
    private static bool LetsPass(Node node, int channels) => node.Operation switch
    {
        MaxPool or AveragePool or Activate { Function: Activation.Relu or Activation.None } => true,
        Reshape => node.Output.Shape is [_, var length] && length % channels == 0,
        _ => false,
    };

    private static int? InputChannels(Operation operation) => operation switch
    {
        Conv2D c => c.Weights.Length / c.Bias.Length / (c.Window.KernelH * c.Window.KernelW) * c.Groups,
        FullyConnected f => f.Weights.Length / f.Bias.Length,
        _ => null,
    };

    private static double[] Factors(Operation first, Operation second)
    {
        (float[] weights, float[] bias) = Constants(first);
        (float[] next, _) = Constants(second);
        int row = weights.Length / bias.Length;
        var outgoing = new double[bias.Length];
        var incoming = new double[bias.Length];
        for (int i = 0; i < weights.Length; i++)
        {
            outgoing[i / row] = Math.Max(outgoing[i / row], Math.Abs(weights[i]));
        }

        for (int i = 0; i < next.Length; i++)
        {
            int channel = InputChannel(second, i, bias.Length);
            incoming[channel] = Math.Max(incoming[channel], Math.Abs(next[i]));
        }

        return [.. outgoing.Zip(incoming, (o, i) =>
            o == 0 || i == 0 ? 1 : Math.Clamp(Math.Sqrt(o / i), 1 / LargestFactor, LargestFactor))];
    }

    private static (float[] Weights, float[] Bias) Constants(Operation operation) => operation switch
    {
        Conv2D c => (c.Weights, c.Bias),
        FullyConnected f => (f.Weights, f.Bias),
        _ => throw new ArgumentException($"{operation.Kind} has no weights.", nameof(operation)),
    };

    // The channel, of those of the layer before, that weight i is multiplied with.
    private static int InputChannel(Operation operation, int i, int channels)
    {
        if (operation is not Conv2D c)
        {
            return i % channels;
        }

        int groupIn = channels / c.Groups, groupOut = c.Bias.Length / c.Groups;
        int output = i / (c.Weights.Length / c.Bias.Length);
        return (output / groupOut * groupIn) + (i % groupIn);
    }

    private static Operation Divided(Operation operation, double[] factors)
    {
        (float[] weights, float[] bias) = Constants(operation);
        int row = weights.Length / bias.Length;
        return With(operation, [.. weights.Select((w, i) => (float)(w / factors[i / row]))],
            [.. bias.Select((b, o) => (float)(b / factors[o]))]);
    }

    private static Operation Multiplied(Operation operation, double[] factors)
    {
        (float[] weights, float[] bias) = Constants(operation);
        return With(operation, [.. weights.Select((w, i) => (float)(w * factors[InputChannel(operation, i, factors.Length)]))], bias);
    }

    private static Operation With(Operation operation, float[] weights, float[] bias) => operation switch
    {
        Conv2D c => c with { Weights = weights, Bias = bias },
        FullyConnected f => f with { Weights = weights, Bias = bias },
        _ => operation,
    };
}
