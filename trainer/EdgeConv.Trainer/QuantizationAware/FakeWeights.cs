using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Quantization;
using EdgeConv.Trainer.Native;
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
    private readonly int _outputs;
    private readonly KeptIntegers _kept;

    /// <summary>Sees its part of all parameters.</summary>
    public FakeWeights(FrozenQuantization quantization, Node node, Tensor flat, long start, ActivationQuantization input, ActivationQuantization output)
    {
        (_quantization, _node, _input, _output, _kept) = (quantization, node, input, output, new KeptIntegers());
        (float[] weights, float[] bias) = FrozenQuantization.Parts(node.Operation);
        _outputs = bias.Length;
        _weights = Leaf(flat.narrow(0, start, weights.Length));
        _bias = Leaf(flat.narrow(0, start + weights.Length, bias.Length));
    }

    private FakeWeights(FakeWeights other)
    {
        (_quantization, _node, _input, _output, _outputs, _kept) = (other._quantization, other._node, other._input, other._output, other._outputs, other._kept);
        (_weights, _bias) = (Leaf(other._weights), Leaf(other._bias));
    }

    /// <summary>Weights and bias.</summary>
    public IEnumerable<Tensor> Parameters => [_weights, _bias];

    /// <summary>Of both.</summary>
    public long Length => _weights.numel() + _bias.numel();

    /// <summary>The same layer with gradients of its own.</summary>
    public FakeWeights Replica() => new(this);

    /// <summary>The integers that stand for them, with gradients that reach the real ones.</summary>
    /// <param name="batch">What all parts of a batch have in common, so that one of them quantizes for all; null for no parts.</param>
    public Faked Fake(object? batch)
    {
        QuantizedWeights integers = _kept.Of(batch, () => _quantization.Quantize(_node, _weights.Floats(), _bias.Floats()));
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

    private static Tensor Leaf(Tensor values) => values.detach().requires_grad_(true).DetachFromDisposeScope();
}

/// <summary>A layer's integers for one pass.</summary>
/// <param name="Weights">[O, ...] in the converter's order.</param>
/// <param name="Bias">[O].</param>
/// <param name="Integers">The same with multipliers and clamps.</param>
/// <param name="Factors">[O]: from accumulator to output, unrounded.</param>
internal sealed record Faked(Tensor Weights, Tensor Bias, QuantizedWeights Integers, Tensor Factors);
