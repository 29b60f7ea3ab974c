using EdgeConv.Runtime;

namespace EdgeConv.Converters.Quantization;

/// <summary>A convolution that stores only the maximum of each window: its own output is no activation any more.</summary>
internal sealed record QuantizedPooledConv2D(QuantizedConv2D Convolution, Pooling Pool, int Min, int Max) : QuantizedOperation;

/// <summary>
/// Joins each convolution with the maximum pooling behind it: a quarter of the requantizations for a window of 2x2, and the picture in
/// between takes no memory. The bytes stay the same (QUANTIZATION.md, section 2).
/// </summary>
internal static class PoolFusion
{
    /// <summary>The graph with the pairs that fuse as one node each, named as the convolution, that gives the pooling's value.</summary>
    public static QuantizedGraph Apply(QuantizedGraph graph)
    {
        Dictionary<string, int> readers = graph.Nodes.SelectMany(n => n.Inputs).CountBy(name => name).ToDictionary();
        readers[graph.Output] = readers.GetValueOrDefault(graph.Output) + 1;
        Dictionary<string, QuantizedNode> poolings = graph.Nodes.Where(n => n.Operation is QuantizedMaxPool { Window: var w } && CanFuse(w))
            .Where(n => readers[n.Inputs[0]] == 1).ToDictionary(n => n.Inputs[0]);
        var nodes = new List<QuantizedNode>();
        var fused = new HashSet<QuantizedNode>(ReferenceEqualityComparer.Instance);
        foreach (QuantizedNode node in graph.Nodes)
        {
            if (node.Operation is QuantizedConv2D conv && CanFuse(conv, node.Output)
                && poolings.TryGetValue(node.Output.Name, out QuantizedNode? pooling) && IsAlike(node.Output, pooling.Output))
            {
                nodes.Add(new QuantizedNode(node.Name, Fused(conv, (QuantizedMaxPool)pooling.Operation), node.Inputs, pooling.Output));
                fused.Add(pooling);
            }
            else if (!fused.Contains(node))
            {
                nodes.Add(node);
            }
        }

        return graph with { Nodes = nodes };
    }

    // Windows that overlap would have their pixels computed several times.
    private static bool CanFuse(Window window) => !window.HasPadding && window is { DilationH: 1, DilationW: 1 }
        && window.KernelH <= window.StrideH && window.KernelW <= window.StrideW;

    // Depthwise kernels go row by row of a few channels and do not pool.
    private static bool CanFuse(QuantizedConv2D conv, QuantizedValue output) =>
        output.Type == ElementType.Int8 && (conv.Groups == 1 || conv.Groups < output.Shape[3]);

    private static bool IsAlike(QuantizedValue before, QuantizedValue after) =>
        before.Quantization == after.Quantization && before.Type == after.Type;

    // Two clamps, one after the other, are the clamp between what the second makes of the first one's ends.
    private static QuantizedPooledConv2D Fused(QuantizedConv2D conv, QuantizedMaxPool pooling)
    {
        (int least, int most) = (pooling.Min ?? sbyte.MinValue, pooling.Max ?? sbyte.MaxValue);
        Window w = pooling.Window;
        return new QuantizedPooledConv2D(conv, new Pooling(w.KernelH, w.KernelW, w.StrideH, w.StrideW),
            Math.Clamp(conv.Weights.Min, least, most), Math.Clamp(conv.Weights.Max, least, most));
    }
}
