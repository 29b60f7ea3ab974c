using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace EdgeConv.Runtime.Quantization;

/// <summary>The largest absolute value that an accumulator can take, from its actual weights.</summary>
public static class AccumulatorBound
{
    /// <summary>
    /// Largest |bias + sum of (x - inputZeroPoint) * (w - weightZeroPoint)| over all int8 inputs x, and over every partial sum, in
    /// whatever order it is taken.
    /// </summary>
    /// <param name="weights">All weights of one output channel.</param>
    /// <param name="weightZeroPoint">0 for symmetric weights.</param>
    /// <param name="inputZeroPoint">-128 to 127.</param>
    /// <param name="bias">The channel's bias.</param>
    public static long Of(ReadOnlySpan<sbyte> weights, int weightZeroPoint, int inputZeroPoint, int bias)
    {
        (long least, long most) = Range(weights, weightZeroPoint, inputZeroPoint);
        return Math.Max(Math.Max(most, most + bias), Math.Max(-least, -(least + bias)));
    }

    /// <summary>The smallest and the largest sum of (x - inputZeroPoint) * (w - weightZeroPoint) over all int8 inputs x; both are reached.</summary>
    internal static (long Least, long Most) Range(ReadOnlySpan<sbyte> weights, int weightZeroPoint, int inputZeroPoint)
    {
        (int low, int high) = (sbyte.MinValue - inputZeroPoint, sbyte.MaxValue - inputZeroPoint);
        (long positive, long negative) = Parts(weights, weightZeroPoint);
        return (positive * low + negative * high, positive * high + negative * low);
    }

    /// <summary>The same for int16 inputs, whose zero point is 0.</summary>
    /// <param name="weights">All weights of one output channel.</param>
    /// <param name="weightZeroPoint">0 for symmetric weights.</param>
    /// <param name="bias">The channel's bias.</param>
    public static long OfInt16(ReadOnlySpan<sbyte> weights, int weightZeroPoint, long bias)
    {
        long sum = 0;
        foreach (sbyte weight in weights)
        {
            sum += Math.Abs(weight - weightZeroPoint);
        }

        long reach = sum * -short.MinValue;
        return bias > long.MaxValue - reach || bias < long.MinValue + reach + 1 ? long.MaxValue : reach + Math.Abs(bias);
    }

    /// <summary>The sum of what is above zero, and of what is below.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]   // at its best from the first call on: a file is checked once
    private static (long Positive, long Negative) Parts(ReadOnlySpan<sbyte> weights, int zeroPoint)
    {
        long positive = 0, negative = 0;
        var zero = Vector128.Create((short)zeroPoint);
        while (weights.Length >= Vector128<sbyte>.Count)
        {
            // 64 times two values of up to 255 fit int16
            ReadOnlySpan<sbyte> part = weights[..Math.Min(weights.Length & -Vector128<sbyte>.Count, 64 * Vector128<sbyte>.Count)];
            weights = weights[part.Length..];
            Vector128<short> above = default, below = default;
            for (; part.Length > 0; part = part[Vector128<sbyte>.Count..])
            {
                (Vector128<short> low, Vector128<short> high) = Vector128.Widen(Vector128.Create(part));
                low -= zero;
                high -= zero;
                above += Vector128.Max(low, default) + Vector128.Max(high, default);
                below += Vector128.Min(low, default) + Vector128.Min(high, default);
            }

            positive += Vector128.Sum(Vector128.WidenLower(above) + Vector128.WidenUpper(above));
            negative += Vector128.Sum(Vector128.WidenLower(below) + Vector128.WidenUpper(below));
        }

        foreach (sbyte weight in weights)
        {
            positive += Math.Max(weight - zeroPoint, 0);
            negative += Math.Min(weight - zeroPoint, 0);
        }

        return (positive, negative);
    }
}
