using System.Numerics;

namespace EdgeConv.Runtime.Quantization;

/// <summary>Softmax of int16, bit for bit that of TFLite's int16 reference: exp and 1 / (1 + x) are interpolated tables.</summary>
internal static class WideSoftmaxArithmetic
{
    /// <summary>The sum of this many ones in Q0.15 still fits int32.</summary>
    public const int MaxRow = 65535;

    /// <summary>One row: output scale 2^-15.</summary>
    public static void Row(ReadOnlySpan<short> input, Span<short> output, QuantizedMultiplier factor, ReadOnlySpan<short> exponential, ReadOnlySpan<short> reciprocal)
    {
        int max = short.MinValue, sum = 0;
        foreach (short x in input)
        {
            max = Math.Max(max, x);
        }

        for (int i = 0; i < input.Length; i++)
        {
            int difference = Requantizer.Scale(input[i] - max, factor.Multiplier, factor.Shift);
            output[i] = WideArithmetic.Lookup(Saturate(difference + short.MaxValue), exponential);
            sum += output[i];
        }

        // the sum as 1 + x with x in [0, 1), x in Q0.16, moved to where the table has it
        int zeros = BitOperations.LeadingZeroCount((uint)sum), right = 31 - zeros;
        int normal = (int)((((long)sum << (zeros - 1)) + (1 << 13)) >> 14);
        int inverse = WideArithmetic.Lookup(Saturate(normal - 3 * (1 << 15)), reciprocal);
        for (int i = 0; i < input.Length; i++)
        {
            output[i] = (short)Math.Clamp((output[i] * inverse + (1 << (right - 1))) >> right, 0, short.MaxValue);
        }
    }

    private static short Saturate(int value) => (short)Math.Clamp(value, short.MinValue, short.MaxValue);
}
