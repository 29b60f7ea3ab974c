using EdgeConv.Converters.Graphs;

namespace EdgeConv.Converters.Quantization;

/// <summary>Sums over many pictures from which a <see cref="LayerReport"/> is made.</summary>
/// <param name="useful">What the layer's readers can tell apart; float values beyond it count as its ends.</param>
internal sealed class LayerStatistics(ValueRange useful)
{
    private double _signal, _energy, _error, _product;
    private double _min = double.PositiveInfinity, _max = double.NegativeInfinity;
    private long _count, _saturated;

    /// <summary>Compares one output.</summary>
    public void Add(ReadOnlySpan<float> real, ReadOnlySpan<sbyte> integers, ActivationQuantization quantization)
    {
        double low = quantization.Min - (quantization.Scale / 2), high = quantization.Max + (quantization.Scale / 2);
        for (int i = 0; i < real.Length; i++)
        {
            double f = Math.Clamp(real[i], useful.Min, useful.Max), q = quantization.Dequantize(integers[i]);
            _signal += f * f;
            _energy += q * q;
            _error += (f - q) * (f - q);
            _product += f * q;
            _min = Math.Min(_min, real[i]);
            _max = Math.Max(_max, real[i]);
            _saturated += f < low || f > high ? 1 : 0;
        }

        _count += real.Length;
    }

    /// <summary>Adds another thread's sums.</summary>
    public void Merge(LayerStatistics other)
    {
        _signal += other._signal;
        _energy += other._energy;
        _error += other._error;
        _product += other._product;
        _min = Math.Min(_min, other._min);
        _max = Math.Max(_max, other._max);
        _count += other._count;
        _saturated += other._saturated;
    }

    /// <summary>The figures.</summary>
    public LayerReport Report(Node node, ActivationQuantization quantization)
    {
        double lengths = Math.Sqrt(_signal * _energy);
        return new LayerReport(node.Name, node.Operation.Kind,
            _error > 0 && _signal > 0 ? 10 * Math.Log10(_signal / _error) : null,
            lengths > 0 ? Math.Min(_product / lengths, 1) : _signal == _energy ? 1 : 0,
            _min, _max, quantization.Scale, quantization.ZeroPoint, (double)_saturated / Math.Max(_count, 1));
    }
}
