using System.Runtime.CompilerServices;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>For which sums a panel has a <see cref="FusedScale"/> of each channel.</summary>
internal enum FusedSums
{
    /// <summary>It has none: the rule.</summary>
    None,

    /// <summary>All that there can be.</summary>
    All,

    /// <summary>All but at most one a channel, for which another one is taken.</summary>
    AllButOne,
}

/// <summary>
/// Both roundings and the zero point of one output channel in one fused multiply-add of floats, with no conversion on either side. It exists only where
/// that is the rule's byte for every accumulator that the channel's weights can give.
/// </summary>
/// <remarks>
/// Between 2^23 and 2^24 floats are the integers. So a sum that begins with <see cref="Start"/> is, taken as bits, the float 3 * 2^22 + n for an n of less
/// than 2^22. Times <see cref="Multiplier"/> plus <see cref="Addend"/>, rounded once, is 3 * 2^22 + the byte before the clamp, whose lower 16 bits are that
/// byte. Beyond n's range, where floats are coarser or finer, the bits still never fall when the accumulator rises: there only the clamp is asked for.
/// A float's slope is a little coarse where a byte is more than a thousand accumulators; so one accumulator may be missed: it is told, and takes a neighbour's place.
/// </remarks>
/// <param name="Start">Added to the sums, modulo 2^32; the bias is not in it.</param>
/// <param name="Multiplier">Positive.</param>
/// <param name="Addend">An integer.</param>
/// <param name="Missed">A sum for which another one is taken, or 0, which no sum is.</param>
/// <param name="Instead">That other one.</param>
internal readonly record struct FusedScale(int Start, float Multiplier, float Addend, int Missed, int Instead)
{
    /// <summary>The middle of the floats that are integers, and its bits.</summary>
    private const int Centre = 3 << 22, CentreBits = 0x4B40_0000;

    /// <summary>How far from there they go, and how far the bits are surely those of a positive float.</summary>
    private const int Reach = 1 << 22, Positive = 1 << 29;

    /// <summary>Bits of a float that count.</summary>
    private const int Precision = 24;

    /// <summary>Where a channel that always gives the same byte may go beyond the clamp.</summary>
    private const long Far = 1 << 12;

    /// <summary>A channel's numbers, or null where there are none.</summary>
    /// <param name="multiplier">Q0.31 of the rule.</param>
    /// <param name="shift">Of the rule; positive is left.</param>
    /// <param name="stage">The layer's output.</param>
    /// <param name="least">The smallest accumulator, bias included.</param>
    /// <param name="most">The largest.</param>
    public static FusedScale? Solve(int multiplier, int shift, in OutputStage stage, long least, long most)
    {
        var steps = new ByteSteps(multiplier, shift, stage.ZeroPoint, stage.Min, stage.Max);
        if (stage is not { FixesTies: false, Min: sbyte.MinValue, Max: sbyte.MaxValue } || !steps.AreKnown)
        {
            return null;   // ties on both sides of zero lie on no line, and saturation must be the clamp
        }

        int fraction = Precision + Math.ILogB(steps.AccumulatorsAByte);
        double nearest = Math.Round(Math.ScaleB(1, fraction) / steps.AccumulatorsAByte);
        Span<int> room = stackalloc int[256];
        int lowest = steps.At(least);
        ReadOnlySpan<int> firsts = room[..steps.Firsts(lowest + 1, steps.At(most), room)];
        ReadOnlySpan<int> neighbours = steps.AccumulatorsAByte > 3 ? [0, 1, -1] : [0];   // else bytes may begin side by side
        foreach (int neighbour in neighbours)
        {
            foreach (int other in (ReadOnlySpan<int>)[0, 1, -1, 2, -2])
            {
                long slope = (long)nearest + other;
                if ((long)(float)slope == slope && Solve(steps, firsts, lowest, slope, fraction, least, most, neighbour) is { } found)
                {
                    return found;   // next to 2^24, which powers of two have, not every slope is a float
                }
            }
        }

        return null;
    }

    /// <summary>Changes a channel's numbers in a panel, bias included, from the rule's to these.</summary>
    public unsafe void Set(int* panel, int channel)
    {
        panel[Panel.Bias + channel] = unchecked(panel[Panel.Bias + channel] + Start);
        ((float*)panel)[Panel.Multiplier + channel] = Multiplier;
        ((float*)panel)[Panel.Addend + channel] = Addend;
        panel[Panel.Missed + channel] = Missed;
        panel[Panel.Instead + channel] = Instead;
    }

    /// <summary>The byte before the clamp, as the kernels compute it.</summary>
    public float Value(int accumulator)
    {
        int sum = unchecked(accumulator + Start);
        return MathF.FusedMultiplyAdd(BitConverter.Int32BitsToSingle(sum == Missed ? Instead : sum), Multiplier, Addend) - Centre;
    }

    /// <summary>
    /// Rounding to the nearest is half a byte and then the floor, and no tie is allowed. All that is left to choose is start * slope - origin * 2^fraction.
    /// </summary>
    private static FusedScale? Solve(in ByteSteps steps, ReadOnlySpan<int> firsts, int lowest, long slope, int fraction, long least, long most, int neighbour)
    {
        int highest = lowest + firsts.Length;
        bool bottoms = lowest == steps.Min && highest > lowest, tops = highest == steps.Max && highest > lowest;
        (long low, long high) = ScaleSearch.Between(firsts, lowest + 1, slope, fraction);
        int? missed = neighbour == 0 ? null : Miss(firsts, lowest + 1, slope, fraction, neighbour > 0, ref low, ref high);
        long from = bottoms ? firsts[0] - 1 : least, to = tops ? firsts[^1] : most;
        if (!bottoms)
        {
            low = Math.Max(low, ((lowest > steps.Min ? lowest : -Far) << fraction) - slope * least);
        }

        if (!tops)
        {
            high = Math.Min(high, ((highest < steps.Max ? highest + 1 : Far) << fraction) - slope * most);
        }

        // (Centre + accumulator + start) * slope + ((whole - origin) << fraction) + half
        long centre = slope * Centre, whole = -(centre >> fraction), given = centre + (whole << fraction) + (1L << fraction >> 1);
        (low, high) = (low + 1 - given, high - given);
        if (ScaleSearch.Split(slope, fraction, low, high, 1 - Reach - from, Reach - 1 - to) is not var (start, origin))
        {
            return null;
        }

        var scale = new FusedScale(CentreBits + (int)start, (float)Math.ScaleB(slope, -fraction), Centre + whole - origin, 0, 0);
        if (missed is { } accumulator && scale.Value(accumulator) != steps.At(accumulator))
        {
            scale = scale with { Missed = scale.Start + accumulator, Instead = scale.Start + accumulator + neighbour };
        }

        return scale.IsRight(steps, least) && scale.IsRight(steps, most) ? scale : null;
    }

    /// <summary>
    /// The accumulator that leaves least of the interval: a byte's first, which should be higher, or the one before it, which should be lower. With
    /// its neighbour in its place more is left.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]   // at its best from the first call on: a model is loaded once
    private static int? Miss(ReadOnlySpan<int> firsts, int from, long slope, int fraction, bool isFirst, ref long low, ref long high)
    {
        for (int i = 0; i < firsts.Length; i++)
        {
            long missing = ((long)(from + i) << fraction) - slope * firsts[i];
            if (missing == (isFirst ? low : high - slope))
            {
                (long lowBefore, long highBefore) = ScaleSearch.Between(firsts[..i], from, slope, fraction);
                (long lowBehind, long highBehind) = ScaleSearch.Between(firsts[(i + 1)..], from + i + 1, slope, fraction);
                low = Math.Max(Math.Max(lowBefore, lowBehind), missing - (isFirst ? slope : 0));
                high = Math.Min(Math.Min(highBefore, highBehind), missing + (isFirst ? slope : 2 * slope));
                return firsts[i] - (isFirst ? 0 : 1);
            }
        }

        return null;
    }

    /// <summary>Whether an accumulator gets its byte by way of int16.</summary>
    private bool IsRight(in ByteSteps steps, long accumulator)
    {
        float value = Value((int)accumulator);
        return Math.Abs(accumulator + Start - CentreBits) < Positive && value is >= short.MinValue and <= short.MaxValue && Math.Clamp((int)value, steps.Min, steps.Max) == steps.At(accumulator);
    }
}
