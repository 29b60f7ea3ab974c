using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Quantization;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeConv.Trainer.QuantizationAware;

/// <summary>The weights of one layer, quantized anew by the converter's own code whenever they have changed.</summary>
internal sealed class FakeWeights : IDisposable
{
    private readonly FrozenQuantization _quantization;
    private readonly Node _node;
    private readonly ActivationQuantization _input, _output;
    private readonly Tensor _weights, _bias;
    private readonly int _start, _outputs;
    private readonly KeptIntegers _kept;

    /// <summary>Sees its part of all parameters.</summary>
    public FakeWeights(FrozenQuantization quantization, Node node, Tensor flat, long start, ActivationQuantization input, ActivationQuantization output)
        : this(quantization, node, flat, start, input, output, new KeptIntegers())
    {
    }

    private FakeWeights(FrozenQuantization quantization, Node node, Tensor flat, long start, ActivationQuantization input,
        ActivationQuantization output, KeptIntegers kept)
    {
        _kept = kept;
        (_quantization, _node, _start, _input, _output) = (quantization, node, (int)start, input, output);
        (float[] weights, float[] bias) = FrozenQuantization.Parts(node.Operation);
        _outputs = bias.Length;
        _weights = Part(flat, start, weights.Length);
        _bias = Part(flat, start + weights.Length, bias.Length);
    }

    /// <summary>Weights and bias.</summary>
    public IEnumerable<Tensor> Parameters => [_weights, _bias];

    /// <summary>Of both.</summary>
    public long Length => _weights.numel() + _bias.numel();

    /// <summary>The same layer with gradients of its own.</summary>
    public FakeWeights Replica(Tensor flat) => new(_quantization, _node, flat, _start, _input, _output, _kept);

    /// <summary>The integers that stand for them, with gradients that reach the real ones.</summary>
    /// <param name="flat">All parameters as they are now.</param>
    /// <param name="batch">What all parts of a batch have in common, so that one of them quantizes for all; null for no parts.</param>
    public Faked Fake(float[] flat, object? batch)
    {
        int length = (int)_weights.numel();
        QuantizedWeights integers = _kept.Of(batch, () => _quantization.Quantize(
            _node, flat.AsSpan(_start, length).ToArray(), flat.AsSpan(_start + length, _outputs).ToArray()));
        Tensor scales = tensor(integers.Scales);
        // A weight at the end of its range keeps its gradient: its channel's scale follows it.
        Tensor weights = FixedPoint.StraightThrough(
            tensor(integers.Weights).to(ScalarType.Float32).view(_outputs, -1), _weights.view(_outputs, -1) / scales.view(-1, 1));
        Tensor bias = FixedPoint.StraightThrough(
            tensor(integers.Bias).to(ScalarType.Float32), _bias / (scales * _input.Scale));
        return new Faked(weights, bias, integers, scales * (_input.Scale / _output.Scale));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _weights.Dispose();
        _bias.Dispose();
    }

    /// <summary>The integers of the batch that is computed now.</summary>
    private sealed class KeptIntegers
    {
        private readonly Lock _lock = new();
        private (object Batch, QuantizedWeights Integers)? _last;

        public QuantizedWeights Of(object? batch, Func<QuantizedWeights> quantize)
        {
            if (batch == null) return quantize();
            lock (_lock)
            {
                if (_last?.Batch != batch) _last = (batch, quantize());
                return _last.Value.Integers;
            }
        }
    }

    private static Tensor Part(Tensor flat, long start, long length) =>
        flat.narrow(0, start, length).detach().requires_grad_(true).DetachFromDisposeScope();
}

/// <summary>A layer's integers for one pass.</summary>
/// <param name="Weights">[O, ...] in the converter's order.</param>
/// <param name="Bias">[O].</param>
/// <param name="Integers">The same with multipliers and clamps.</param>
/// <param name="Factors">[O]: from accumulator to output, unrounded.</param>
internal sealed record Faked(Tensor Weights, Tensor Bias, QuantizedWeights Integers, Tensor Factors);
