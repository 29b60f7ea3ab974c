using System.Numerics;
using static EdgeConv.Runtime.Quantization.Requantizer;

namespace EdgeConv.Runtime.Quantization;

/// <summary>
/// Softmax in integers, bit for bit that of TFLite's int8 reference, which builds on gemmlowp's fixed-point functions: differences to the
/// row's maximum in Q5.26, exp in Q0.31, their sum in Q12.19, one reciprocal a row by Newton's method.
/// </summary>
internal static class SoftmaxArithmetic
{
    /// <summary>The sum of this many ones still fits Q12.19.</summary>
    public const int MaxRow = 4095;

    private const int InputIntegerBits = 5;
    public const int SumIntegerBits = 12;
    private const int One = 1 << 29;   // in Q2.29

    /// <summary>exp(-2^i) in Q0.31 for i = -2 to 4. An array, since unoptimised code allocates when it makes a span of constants.</summary>
    private static readonly int[] _factors = [1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242];

    /// <summary>One row: output scale 1/256, zero point -128.</summary>
    public static void Row(ReadOnlySpan<sbyte> input, Span<sbyte> output, int multiplier, int leftShift, int diffMin)
    {
        (int max, int sum) = SumOfExponentials(input, multiplier, leftShift, diffMin);
        var quotient = new SoftmaxQuotient(sum);
        for (int i = 0; i < input.Length; i++)
        {
            output[i] = quotient.Of(Exponential(input[i] - max, multiplier, leftShift, diffMin));
        }
    }

    /// <summary>exp in Q0.31 of a difference to the maximum, 0 where it is below diffMin.</summary>
    public static int Exponential(int diff, int multiplier, int leftShift, int diffMin) =>
        diff < diffMin ? 0 : Exp(Rescale(diff, multiplier, leftShift), InputIntegerBits);

    /// <summary>The same in Q12.19, as sums have it.</summary>
    public static int Summand(int exponential) => RoundingShiftRight(exponential, SumIntegerBits);

    /// <summary>The logarithm of one row: output scale 1/16, zero point 127.</summary>
    public static void LogRow(ReadOnlySpan<sbyte> input, Span<sbyte> output, int multiplier, int leftShift, int diffMin, QuantizedMultiplier inverse)
    {
        (int max, int sum) = SumOfExponentials(input, multiplier, leftShift, diffMin);
        int log = LogArithmetic.OfSum(sum);

        // below this the difference and the logarithm together leave Q5.26
        int least = Math.Max(diffMin - 1, Scale(log + int.MinValue, inverse.Multiplier, inverse.Shift));
        for (int i = 0; i < input.Length; i++)
        {
            int diff = input[i] - max;
            int value = diff > least ? RoundingShiftRight(Rescale(diff, multiplier, leftShift) - log, 22) : int.MinValue / 2;
            output[i] = (sbyte)Math.Clamp(value + sbyte.MaxValue, sbyte.MinValue, sbyte.MaxValue);
        }
    }

    /// <summary>The row's maximum, and the sum of exp(x - maximum) in Q12.19.</summary>
    private static (int Max, int Sum) SumOfExponentials(ReadOnlySpan<sbyte> input, int multiplier, int leftShift, int diffMin)
    {
        int max = sbyte.MinValue;
        foreach (sbyte x in input)
        {
            max = Math.Max(max, x);
        }

        int sum = 0;
        foreach (sbyte x in input)
        {
            sum += Summand(Exponential(x - max, multiplier, leftShift, diffMin));
        }

        return (max, sum);
    }

    /// <summary>A difference of bytes in Q5.26.</summary>
    private static int Rescale(int diff, int multiplier, int leftShift) => DoublingMultiplyHigh(diff << leftShift, multiplier);

