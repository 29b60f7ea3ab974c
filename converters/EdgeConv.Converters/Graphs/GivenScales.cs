using EdgeConv.Converters.Quantization;
using EdgeConv.Runtime;

namespace EdgeConv.Converters.Graphs;

/// <summary>
/// Scales that a network's file gives, brought to the rules of the runtime: pooling, reshaping, padding and transposing keep the scale of
/// their input, softmax has one of its own. What follows from a given scale without loss is given too; where a file changes the scale
/// in such a place, a change of scale stands behind it.
/// </summary>
internal static class GivenScales
{
    /// <summary>Gives values what their neighbours have, where the integers are the same.</summary>
    public static Graph Spread(Graph graph)
    {
        if (graph.Given.Count == 0)
        {
            return graph;
        }

        Dictionary<string, ActivationQuantization> given = new(graph.Given);
        Dictionary<string, int> readers = graph.ReaderCounts();
        foreach (Node node in graph.Nodes.Reverse().Where(n => n.Operation is Concat || KeepsIntegers(n.Operation)))
        {
            // Rounding and choosing or moving may change places. Other readers might want to know more.
            if (given.TryGetValue(node.Output.Name, out ActivationQuantization output))
            {
                foreach (string input in node.Inputs.Where(i => readers[i] == 1))
                {
                    given.TryAdd(input, output);
                }
            }
        }

        foreach (Node node in graph.Nodes)
        {
            bool same = node.Inputs.All(i => given.TryGetValue(i, out ActivationQuantization q) && q == given[node.Inputs[0]]);
            if (same && (KeepsScale(node.Operation) || node.Operation is Concat
                or Activate { Function: Activation.None or Activation.Relu or Activation.Relu6 or Activation.Clip }))
            {
                given.TryAdd(node.Output.Name, given[node.Inputs[0]]);
            }
        }

        return graph with { Given = given };
    }

    /// <summary>Drops changes of scale that change nothing.</summary>
    public static Graph WithoutIdentities(Graph graph)
    {
        Dictionary<string, string> renamed = [];
        string Now(string name) => renamed.GetValueOrDefault(name, name);
        var nodes = new List<Node>();
        foreach (Node node in graph.Nodes)
        {
            if (node.Operation is Activate { Function: Activation.None } && graph.Agree(node.Inputs[0], node.Output.Name))
            {
                renamed[node.Output.Name] = Now(node.Inputs[0]);
            }
            else
            {
                nodes.Add(node with { Inputs = [.. node.Inputs.Select(Now)] });
            }
        }

        return nodes.Count == 0 ? graph : graph with { Nodes = nodes, Output = Now(graph.Output) };
    }

    /// <summary>Puts a change of scale behind operations that cannot change it themselves.</summary>
    public static Graph Separate(Graph graph)
    {
        if (graph.Given.Count == 0)
        {
            return graph;
        }

        Dictionary<string, ActivationQuantization> given = new(graph.Given);
        Dictionary<string, Value> values = graph.Values();
        var nodes = new List<Node>();
        foreach (Node node in graph.Nodes)
        {
            bool fixedScale = FixedScale(node, given, out ActivationQuantization? found);
            if (!fixedScale || !given.TryGetValue(node.Output.Name, out ActivationQuantization wanted) || found == wanted)
            {
                nodes.Add(node);
            }
            else if (node.Operation is AveragePool { Window: { HasPadding: false } window })
            {
                nodes.Add(node with { Operation = AsConvolution(window, values[node.Inputs[0]].Shape[3]) });
            }
            else
            {
                var unscaled = new Value($"{node.Output.Name}.unscaled", node.Output.Shape);
                if (found is { } known)
                {
                    given[unscaled.Name] = known;
                }

                nodes.Add(node with { Output = unscaled });
                nodes.Add(new Node($"{node.Name}.requantize", new Activate(Activation.None), [unscaled.Name], node.Output));
            }
        }

        return graph with { Nodes = nodes, Given = given };
    }

    /// <summary>Whether nothing is lost when one value stands for both: their scales are the same, or the second has none.</summary>
    public static bool Agree(this Graph graph, string first, string second) =>
        !graph.Given.TryGetValue(second, out ActivationQuantization q) || (graph.Given.TryGetValue(first, out ActivationQuantization p) && p == q);

    // Whether an operation cannot choose its scale, and which it is; null where that is not known yet.
    private static bool FixedScale(Node node, Dictionary<string, ActivationQuantization> given, out ActivationQuantization? scale)
    {
        scale = node.Operation switch
        {
            Softmax => ActivationQuantization.Probability,
            LogSoftmax => ActivationQuantization.LogProbability,
            var o when KeepsScale(o) && given.TryGetValue(node.Inputs[0], out ActivationQuantization q) => q,
            _ => null,
        };
        return node.Operation is Softmax or LogSoftmax || KeepsScale(node.Operation);
    }

    // A mean in one rounding: one filter a channel whose weights are all 1, at a scale of 1 / taps.
    private static Conv2D AsConvolution(Window window, int channels)
    {
        int taps = window.KernelH * window.KernelW;
        var ones = new sbyte[channels * taps];
        Array.Fill(ones, (sbyte)1);
        return new Conv2D([.. Enumerable.Repeat(1f / taps, ones.Length)], new float[channels], window, channels)
        {
            Given = new GivenWeights(ones, [.. Enumerable.Repeat(1f / taps, channels)], new long[channels]),
        };
    }

    private static bool KeepsScale(Operation operation) => operation is AveragePool || KeepsIntegers(operation);

    private static bool KeepsIntegers(Operation operation) => operation is MaxPool or Reshape or Pad or Transpose;
}
