namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// Looks for a line whose floor is the rule's byte: ((accumulator + start) * slope >> shift) - origin, all integers. The rule never falls when the accumulator
/// rises, so that the first accumulators of its bytes, at most 255, say all of it.
/// </summary>
internal static class ScaleSearch
{
    /// <summary>What the first accumulators of bytes from, from + 1, ... leave of start * slope - (origin &lt;&lt; shift): from low on, less than high.</summary>
    public static (long Low, long High) Between(ReadOnlySpan<int> firsts, int from, long slope, int shift)
    {
        (long low, long high) = (long.MinValue >> 1, long.MaxValue >> 1);
        for (int i = 0; i < firsts.Length; i++)
        {
            long missing = ((long)(from + i) << shift) - slope * firsts[i];
            low = Math.Max(low, missing);
            high = Math.Min(high, missing + slope);
        }

        return (low, high);
    }

    /// <summary>The smallest origin of those allowed, and a start, whose start * slope - (origin &lt;&lt; shift) lies in [low, high).</summary>
    public static (int Start, int Origin)? Split(long slope, int shift, long low, long high, long leastStart, long mostStart, long origins)
    {
        long over = Modulo(-low, slope), step = (1L << shift) % slope, width = high - low;   // start * slope is over past low
        for (int origin = 0; origin < origins && width > 0; origin++)
        {
            if (over < width && (low + ((long)origin << shift) + over) / slope is var start && start >= leastStart && start <= mostStart)
            {
                return ((int)start, origin);
            }

            over -= step;
            over += over < 0 ? slope : 0;
        }

        return null;
    }

    private static long Modulo(long a, long b) => (a % b + b) % b;
}
