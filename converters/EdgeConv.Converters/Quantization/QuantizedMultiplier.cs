namespace EdgeConv.Converters.Quantization;

/// <summary>A positive real number as Multiplier * 2^(Shift - 31), as QUANTIZATION.md defines it.</summary>
/// <param name="Multiplier">Q0.31 in [2^30, 2^31), or 0.</param>
/// <param name="Shift">Positive is left.</param>
public readonly record struct QuantizedMultiplier(int Multiplier, int Shift)
{
    private const int LargestShift = 30;

    /// <summary>
    /// Splits as frexp does, rounds the fraction to Q0.31 (halves away from zero), and halves it where that reaches 2^31.
    /// Numbers under 2^-32 become 0, as in TFLite.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative, not finite, or 2^30 and more.</exception>
    public static QuantizedMultiplier FromReal(double real)
    {
        if (!(real >= 0 && real < 1L << LargestShift))
        {
            throw new ArgumentOutOfRangeException(nameof(real), real, "A multiplier is in [0, 2^30).");
        }

        if (real == 0)
        {
            return default;
        }

        int shift = Math.ILogB(real) + 1;
        long fraction = (long)Math.Round(Math.ScaleB(real, 31 - shift), MidpointRounding.AwayFromZero);
        if (fraction == 1L << 31)
        {
            fraction /= 2;
            shift++;
        }

        return shift < -31 ? default : new QuantizedMultiplier((int)fraction, shift);
    }
}
