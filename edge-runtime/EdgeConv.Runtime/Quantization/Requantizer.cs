namespace EdgeConv.Runtime.Quantization;

/// <summary>Int32 accumulator to int8, the rule that every path equals (QUANTIZATION.md, section 2).</summary>
public static class Requantizer
{
    /// <summary>acc * multiplier / 2^31 * 2^shift, rounded twice: SQRDMULH, then a right shift with ties away from zero.</summary>
    /// <param name="accumulator">Sum of products, bias included.</param>
    /// <param name="multiplier">Q0.31, in [2^30, 2^31), or 0.</param>
    /// <param name="shift">Positive is left.</param>
    public static int Scale(int accumulator, int multiplier, int shift)
    {
        int x = accumulator << Math.Max(shift, 0);
        return RoundingShiftRight(DoublingMultiplyHigh(x, multiplier), Math.Max(-shift, 0));
    }

    /// <summary>The whole rule: scale, add the output zero point, clamp to the fused activation's range.</summary>
    public static sbyte ToInt8(int accumulator, int multiplier, int shift, int outputZeroPoint, int min, int max) =>
        (sbyte)Math.Clamp(Scale(accumulator, multiplier, shift) + outputZeroPoint, min, max);

    /// <summary>
    /// Int64 accumulator of a 16x8 layer to int16: the multiplier rounded to 15 bits, one product, one rounding right shift with ties up
    /// (TFLite's rule for 64-bit accumulators).
    /// </summary>
    /// <param name="accumulator">Below 2^47 in magnitude.</param>
    /// <param name="multiplier">Q0.31.</param>
    /// <param name="shift">Positive is left; -31 to 7.</param>
    /// <param name="min">Lower bound of the output.</param>
    /// <param name="max">Upper bound of the output.</param>
    public static short ToInt16(long accumulator, int multiplier, int shift, int min, int max) =>
        (short)Math.Clamp(ScaleInt64(accumulator, multiplier, shift), min, max);

    /// <summary>Int32 accumulator of a layer with int16 activations and an int32 bias to int16: the two roundings of <see cref="ToInt8"/>.</summary>
    public static short Int32ToInt16(int accumulator, int multiplier, int shift, int min, int max) =>
        (short)Math.Clamp(Scale(accumulator, multiplier, shift), min, max);

    /// <summary>The scaling of an int64 accumulator.</summary>
    /// <param name="accumulator">Below 2^47 in magnitude.</param>
    /// <param name="multiplier">Q0.31.</param>
    /// <param name="shift">Positive is left; -31 to 7.</param>
    internal static long ScaleInt64(long accumulator, int multiplier, int shift)
    {
        int right = 15 - shift;
        return (accumulator * Reduced(multiplier) + (1L << (right - 1))) >> right;
    }

    /// <summary>A Q0.31 multiplier in 15 bits.</summary>
    internal static int Reduced(int multiplier) => multiplier < 0x7fff0000 ? (multiplier + (1 << 15)) >> 16 : 0x7fff;

    /// <summary>(a * b + 2^30) >> 31: the high half of twice the product, rounded; the ARM instruction SQRDMULH.</summary>
    public static int DoublingMultiplyHigh(int a, int b) =>
        a == int.MinValue && b == int.MinValue ? int.MaxValue : (int)(((long)a * b + (1L << 30)) >> 31);

    /// <summary>x / 2^exponent, ties away from zero. Exponent 0 to 31.</summary>
    public static int RoundingShiftRight(int x, int exponent)
    {
        int mask = (int)((1L << exponent) - 1);
        int threshold = (mask >> 1) + (x < 0 ? 1 : 0);
        return (x >> exponent) + ((x & mask) > threshold ? 1 : 0);
    }
}
