using System.Runtime.CompilerServices;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// Looks for a line whose floor is the rule's byte: ((accumulator + start) * slope >> bits) - origin, all integers. The rule never falls when the accumulator
/// rises, so that the first accumulators of its bytes, at most 255, say all of it.
/// </summary>
internal static class ScaleSearch
{
    /// <summary>What the first accumulators of bytes from, from + 1, ... leave of start * slope - origin * 2^bits: from low on, less than high.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]   // at its best from the first call on: a model is loaded once
    public static (long Low, long High) Between(ReadOnlySpan<int> firsts, int from, long slope, int bits)
    {
        (long low, long high) = (long.MinValue >> 1, long.MaxValue >> 1);
        for (int i = 0; i < firsts.Length; i++)
        {
            long missing = ((long)(from + i) << bits) - slope * firsts[i];
            low = Math.Max(low, missing);
            high = Math.Min(high, missing + slope);
        }

        return (low, high);
    }

    /// <summary>The smallest start from least to most, and its origin, whose start * slope - origin * 2^bits lies in [low, high).</summary>
    public static (long Start, long Origin)? Split(long slope, int bits, long low, long high, long least, long most)
    {
        long one = 1L << bits, width = Math.Min(high - low, one), over = Modulo(least * slope - low, one);   // how far least is past low
        if (width <= 0)
        {
            return null;
        }

        long further = over < width ? 0 : FirstMultiple(slope % one, one, one - over, one - over + width - 1);
        if (further < 0 || further > most - least)
        {
            return null;
        }

        long start = least + further;
        return (start, (start * slope - low) >> bits);
    }

    /// <summary>The smallest n from 0 on for which n * a modulo m is first to last, or -1; 0 &lt; first &lt;= last &lt; m.</summary>
    private static long FirstMultiple(long a, long m, long first, long last)
    {
        if (a == 0)
        {
            return -1;
        }

        long above = (first + a - 1) / a;
        if (above * a <= last)
        {
            return above;
        }

        // no multiple of a lies there, so neither end is one: after how many m more does one?
        long wraps = FirstMultiple(m % a, a, a - last % a, a - first % a);
        return wraps < 0 ? -1 : (long)(((Int128)m * wraps + first + a - 1) / a);
    }

    private static long Modulo(long a, long b) => (a % b + b) % b;
}
