using EdgeConv.Converters.Graphs;
using EdgeConv.Runtime;

namespace EdgeConv.Converters.Quantization;

/// <summary>Sums over many pictures from which a <see cref="LayerReport"/> is made.</summary>
internal sealed class LayerStatistics
{
    private const int Bins = 64;
    private const double Margin = 0.08;

    private readonly ValueRange _useful;
    private readonly QuantizedValue _value;
    private readonly double _low, _high, _first, _binsPerUnit;
    private readonly long[] _counts = new long[Bins];
    private double _signal, _energy, _error, _product;
    private double _min = double.PositiveInfinity, _max = double.NegativeInfinity;
    private long _count, _saturated;

    /// <summary>Empty sums.</summary>
    /// <param name="useful">What the layer's readers can tell apart; float values beyond it count as its ends.</param>
    /// <param name="seen">What calibration saw; the histogram covers it and what the integers cover.</param>
    /// <param name="value">The quantized output.</param>
    public LayerStatistics(ValueRange useful, ValueRange seen, QuantizedValue value)
    {
        (_useful, _value) = (useful, value);
        double half = value.Quantization.Scale / 2;
        (_low, _high) = (value.Limits.Min - half, value.Limits.Max + half);
        (double min, double max) = (Math.Min(seen.Min, value.Limits.Min), Math.Max(seen.Max, value.Limits.Max));
        double margin = (max - min) * Margin;
        _first = min - margin;
        _binsPerUnit = Bins / (max - min + (2 * margin));
    }

    /// <summary>Compares one output.</summary>
    public void Add(ReadOnlySpan<float> real, ReadOnlySpan<float> quantized)
    {
        for (int i = 0; i < real.Length; i++)
        {
            double f = Math.Clamp(real[i], _useful.Min, _useful.Max), q = quantized[i];
            _signal += f * f;
            _energy += q * q;
            _error += (f - q) * (f - q);
            _product += f * q;
            _min = Math.Min(_min, real[i]);
            _max = Math.Max(_max, real[i]);
            _saturated += f < _low || f > _high ? 1 : 0;
            _counts[(int)Math.Clamp((real[i] - _first) * _binsPerUnit, 0, Bins - 1)]++;
        }

        _count += real.Length;
    }

    /// <summary>Adds another picture's sums.</summary>
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
        for (int i = 0; i < Bins; i++)
        {
            _counts[i] += other._counts[i];
        }
    }

    /// <summary>The figures.</summary>
    public LayerReport Report(Node node, QuantizedOperation operation)
    {
        double lengths = Math.Sqrt(_signal * _energy);
        return new LayerReport(node.Name, node.Operation.Kind,
            _error > 0 && _signal > 0 ? 10 * Math.Log10(_signal / _error) : null,
            lengths > 0 ? Math.Min(_product / lengths, 1) : _signal == _energy ? 1 : 0,
            _min, _max, _value.Quantization.Scale, _value.Quantization.ZeroPoint, (double)_saturated / Math.Max(_count, 1))
        {
            Precision = Precision(operation, _value),
            Histogram = new ValueHistogram(_first, _first + (Bins / _binsPerUnit), _value.Limits.Min, _value.Limits.Max, _counts),
        };
    }

    /// <summary>A layer that is not compared with anything.</summary>
    public static LayerReport Alone(QuantizedNode node) => new(node.Name, node.Operation.GetType().Name.Replace("Quantized", "", StringComparison.Ordinal),
        null, null, null, null, node.Output.Quantization.Scale, node.Output.Quantization.ZeroPoint, null)
    {
        Precision = Precision(node.Operation, node.Output),
    };

    private static string Precision(QuantizedOperation operation, QuantizedValue value)
    {
        QuantizedWeights? weights = operation switch
        {
            QuantizedConv2D c => c.Weights,
            QuantizedFullyConnected f => f.Weights,
            _ => null,
        };
        string activations = value.Type == ElementType.Int16 ? "int16" : "int8";
        return weights is null ? activations : (activations, weights.Type) switch
        {
            ("int16", ElementType.Int4) => "16x4",
            ("int16", _) => "16x8",
            (_, ElementType.Int4) => "8x4",
            _ => "int8",
        };
    }
}
