using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Converters.Quantization;

/// <summary>A unary function of int16 as 513 entries with lines between them.</summary>
public sealed record QuantizedWideTable(short[] Table) : QuantizedOperation;

/// <summary>Softmax of int16 over the last dimension; output scale 2^-15.</summary>
/// <param name="Factor">Input scale * beta / (10 / 65535).</param>
public sealed record QuantizedWideSoftmax(QuantizedMultiplier Factor) : QuantizedOperation
{
    /// <summary>For logits of that scale, as TFLite scales them.</summary>
    public static QuantizedWideSoftmax FromScale(float inputScale, float beta = 1) =>
        new(QuantizedMultiplier.From((double)inputScale * beta / (10.0 / 65535.0)));
}

/// <summary>Sigmoid or tanh of int16; output scale 2^-15.</summary>
/// <param name="Multiplier">Takes the input to steps of 2^-12 / 3, with the shift.</param>
/// <param name="RightShift">Of the product.</param>
/// <param name="IsTanh">Tanh, else sigmoid.</param>
public sealed record QuantizedWideSigmoid(int Multiplier, int RightShift, bool IsTanh) : QuantizedOperation
{
    private const int FractionBits = 12;
    private const double NearlyWhole = 1e-3;

    /// <summary>For inputs of that scale, as TFLite scales them: near 2^-12 (tanh: also 2^-11) by exactly that, others with 15 bits.</summary>
    public static QuantizedWideSigmoid FromScale(float inputScale, bool isTanh)
    {
        double power = Math.Log2(inputScale) + FractionBits, whole = Math.Round(power);
        if (Math.Abs(power - whole) < NearlyWhole && (whole == 0 || (isTanh && whole == 1)))
        {
            return new QuantizedWideSigmoid(3 << (int)whole, 0, isTanh);
        }

        int shift = 0;
        double multiplier = inputScale * (double)(1 << FractionBits) * 3;
        while (multiplier <= short.MaxValue / 2.0 && shift <= 30)
        {
            multiplier *= 2;
            shift++;
        }

        return new QuantizedWideSigmoid((int)multiplier, shift, isTanh);
    }
}

/// <summary>Mean over some dimensions.</summary>
/// <param name="Axes">Bit i is set where dimension i of four (ones in front of fewer) is averaged over.</param>
/// <param name="Factor">Input scale / output scale / number of elements in a mean.</param>
public sealed record QuantizedMean(int Axes, QuantizedMultiplier Factor) : QuantizedOperation
{
    /// <summary>With the factor that TFLite computes: the multiplier of the scales, divided by the number of elements in 64 bits.</summary>
    public static QuantizedMean FromScales(int axes, int count, float inputScale, float outputScale)
    {
        QuantizedMultiplier scales = QuantizedMultiplier.From((double)inputScale / outputScale);
        int shift = Math.Min(Math.ILogB(count), 31 + scales.Shift);
        return new QuantizedMean(axes, new QuantizedMultiplier((int)(((long)scales.Multiplier << shift) / count), scales.Shift - shift));
    }
}