    /// <summary>
    /// exp in Q0.31 of a number that is not positive, with that many integer bits, at most 5: a polynomial on [-1/4, 0), then a factor
    /// for each higher bit.
    /// </summary>
    public static int Exp(int x, int integerBits)
    {
        if (x == 0)
        {
            return int.MaxValue;
        }

        int quarter = 1 << (31 - integerBits - 2);
        int fraction = (x & (quarter - 1)) - quarter;
        int result = ExpNearZero(fraction << integerBits);
        int remainder = fraction - x;
        for (int i = 0; i < integerBits + 2; i++)
        {
            if ((remainder & (quarter << i)) != 0)
            {
                result = DoublingMultiplyHigh(result, _factors[i]);
            }
        }

        return result;
    }

    /// <summary>1 / (1 + x) in Q0.31 for a Q0.31 number in [0, 1).</summary>
    public static int OneOverOnePlus(int x) => SaturatingShiftLeft(TwoOverOnePlus(x), 1);

    /// <summary>(1 - x) / (1 + x) in Q0.31 for a Q0.31 number in [0, 1).</summary>
    public static int OneMinusOverOnePlus(int x) => SaturatingShiftLeft(TwoOverOnePlus(x) - One, 2);

    /// <summary>exp of a Q0.31 number in [-1/4, 0): Taylor's polynomial of degree 4 around -1/8.</summary>
    private static int ExpNearZero(int a)
    {
        const int ExpOfMinusEighth = 1895147668;
        const int Third = 715827883;
        int x = a + (1 << 28);
        int x2 = DoublingMultiplyHigh(x, x);
        int x3 = DoublingMultiplyHigh(x2, x);
        int x4 = DoublingMultiplyHigh(x2, x2);
        int high = DoublingMultiplyHigh(RoundingShiftRight(x4, 2) + x3, Third) + x2;
        return ExpOfMinusEighth + DoublingMultiplyHigh(ExpOfMinusEighth, x + RoundingShiftRight(high, 1));
    }

    /// <summary>2 / (1 + x) in Q2.29 for a Q0.31 number in [0, 1): three steps of Newton's method.</summary>
    private static int TwoOverOnePlus(int x)
    {
        const int FortyEightSeventeenths = 1515870810, MinusThirtyTwoSeventeenths = -1010580540;
        int half = (int)(((long)x + int.MaxValue + 1) / 2);
        int y = FortyEightSeventeenths + DoublingMultiplyHigh(half, MinusThirtyTwoSeventeenths);
        for (int i = 0; i < 3; i++)
        {
            y += SaturatingShiftLeft(DoublingMultiplyHigh(y, One - DoublingMultiplyHigh(half, y)), 2);
        }

        return y;
    }

    internal static int SaturatingShiftLeft(int x, int bits) => (int)Math.Clamp((long)x << bits, int.MinValue, int.MaxValue);
}

/// <summary>Division by a row's sum of exponentials: one reciprocal, then a product for each element.</summary>
internal readonly struct SoftmaxQuotient
{
    private readonly int _reciprocal;
    private readonly int _exponent;

    /// <param name="sum">In Q12.19, as <see cref="SoftmaxArithmetic.Summand"/> has them.</param>
    public SoftmaxQuotient(int sum)
    {
        int headroom = BitOperations.LeadingZeroCount((uint)sum);
        _reciprocal = SoftmaxArithmetic.OneOverOnePlus((int)(((uint)sum << headroom) - (1u << 31)));
        _exponent = SoftmaxArithmetic.SumIntegerBits - headroom + 31 - 8;
    }

    /// <summary>The output for an exponential in Q0.31.</summary>
    public sbyte Of(int exponential)
    {
        // beyond 31 bits every quotient is below one half
        int value = _exponent > 31 ? 0 : RoundingShiftRight(DoublingMultiplyHigh(_reciprocal, exponential), _exponent);
        return (sbyte)Math.Clamp(value + sbyte.MinValue, sbyte.MinValue, sbyte.MaxValue);
    }
}
