using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Converters.CodeGen;

/// <summary>
/// Requantization as one multiply-add and one saturating shift: int8((sum * multiplier + constant) / 2^32 / 2^shift), rounded down. The rule of the
/// runtime rounds twice; but its result is a staircase of at most 255 steps over the sums, and a multiplier and a constant that put every step at
/// the same sum give the same bytes for all of them. Bias, zero point and rounding are in the constant.
/// </summary>
/// <param name="Shift">Of the upper half of the product, the same for all filters: 1 to 20.</param>
/// <param name="Multipliers">A filter each.</param>
/// <param name="Constants">A filter each.</param>
internal sealed record ThresholdScale(int Shift, IReadOnlyList<int> Multipliers, IReadOnlyList<long> Constants)
{
    private const int MostShift = 20;

    /// <summary>What a filter's sums become, and between what they lie.</summary>
    /// <param name="Multiplier">Q0.31.</param>
    /// <param name="Shift">Positive is left.</param>
    /// <param name="Bias">Added to the sum before the rule.</param>
    /// <param name="Least">The smallest sum that its weights can give.</param>
    /// <param name="Most">The largest.</param>
    public readonly record struct Filter(int Multiplier, int Shift, int Bias, long Least, long Most);

    /// <summary>Numbers for all filters, or null where one has none: then the two roundings stay.</summary>
    /// <param name="filters">All of the layer.</param>
    /// <param name="range">Zero point and bounds of the output.</param>
    /// <param name="factor">Sums come as this many times what they are.</param>
    public static ThresholdScale? Solve(IReadOnlyList<Filter> filters, (int ZeroPoint, int Min, int Max) range, int factor)
    {
        if (filters.Any(f => f.Shift > 0 || Math.Max(Math.Abs(f.Least) + Math.Abs((long)f.Bias), Math.Abs(f.Most) + Math.Abs((long)f.Bias)) * factor > int.MaxValue))
        {
            return null;
        }

        long[][] steps = [.. filters.Select(filter => Steps(filter, range))];
        for (int shift = MostShift; shift >= 1; shift--)
        {
            (int Multiplier, long Constant)?[] found = [.. filters.Select((filter, i) => Solve(filter, steps[i], range.Min, factor, shift))];
            if (found.All(numbers => numbers is not null))
            {
                return new ThresholdScale(shift, [.. found.Select(n => n!.Value.Multiplier)], [.. found.Select(n => n!.Value.Constant)]);
            }
        }

        return null;
    }

    /// <summary>The byte of a sum, as the generated code computes it.</summary>
    public int Apply(int sum, int filter) =>
        Math.Clamp((int)(((long)sum * Multipliers[filter] + Constants[filter]) >> 32) >> Shift, sbyte.MinValue, sbyte.MaxValue);

    /// <summary>The first sum that gives min + 1, min + 2 and so on; above the largest sum where none does.</summary>
    private static long[] Steps(Filter filter, (int ZeroPoint, int Min, int Max) range)
    {
        long[] steps = new long[range.Max - range.Min];
        long least = filter.Least;
        for (int step = 0; step < steps.Length; step++)
        {
            long low = least, high = filter.Most + 1;
            while (low < high)
            {
                long middle = low + (high - low) / 2;
                bool reaches = Requantizer.ToInt8((int)(middle + filter.Bias), filter.Multiplier, filter.Shift, range.ZeroPoint, range.Min, range.Max) > range.Min + step;
                (low, high) = reaches ? (low, middle) : (middle + 1, high);
            }

            steps[step] = least = low;
        }

        return steps;
    }

    private static (int Multiplier, long Constant)? Solve(Filter filter, long[] steps, int min, int factor, int shift)
    {
        int bits = 32 + shift;
        double exact = Math.ScaleB(filter.Multiplier, bits - 31 + filter.Shift) / factor;
        if (exact is < 1 and not 0 or > int.MaxValue - 2)
        {
            return null;
        }

        foreach (int near in (int[])[0, 1, -1, 2, -2])
        {
            long multiplier = (long)Math.Round(exact) + near;
            (long low, long high) = (long.MinValue, long.MaxValue);
            for (int i = 0; i < steps.Length; i++)
            {
                // At its first sum a step is reached; one sum earlier it is not. Sums that no input gives ask for nothing.
                long value = (min + 1L + i) << bits;
                low = steps[i] <= filter.Most ? Math.Max(low, value - steps[i] * factor * multiplier) : low;
                high = steps[i] > filter.Least ? Math.Min(high, value - 1 - (steps[i] - 1) * factor * multiplier) : high;
            }

            if (multiplier >= 0 && low <= high)
            {
                long constant = low == long.MinValue ? high : high == long.MaxValue ? low : low + (high - low) / 2;
                return ((int)multiplier, constant);
            }
        }

        return null;
    }
}
