using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Converters.Quantization;

/// <summary>How int8 logits enter the fixed-point exponential (TFLite's PreprocessSoftmaxScaling, 5 integer bits).</summary>
/// <param name="Multiplier">Q0.31 multiplier that takes a difference of logits to Q5.26.</param>
/// <param name="LeftShift">Left shift before that multiplication.</param>
/// <param name="DiffMin">Differences below this are exp(x) = 0.</param>
public readonly record struct SoftmaxParameters(int Multiplier, int LeftShift, int DiffMin)
{
    /// <summary>Below this one step is less than the fixed-point numbers can say.</summary>
    public const float SmallestScale = 1f / (1 << 26);

    private const int IntegerBits = 5;
    private const int FractionBits = 31 - IntegerBits;

    /// <summary>The way back, which the logarithm of softmax takes: TFLite's reverse scaling divisor.</summary>
    public QuantizedMultiplier Inverse => QuantizedMultiplier.From(Math.ScaleB(1, 31 - LeftShift) / Multiplier);

    /// <summary>For logits of that scale (with beta, 2^-26 or more), multiplied by beta before the exponential.</summary>
    public static SoftmaxParameters FromScale(float inputScale, float beta = 1)
    {
        // TFLite's limit is 2^31; at half of it a single step is already exp(-16), which is 0 at 1/256, and the shift stays under 31.
        double real = Math.Min((double)beta * inputScale * (1L << FractionBits), (1L << 30) - 1.0);
        int shift = Math.ILogB(real) + 1;
        long fraction = (long)Math.Round(Math.ScaleB(real, 31 - shift), MidpointRounding.AwayFromZero);
        (fraction, shift) = fraction == 1L << 31 ? (fraction / 2, shift + 1) : (fraction, shift);

        // The widest difference that the shift leaves within Q5.26.
        double radius = ((1 << IntegerBits) - 1) * (double)(1L << FractionBits) / (1L << shift);
        return new SoftmaxParameters((int)fraction, shift, -(int)Math.Floor(radius));
    }
}
