using EdgeConv.Converters.Quantization;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Converters.TfLite.Arithmetic;

/// <summary>
/// x * relu6(x + 3) / 6 of int8 in TFLite's 16-bit fixed point. The difference to the zero point is taken seven bits up; one product
/// brings it to the output's scale, another to one where 3 is 2^15, which, halved and moved up, is the factor from 0 to 1.
/// </summary>
internal static class HardSwishTable
{
    private const float FineSteps = 1f / 128, FactorStep = 3f / 32768;
    private const int FineBits = 7;

    /// <summary>The table.</summary>
    public static sbyte[] Of(ActivationQuantization input, ActivationQuantization output)
    {
        float fine = FineSteps * input.Scale;
        QuantizedMultiplier toOutput = Multipliers.Of(fine / output.Scale, "input scale / 128 / output scale");
        QuantizedMultiplier toFactor = Multipliers.Of(fine / FactorStep, "input scale * 256 / 3");
        if (toOutput.Shift > 0)
        {
            throw new UnsupportedOperatorException($"the input scale {input.Scale} is more than 128 times the output scale {output.Scale}");
        }

        (short outputMultiplier, short factorMultiplier) = (Upper(toOutput.Multiplier), Upper(toFactor.Multiplier));
        return UnaryTable.Of(q =>
        {
            short x = (short)((q - input.ZeroPoint) << FineBits);
            short scaled = HighProduct(x, outputMultiplier);
            short factor = Factor(x, factorMultiplier, toFactor.Shift);
            short product = Truncated(factor, scaled);
            return (short)(ShiftRight(product, -toOutput.Shift) + output.ZeroPoint);
        });
    }

    // From 0 to 2^15 where x goes from -3 to 3, saturated.
    private static short Factor(short x, short multiplier, int shift)
    {
        short value = shift > 0 ? ShiftLeft(x, shift - 1) : x;
        value = HighProduct(value, multiplier);
        value = shift > 0 ? ShiftLeft(value, 1) : ShiftRight(value, -shift);
        return (short)((value + (1 << 15)) >> 1);
    }

    // The upper half of a Q0.31 multiplier, rounded.
    private static short Upper(int multiplier) =>
        multiplier >= int.MaxValue - (1 << 15) ? short.MaxValue : (short)((multiplier + (1 << 15)) >> 16);

    // a * b / 2^15, rounded, halves away from zero but for the negative ones.
    private static short HighProduct(short a, short b)
    {
        int product = a * b;
        int nudge = product >= 0 ? 1 << 14 : 1 - (1 << 14);
        return a == b && a == short.MinValue ? short.MaxValue : (short)((product + nudge) / (1 << 15));
    }

    // a * b / 2^15 towards zero.
    private static short Truncated(short a, short b) =>
        a == b && a == short.MinValue ? short.MaxValue : (short)(a * b / (1 << 15));

    private static short ShiftLeft(short x, int bits) =>
        (short)Math.Clamp((double)x * Math.ScaleB(1, bits), short.MinValue, short.MaxValue);

    private static short ShiftRight(short x, int bits)
    {
        short mask = (short)((1L << bits) - 1);
        int threshold = (mask >> 1) + (x < 0 ? 1 : 0);
        return (short)((x >> Math.Min(bits, 31)) + ((x & mask) > threshold ? 1 : 0));
    }
}
