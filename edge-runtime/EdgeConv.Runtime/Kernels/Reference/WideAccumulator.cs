using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime.Kernels.Reference;

/// <summary>
/// The sum of one output channel of a layer with int16 activations: its bias and what becomes of it. The type of the bias decides: int64
/// sums are scaled by a 15-bit multiplier, int32 sums as those of int8 layers.
/// </summary>
internal readonly ref struct WideAccumulator
{
    private readonly bool _inInt64;
    private readonly ReadOnlySpan<long> _wideBias;
    private readonly ReadOnlySpan<int> _bias;
    private readonly ReadOnlySpan<int> _multipliers;
    private readonly ReadOnlySpan<int> _shifts;
    private readonly int _min;
    private readonly int _max;

    public WideAccumulator(Model model, int bias, int multipliers, int shifts, int min, int max)
    {
        _inInt64 = model.Tensors[bias].Type == ElementType.Int64;
        _wideBias = _inInt64 ? model.Int64Data(bias) : [];
        _bias = _inInt64 ? [] : model.Int32Data(bias);
        _multipliers = model.Int32Data(multipliers);
        _shifts = model.Int32Data(shifts);
        (_min, _max) = (min, max);
    }

    /// <summary>The bias of a channel.</summary>
    public long Bias(int channel) => _inInt64 ? _wideBias[channel] : _bias[channel];

    /// <summary>The output of a channel's whole sum, bias included.</summary>
    public short Finish(int channel, long sum) => _inInt64
        ? Requantizer.ToInt16(sum, _multipliers[channel], _shifts[channel], _min, _max)
        : Requantizer.Int32ToInt16((int)sum, _multipliers[channel], _shifts[channel], _min, _max);

    /// <summary>Sum of products of a run of elements.</summary>
    public static unsafe long Dot(short* x, ReadOnlySpan<sbyte> weights, int weightZeroPoint)
    {
        long sum = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            sum += x[i] * (weights[i] - weightZeroPoint);
        }

        return sum;
    }
}
