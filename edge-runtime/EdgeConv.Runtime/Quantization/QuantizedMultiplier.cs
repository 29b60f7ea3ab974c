namespace EdgeConv.Runtime.Quantization;

/// <summary>A positive real number as a Q0.31 mantissa in [2^30, 2^31) and a power of two: Multiplier / 2^31 * 2^Shift.</summary>
/// <param name="Multiplier">Mantissa, or 0.</param>
/// <param name="Shift">Exponent; positive is left.</param>
public readonly record struct QuantizedMultiplier(int Multiplier, int Shift)
{
    /// <summary>
    /// frexp, then the mantissa rounded to 31 bits, halves away from zero, as TFLite's QuantizeMultiplier does. Below 2^-32 it is 0.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not finite, negative, or 2^30 and more.</exception>
    public static QuantizedMultiplier From(double value)
    {
        if (!double.IsFinite(value) || value < 0 || value >= 1 << 30)
        {
            throw new ArgumentOutOfRangeException(nameof(value), value, "expected a scale ratio from 0 up to 2^30");
        }

        if (value == 0)
        {
            return default;
        }

        int shift = Math.ILogB(value) + 1;
        double mantissa = Math.ScaleB(value, -shift);
        long rounded = (long)Math.Round(mantissa * (1L << 31), MidpointRounding.AwayFromZero);
        if (rounded == 1L << 31)
        {
            rounded /= 2;
            shift++;
        }

        return shift < -31 ? default : new QuantizedMultiplier((int)rounded, shift);
    }

    /// <summary>The real number that it stands for.</summary>
    public double ToDouble() => Math.ScaleB(Multiplier, Shift - 31);
}
