namespace EdgeConv.Runtime.Tests.Parity;

/// <summary>The roundings of QUANTIZATION.md, section 2, written a second time, from the page and not from the code.</summary>
internal static class PlainArithmetic
{
    /// <summary>Steps 1 to 3, in 128 bits.</summary>
    public static long Scale(long value, int multiplier, int shift)
    {
        Int128 high = FloorDivide((Int128)value * (1L << Math.Max(shift, 0)) * multiplier + (1L << 30), 1L << 31);
        return Quotient(high, (Int128)1 << Math.Max(-shift, 0));
    }

    /// <summary>Steps 1 to 4.</summary>
    public static int Requantize(long accumulator, int multiplier, int shift, int zeroPoint, int min, int max) =>
        (int)Math.Clamp(Scale(accumulator, multiplier, shift) + zeroPoint, min, max);

    /// <summary>The rule of 16x8 layers.</summary>
    public static int RequantizeWide(long accumulator, int multiplier, int shift, int min, int max)
    {
        long reduced = multiplier >= 0x7fff0000 ? 0x7fff : (multiplier + 0x8000L) / 0x10000;
        Int128 rounded = FloorDivide((Int128)accumulator * reduced + ((Int128)1 << (14 - shift)), (Int128)1 << (15 - shift));
        return (int)Int128.Clamp(rounded, min, max);
    }

    /// <summary>value / divisor, halves away from zero.</summary>
    public static long Quotient(Int128 value, Int128 divisor)
    {
        Int128 rounded = (2 * Int128.Abs(value) + divisor) / (2 * divisor);
        return (long)(value < 0 ? -rounded : rounded);
    }

    private static Int128 FloorDivide(Int128 value, Int128 divisor)
    {
        (Int128 quotient, Int128 rest) = Int128.DivRem(value, divisor);
        return rest < 0 ? quotient - 1 : quotient;
    }
}
