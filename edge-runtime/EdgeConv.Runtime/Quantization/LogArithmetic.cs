using System.Numerics;
using static EdgeConv.Runtime.Quantization.Requantizer;

namespace EdgeConv.Runtime.Quantization;

/// <summary>
/// Natural logarithm in integers, bit for bit that of TFLite's int8 reference: a power of two times a mantissa around 2^-1/4, whose
/// logarithm is a quotient of polynomials.
/// </summary>
internal static class LogArithmetic
{
    private const int SumIntegerBits = 12;
    private const int FractionBits = 25;   // of the powers of two: Q6.25, a bit more than the result's integer part
    private const int Quarter = 1 << (FractionBits - 2);

    // Q0.31
    private const int LnTwo = 1488522236, RootHalf = 1518500250, FourthRootHalf = 1805811301;
    private const int NumeratorCubic = 117049297, DenominatorSquare = 127690142, DenominatorOne = 1057819769, DenominatorLine = 638450708;

    /// <summary>log of a Q12.19 number of at least one, in Q5.26.</summary>
    public static int OfSum(int sum)
    {
        (int mantissa, int power) = Split(sum);

        // the mantissa is 2^-1/4 + q / 2; p is the middle between it and 2^-1/4
        int p = HalfSum(mantissa, FourthRootHalf);
        int q = (mantissa - FourthRootHalf) * 2;
        int square = DoublingMultiplyHigh(q, q);
        int numerator = DoublingMultiplyHigh(q, mantissa) + DoublingMultiplyHigh(DoublingMultiplyHigh(q, square), NumeratorCubic);
        int denominatorMinusOne = DoublingMultiplyHigh(p, DenominatorOne + q + DoublingMultiplyHigh(DenominatorSquare, square))
            + DoublingMultiplyHigh(DenominatorLine, q);
        int quotient = DoublingMultiplyHigh(RoundingShiftRight(numerator, 31 - FractionBits), SoftmaxArithmetic.OneOverOnePlus(denominatorMinusOne));
        return SoftmaxArithmetic.SaturatingShiftLeft(DoublingMultiplyHigh(power, LnTwo) + quotient, 1);
    }

    /// <summary>
    /// sum = 2^(power + 1/4) * mantissa, the mantissa in Q0.31 between sqrt(1/2) and 1 and the power in Q6.25. Of two ways to normalise, by
    /// the leading zeros of the sum and of sum * sqrt(1/2), the one with the smaller mantissa is taken.
    /// </summary>
    private static (int Mantissa, int Power) Split(int sum)
    {
        int zeros = BitOperations.LeadingZeroCount((uint)sum);
        int byOne = SoftmaxArithmetic.SaturatingShiftLeft(DoublingMultiplyHigh(sum << (zeros - 1), RootHalf), 1);
        int powerByOne = ((SumIntegerBits - zeros) << FractionBits) + Quarter;

        int headroom = BitOperations.LeadingZeroCount((uint)DoublingMultiplyHigh(sum, RootHalf)) - 1;
        int byRoot = SoftmaxArithmetic.SaturatingShiftLeft(sum, headroom);
        int powerByRoot = ((SumIntegerBits - headroom) << FractionBits) - Quarter;
        return (Math.Min(byOne, byRoot), Math.Max(powerByOne, powerByRoot));
    }

    /// <summary>(a + b) / 2, halves away from zero.</summary>
    private static int HalfSum(int a, int b)
    {
        long sum = (long)a + b;
        return (int)((sum + (sum >= 0 ? 1 : -1)) / 2);
    }
}
