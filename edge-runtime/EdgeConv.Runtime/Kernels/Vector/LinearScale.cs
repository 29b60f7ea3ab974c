using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// Both roundings and the zero point of one output channel in one multiplication, one shift by a constant and one subtraction: the byte before
/// the clamp is ((accumulator + <see cref="Start"/>) * <see cref="Multiplier"/> >> 35) - <see cref="Origin"/>. It exists only where that is the
/// rule's byte for every accumulator that the channel's weights can give.
/// </summary>
/// <param name="Start">Added to the sums; the bias is not in it.</param>
/// <param name="Multiplier">Positive.</param>
/// <param name="Origin">What zero becomes; it and all that is subtracted from it fit int16.</param>
internal readonly record struct LinearScale(int Start, int Multiplier, short Origin)
{
    /// <summary>What the product is shifted by: 31 by SQDMULH, the rest on the way to int16.</summary>
    public const int Shift = 31 + SteppedShift.First;

    /// <summary>Bytes before the clamp and origins are less: their sums and differences fit int16.</summary>
    private const long Reach = 1 << 14;

    /// <summary>A channel's numbers, or null where there are none.</summary>
    /// <param name="multiplier">Q0.31 of the rule.</param>
    /// <param name="shift">Of the rule; positive is left.</param>
    /// <param name="stage">The layer's output.</param>
    /// <param name="least">The smallest accumulator, bias included.</param>
    /// <param name="most">The largest.</param>
    public static LinearScale? Solve(int multiplier, int shift, in OutputStage stage, long least, long most)
    {
        var steps = new ByteSteps(multiplier, shift, stage.ZeroPoint, stage.Min, stage.Max);
        if (stage.FixesTies || !steps.AreKnown)
        {
            return null;   // ties on both sides of zero lie on no line
        }

        int lowest = steps.At(least), highest = steps.At(most);
        Span<int> room = stackalloc int[256];
        ReadOnlySpan<int> firsts = room[..steps.Firsts(lowest + 1, highest, room)];
        double nearest = Math.Round(Math.ScaleB(1, Shift) / steps.AccumulatorsAByte);
        for (int other = -1; other <= 1 && nearest is > 1 and < int.MaxValue; other++)
        {
            long slope = (long)nearest + other;
            (long low, long high) = Between(firsts, lowest + 1, slope);
            low = Math.Max(low, ((lowest > steps.Min ? lowest : -Reach) << Shift) - slope * least);
            high = Math.Min(high, ((highest < steps.Max ? highest + 1 : Reach) << Shift) - slope * most);
            if (Split(slope, low, high, int.MinValue - least, int.MaxValue - most) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    /// <summary>Changes a channel's numbers in a panel, bias included, from the rule's to these.</summary>
    public unsafe void Set(int* panel, int channel)
    {
        panel[Panel.Bias + channel] = unchecked(panel[Panel.Bias + channel] + Start);
        panel[Panel.Multiplier + channel] = Multiplier;
        ((short*)(panel + Panel.ShortShiftBy))[channel] = Origin;
    }

    /// <summary>What the first accumulators of the bytes leave of start * slope - (origin &lt;&lt; Shift): from low on, less than high.</summary>
    private static (long Low, long High) Between(ReadOnlySpan<int> firsts, int from, long slope)
    {
        (long low, long high) = (long.MinValue >> 1, long.MaxValue >> 1);
        for (int i = 0; i < firsts.Length; i++)
        {
            long missing = ((long)(from + i) << Shift) - slope * firsts[i];
            low = Math.Max(low, missing);
            high = Math.Min(high, missing + slope);
        }

        return (low, high);
    }

    /// <summary>The smallest origin, and a start of those allowed, whose constant lies in [low, high).</summary>
    private static LinearScale? Split(long slope, long low, long high, long leastStart, long mostStart)
    {
        long over = Modulo(-low, slope), step = (1L << Shift) % slope, width = high - low;   // start * slope is over past low
        for (int origin = 0; origin < Reach && width > 0; origin++)
        {
            if (over < width && (low + ((long)origin << Shift) + over) / slope is var start && start >= leastStart && start <= mostStart)
            {
                return new LinearScale((int)start, (int)slope, (short)origin);
            }

            over -= step;
            over += over < 0 ? slope : 0;
        }

        return null;
    }

    private static long Modulo(long a, long b) => (a % b + b) % b;
}
