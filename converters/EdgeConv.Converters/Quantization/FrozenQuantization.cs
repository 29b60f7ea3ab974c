using EdgeConv.Converters.Graphs;

namespace EdgeConv.Converters.Quantization;

/// <summary>
/// A network whose activations keep their scales while its weights still change, as in quantization-aware training. The integers of any
/// weights are those that a conversion would give them, by the same code: what a training simulates is what runs.
/// </summary>
public sealed class FrozenQuantization
{
    private readonly Graph _fused, _scaled;
    private readonly QuantizerOptions _options;
    private readonly Dictionary<string, ActivationQuantization> _scales;

    private FrozenQuantization(Graph fused, QuantizedGraph start, QuantizerOptions options)
    {
        (_fused, Start, _options) = (fused, start, options);
        _scales = start.Nodes.Select(n => n.Output).Prepend(start.Input).ToDictionary(v => v.Name, v => v.Quantization);
        _scaled = fused with { Given = _scales };
        Layers = [.. fused.Nodes.Where(n => n.Operation is Conv2D or FullyConnected)];
        Weights = [.. Layers.SelectMany(n => (float[])[.. Parts(n.Operation).Weights, .. Parts(n.Operation).Bias])];
    }

    /// <summary>The network as post-training quantization makes it.</summary>
    public QuantizedGraph Start { get; }

    /// <summary>The convolutions and fully connected layers, in order.</summary>
    public IReadOnlyList<Node> Layers { get; }

    /// <summary>The weights to begin with: of each layer its weights (OHWI, or [O, I]), then its bias.</summary>
    public float[] Weights { get; }

    /// <summary>Quantizes once; the scales of all activations stay.</summary>
    /// <param name="fused">What <see cref="Fusion.Apply"/> returned for a float network.</param>
    /// <param name="ranges">What <see cref="Calibrator.Run"/> returned for it.</param>
    /// <param name="options">Null for int8 throughout.</param>
    /// <exception cref="ConversionException">The network is quantized already, or has no int8 form.</exception>
    public static FrozenQuantization Create(Graph fused, Ranges ranges, QuantizerOptions? options = null)
    {
        if (fused.IsQuantized)
        {
            throw new ConversionException($"The network '{fused.Name}' is quantized already; its float form is expected.");
        }

        options ??= new QuantizerOptions();
        return options.Wide.Count == 0
            ? new FrozenQuantization(fused, Quantizer.Quantize(fused, ranges, options), options)
            : throw new ConversionException("Layers with int16 activations lose nothing that training could bring back; leave them out.");
    }

    /// <summary>The float network with other weights.</summary>
    /// <param name="weights">As <see cref="Weights"/>.</param>
    public Graph Float(ReadOnlySpan<float> weights) => WithWeights(_fused, weights);

    /// <summary>The int8 network with other weights.</summary>
    /// <param name="weights">As <see cref="Weights"/>.</param>
    public QuantizedGraph Quantize(ReadOnlySpan<float> weights) => Quantizer.Quantize(WithWeights(_scaled, weights), Ranges.None, _options);

    /// <summary>One layer with other weights: the integers and multipliers that it has in <see cref="Quantize(ReadOnlySpan{float})"/>.</summary>
    /// <param name="layer">One of <see cref="Layers"/>.</param>
    /// <param name="weights">In its order.</param>
    /// <param name="bias">[O].</param>
    public QuantizedWeights Quantize(Node layer, float[] weights, float[] bias) => Quantizer.Layer(
        layer with { Operation = With(layer.Operation, weights, bias) }, _scales[layer.Inputs[0]], _scales[layer.Output.Name],
        _options.Of(layer.Name));

    /// <summary>Weights and bias of a layer.</summary>
    public static (float[] Weights, float[] Bias) Parts(Operation operation) => operation switch
    {
        Conv2D c => (c.Weights, c.Bias),
        FullyConnected f => (f.Weights, f.Bias),
        _ => ([], []),
    };

    private static Graph WithWeights(Graph graph, ReadOnlySpan<float> weights)
    {
        var nodes = new List<Node>();
        foreach (Node node in graph.Nodes)
        {
            (int w, int b) = (Parts(node.Operation).Weights.Length, Parts(node.Operation).Bias.Length);
            nodes.Add(node with { Operation = With(node.Operation, weights[..w].ToArray(), weights.Slice(w, b).ToArray()) });
            weights = weights[(w + b)..];
        }

        return graph with { Nodes = nodes };
    }

    private static Operation With(Operation operation, float[] weights, float[] bias) => operation switch
    {
        Conv2D c => c with { Weights = weights, Bias = bias },
        FullyConnected f => f with { Weights = weights, Bias = bias },
        _ => operation,
    };
}
