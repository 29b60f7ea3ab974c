using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Converters.CodeGen;

/// <summary>
/// Requantization as one multiply-add and one saturating shift: int8((sum * multiplier + constant) / 2^32 / 2^shift), rounded down. The rule of the
/// runtime rounds twice; but its result is a staircase of at most 255 steps over the sums, and a multiplier and a constant that put every step at
/// the same sum give the same bytes for all of them. Bias, zero point and rounding are in the constant. The rule rounds halves away from zero, so that
/// an output with a sign may need another constant below zero: the product is then lowered where it is negative.
/// </summary>
/// <param name="Shift">Of the upper half of the product, the same for all filters: 1 to 20.</param>
/// <param name="Multipliers">A filter each.</param>
/// <param name="Constants">A filter each.</param>
/// <param name="Lowered">What is taken off a negative product before <paramref name="Offset"/> is added, a filter each; empty: nothing ever.</param>
/// <param name="Offset">Added to the upper half, where something is taken off negative products; else it is in the constants.</param>
internal sealed record ThresholdScale(int Shift, IReadOnlyList<int> Multipliers, IReadOnlyList<long> Constants, IReadOnlyList<long> Lowered, int Offset)
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
        IEnumerable<int> shifts = Enumerable.Range(1, MostShift).Reverse();
        return shifts.Select(shift => OneLine(filters, steps, range.Min, factor, shift)).FirstOrDefault(found => found is not null)
            ?? shifts.Select(shift => TwoLines(filters, steps, range, factor, shift)).FirstOrDefault(found => found is not null);
    }

    /// <summary>The byte of a sum, as the generated code computes it.</summary>
    public int Apply(int sum, int filter)
    {
        long product = (long)sum * Multipliers[filter] + Constants[filter];
        return Math.Clamp((int)((product - (product < 0 && Lowered.Count > 0 ? Lowered[filter] : 0)) >> 32) + Offset >> Shift, sbyte.MinValue, sbyte.MaxValue);
    }

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

    private static ThresholdScale? OneLine(IReadOnlyList<Filter> filters, long[][] steps, int min, int factor, int shift)
    {
        (int Multiplier, long Constant)?[] found = [.. filters.Select((filter, i) => Near(filter, factor, shift)
            .Select(multiplier => (multiplier, Range: Interval.Of(filter, steps[i], 0, min + 1, multiplier * factor, 32 + shift)))
            .Where(n => !n.Range.IsEmpty).Select(n => ((int, long)?)((int)n.multiplier, n.Range.Middle)).FirstOrDefault())];
        return found.All(numbers => numbers is not null)
            ? new ThresholdScale(shift, [.. found.Select(n => n!.Value.Multiplier)], [.. found.Select(n => n!.Value.Constant)], [], 0)
            : null;
    }

    /// <summary>Outputs above the zero point ask for one constant, those below for another; their distance is to be the same for all filters.</summary>
    private static ThresholdScale? TwoLines(
        IReadOnlyList<Filter> filters, long[][] steps, (int ZeroPoint, int Min, int Max) range, int factor, int shift)
    {
        int bits = 32 + shift;
        // Product 0 is the zero point: half a step, and the zero point, are added to the upper half.
        int offset = (range.ZeroPoint << shift) + (1 << (shift - 1)), above = Math.Clamp(range.ZeroPoint - range.Min, 0, range.Max - range.Min);
        List<(int Multiplier, Interval Upper, Interval Lower, Interval Lowered)> found = [];
        foreach ((int i, Filter filter) in filters.Index())
        {
            foreach (long multiplier in Near(filter, factor, shift))
            {
                Interval upper = Interval.Of(filter, steps[i][above..], -((long)offset << 32), range.Min + above + 1, multiplier * factor, bits);
                Interval lower = Interval.Of(filter, steps[i][..above], -((long)offset << 32), range.Min + 1, multiplier * factor, bits);
                Interval lowered = new(Math.Max(0, Distance(upper.Low, lower.High)), Math.Min(uint.MaxValue, Distance(upper.High, lower.Low)));
                if (!upper.IsEmpty && !lower.IsEmpty && !lowered.IsEmpty)
                {
                    found.Add(((int)multiplier, upper, lower, lowered));
                    break;
                }
            }

            if (found.Count <= i)
            {
                return null;
            }
        }

        // The same for all filters where there is such a number.
        Interval common = new(found.Max(n => n.Lowered.Low), found.Min(n => n.Lowered.High));
        long[] taken = [.. found.Select(n => (common.IsEmpty ? n.Lowered : common).Middle)];
        ThresholdScale scale = new(
            shift, [.. found.Select(n => n.Multiplier)], [.. found.Select((n, i) => n.Upper.Meet(n.Lower, taken[i]))], taken, offset);
        return filters.Index().All(f => scale.Keeps(f.Item, steps[f.Index], range.Min, f.Index, factor)) ? scale : null;
    }

    private static long Distance(long a, long b) => a == long.MaxValue || b == long.MinValue ? long.MaxValue / 4 : a == long.MinValue || b == long.MaxValue ? long.MinValue / 4 : a - b;

    /// <summary>Whether every step is where it was: it is reached at its sum and not one sum earlier, and products keep their sign.</summary>
    private bool Keeps(Filter filter, long[] steps, int min, int index, int factor) => steps.Index().All(step =>
        (step.Item > filter.Most || Apply((int)(step.Item * factor), index) > min + step.Index)
        && (step.Item <= filter.Least || Apply((int)((step.Item - 1) * factor), index) <= min + step.Index));

    /// <summary>Those that come near the exact one.</summary>
    private static IEnumerable<long> Near(Filter filter, int factor, int shift)
    {
        double exact = Math.ScaleB(filter.Multiplier, 1 + shift + filter.Shift) / factor;
        return exact is < 1 and not 0 or > int.MaxValue - 2
            ? []
            : ((int[])[0, 1, -1, 2, -2]).Select(near => (long)Math.Round(exact) + near).Where(multiplier => multiplier >= 0);
    }

    /// <summary>The constants that put some steps where they are.</summary>
    private readonly record struct Interval(long Low, long High)
    {
        public bool IsEmpty => Low > High;

        public long Middle => Low == long.MinValue ? High == long.MaxValue ? 0 : High : High == long.MaxValue ? Low : Low + (High - Low) / 2;

        /// <param name="filter">Of the steps.</param>
        /// <param name="steps">The sums at which the values are reached.</param>
        /// <param name="offset">Added to the values.</param>
        /// <param name="first">The first value.</param>
        /// <param name="multiplier">Of the sums.</param>
        /// <param name="bits">A value is so many bits above the product.</param>
        public static Interval Of(Filter filter, ReadOnlySpan<long> steps, long offset, int first, long multiplier, int bits)
        {
            (long low, long high) = (long.MinValue, long.MaxValue);
            for (int i = 0; i < steps.Length; i++)
            {
                // At its first sum a step is reached; one sum earlier it is not. Sums that no input gives ask for nothing.
                long value = ((long)(first + i) << bits) + offset;
                low = steps[i] <= filter.Most ? Math.Max(low, value - steps[i] * multiplier) : low;
                high = steps[i] > filter.Least ? Math.Min(high, value - 1 - (steps[i] - 1) * multiplier) : high;
            }

            return new(low, high);
        }

        /// <summary>A constant in here that lies in the other one when so much is taken off it.</summary>
        public long Meet(Interval lower, long lowered) => new Interval(
            Math.Max(Low, lower.Low == long.MinValue ? long.MinValue : lower.Low + lowered), Math.Min(High, lower.High == long.MaxValue ? long.MaxValue : lower.High + lowered)).Middle;
    }
}
