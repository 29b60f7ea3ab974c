using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Quantization;
using EdgeConv.Trainer.Native;
using EdgeConv.Trainer.Networks;
using EdgeConv.Trainer.Parts;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeConv.Trainer.QuantizationAware;

/// <summary>
/// A network that computes forward what the int8 model computes, byte for byte, and backward as if nothing had been rounded. Batch
/// normalization is folded already, so its parameters are the weights that get quantized.
/// </summary>
public sealed class FakeQuantizedNetwork : IPartedNetwork
{
    private readonly FrozenQuantization _quantization;
    private readonly Dictionary<string, FakeWeights> _layers = [];
    private readonly Dictionary<string, ActivationQuantization> _scales;
    private readonly PictureCodes _codes;
    private readonly bool _isReplica;

    /// <summary>With the weights that the quantization began with.</summary>
    /// <exception cref="TrainingException">The network has operations that cannot be trained here, or does not take pictures.</exception>
    public FakeQuantizedNetwork(FrozenQuantization quantization)
    {
        LibTorch.Prepare();
        FakeLayers.Check(quantization.Start);
        _quantization = quantization;
        QuantizedGraph start = quantization.Start;
        _scales = start.Nodes.Select(n => n.Output).Prepend(start.Input).ToDictionary(v => v.Name, v => v.Quantization);
        using DisposeScope scope = NewDisposeScope();
        _codes = new PictureCodes(start);
        Flat = tensor(quantization.Weights).DetachFromDisposeScope();
        Statistics = zeros(0).DetachFromDisposeScope();
        long offset = 0;
        foreach (Node node in quantization.Layers)
        {
            var layer = new FakeWeights(quantization, node, Flat, offset, _scales[node.Inputs[0]], _scales[node.Output.Name]);
            _layers.Add(node.Name, layer);
            offset += layer.Length;
        }
    }

    private FakeQuantizedNetwork(FakeQuantizedNetwork other)
    {
        (_quantization, _scales, _codes, Flat, Statistics, _isReplica) =
            (other._quantization, other._scales, other._codes, other.Flat, other.Statistics, true);
        using DisposeScope scope = NewDisposeScope();
        foreach ((string name, FakeWeights layer) in other._layers) _layers.Add(name, layer.Replica());
    }

    /// <inheritdoc/>
    public Tensor Flat { get; }

    /// <inheritdoc/>
    public Tensor Statistics { get; }

    /// <inheritdoc/>
    public IReadOnlyList<(long Start, long Length)> Trainable => [(0, Flat.numel())];

    /// <inheritdoc/>
    public bool HasDropout => false;

    /// <inheritdoc/>
    public Tensor Forward(Tensor pictures, Pass pass = default) => Forward(pictures, null);

    /// <summary>Computes class scores, and shows what each layer gives.</summary>
    /// <param name="pictures">NCHW, normalized.</param>
    /// <param name="visit">Gets the name of each value and its integers less the zero point, NCHW.</param>
    /// <param name="batch">What all parts of a batch have in common; null for no parts.</param>
    internal Tensor Forward(Tensor pictures, Action<string, Tensor>? visit, object? batch = null)
    {
        QuantizedGraph graph = _quantization.Start;
        var values = new Dictionary<string, Tensor> { [graph.Input.Name] = _codes.Of(pictures) };
        visit?.Invoke(graph.Input.Name, values[graph.Input.Name]);
        foreach (QuantizedNode node in graph.Nodes)
        {
            Tensor[] inputs = [.. node.Inputs.Select(name => values[name])];
            ActivationQuantization[] scales = [.. node.Inputs.Select(name => _scales[name])];
            values[node.Output.Name] = _layers.TryGetValue(node.Name, out FakeWeights? layer)
                ? FakeLayers.Forward(node, inputs[0], layer.Fake(batch))
                : FakeLayers.Forward(node, inputs, scales);
            visit?.Invoke(node.Output.Name, values[node.Output.Name]);
        }

        // The largest score is the answer before and after a softmax, and the loss takes scores.
        QuantizedNode last = graph.Nodes.First(n => n.Output.Name == graph.Output);
        string scores = last.Operation is QuantizedSoftmax or QuantizedLogSoftmax ? last.Inputs[0] : graph.Output;
        return values[scores].flatten(1) * _scales[scores].Scale;
    }

    /// <inheritdoc/>
    public void Load(float[] weights) => TorchNetwork.Copy(weights, Flat);

    IPartedNetwork IPartedNetwork.Replica() => new FakeQuantizedNetwork(this);

    void IPartedNetwork.AddGradients(Tensor sum, bool first) =>
        TorchNetwork.AddGradients(sum, 0, _quantization.Layers.SelectMany(node => _layers[node.Name].Parameters), first);

    // Batch normalization is folded: a part needs nothing of the others.
    IEnumerable<double[]> IPartedNetwork.Learn(Exchange exchange, Tensor pictures, Pass pass, Func<Tensor, Tensor> loss)
    {
        loss(Forward(pictures, null, exchange)).backward();
        return [];
    }

    IEnumerable<double[]> IPartedNetwork.Measure(Exchange exchange, Tensor pictures, Pass pass, bool measures) => [];

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (FakeWeights layer in _layers.Values) layer.Dispose();
        if (_isReplica) return;
        _codes.Dispose();
        Flat.Dispose();
        Statistics.Dispose();
    }
}
