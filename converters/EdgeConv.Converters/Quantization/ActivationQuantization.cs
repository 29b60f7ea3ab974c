namespace EdgeConv.Converters.Quantization;

/// <summary>real = Scale * (q - ZeroPoint), q in [-128, 127].</summary>
/// <param name="Scale">Positive.</param>
/// <param name="ZeroPoint">The int8 value that stands for 0.0.</param>
public readonly record struct ActivationQuantization(float Scale, int ZeroPoint)
{
    /// <summary>Below this a logit's difference could not be brought to Softmax's fixed point.</summary>
    public const float SmallestScale = 1f / (1 << 24);

    /// <summary>TFLite's fixed output of tanh.</summary>
    public static ActivationQuantization Tanh { get; } = new(1f / 128, 0);

    /// <summary>TFLite's fixed output of sigmoid and softmax.</summary>
    public static ActivationQuantization Probability { get; } = new(1f / 256, -128);

    /// <summary>TFLite's fixed output of the logarithm of softmax.</summary>
    public static ActivationQuantization LogProbability { get; } = new(1f / 16, 127);

    /// <summary>Real value of -128.</summary>
    public double Min => Dequantize(sbyte.MinValue);

    /// <summary>Real value of 127.</summary>
    public double Max => Dequantize(sbyte.MaxValue);

    /// <summary>256 steps over the range, widened to hold zero, and moved so that zero is exactly a step.</summary>
    public static ActivationQuantization FromRange(ValueRange range)
    {
        double min = Math.Min(range.Min, 0), max = Math.Max(range.Max, 0);

        // A value that is always zero: any scale will do.
        float scale = max == min ? 1 : Math.Max((float)((max - min) / 255), SmallestScale);
        int zeroPoint = (int)Math.Round(sbyte.MinValue - (min / scale), MidpointRounding.AwayFromZero);
        return new ActivationQuantization(scale, Math.Clamp(zeroPoint, sbyte.MinValue, sbyte.MaxValue));
    }

    /// <summary>Steps as a scheme allows them, over the range widened to hold zero.</summary>
    public static ActivationQuantization FromRange(ValueRange range, ActivationScheme scheme)
    {
        if (scheme == ActivationScheme.Asymmetric)
        {
            return FromRange(range);
        }

        float scale = Symmetric(range, sbyte.MaxValue, SmallestScale);
        return new ActivationQuantization(
            scheme == ActivationScheme.PowerOfTwo ? (float)Math.ScaleB(1, (int)Math.Ceiling(Math.Log2(scale))) : scale, 0);
    }

    /// <summary>int16 over the range; the zero point is 0.</summary>
    public static ActivationQuantization Int16(ValueRange range) => new(Symmetric(range, short.MaxValue, SmallestScale / 256), 0);

    /// <summary>Nearest step, halves away from zero, clamped.</summary>
    public sbyte Quantize(double real) =>
        (sbyte)Math.Clamp(Math.Round(real / Scale, MidpointRounding.AwayFromZero) + ZeroPoint, sbyte.MinValue, sbyte.MaxValue);

    /// <summary>The same in int16.</summary>
    public short QuantizeWide(double real) =>
        (short)Math.Clamp(Math.Round(real / Scale, MidpointRounding.AwayFromZero) + ZeroPoint, short.MinValue, short.MaxValue);

    /// <summary>The real value of a step.</summary>
    public double Dequantize(int q) => (double)Scale * (q - ZeroPoint);

    private static float Symmetric(ValueRange range, int steps, float smallest)
    {
        double largest = Math.Max(Math.Abs((double)range.Min), Math.Abs((double)range.Max));
        return largest == 0 ? 1 : Math.Max((float)(largest / steps), smallest);
    }
}
