using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// Division, both roundings and the zero point of one output channel in two multiplications and no shift: the byte before the clamp is
/// (x * <see cref="Multiplier"/>) >> 47, with x = <see cref="Factor"/> * (the tile's multiple of the accumulator + <see cref="Start"/>) modulo 2^32. It exists only
/// where that is the rule's byte for every accumulator that the channel's weights can give (WINOGRAD.md).
/// </summary>
/// <param name="Factor">Odd, so that any constant can be had by way of <see cref="Start"/>.</param>
/// <param name="Start">Added to the sums.</param>
/// <param name="Multiplier">Positive.</param>
internal readonly record struct WinogradScale(int Factor, int Start, int Multiplier)
{
    /// <summary>What the product is shifted by: 31 by SQDMULH, 16 by taking upper halves.</summary>
    public const int Shift = 31 + 16;

    /// <summary>Slopes that are tried. The first nearly always does.</summary>
    private const int Slopes = 3;

    /// <summary>A channel's numbers, or null where there are none.</summary>
    /// <param name="tile">Which says the multiple.</param>
    /// <param name="multiplier">Q0.31 of the rule.</param>
    /// <param name="shift">Of the rule; positive is left.</param>
    /// <param name="stage">The layer's output.</param>
    /// <param name="least">The smallest accumulator, bias included.</param>
    /// <param name="most">The largest.</param>
    public static WinogradScale? Solve(WinogradTile tile, int multiplier, int shift, in OutputStage stage, long least, long most)
    {
        var steps = new ByteSteps(multiplier, shift, stage.ZeroPoint, stage.Min, stage.Max);
        if (stage.FixesTies || !steps.AreKnown)
        {
            return null;   // ties on both sides of zero lie on no line
        }

        // x = power of two * odd * accumulator + constant fits int32, the constant being about the zero point's share
        double shifted = stage.ZeroPoint * steps.AccumulatorsAByte;
        double largest = Math.Max(Math.Abs(least + shifted), Math.Abs(most + shifted)) + 1;
        int odd = (int)Math.Min(int.MaxValue / ((1 << tile.ScaleShift) * largest), short.MaxValue);
        odd -= 1 - odd % 2;
        return odd > 0 ? Solve(tile, steps, odd, least, most) : null;
    }

    private static WinogradScale? Solve(WinogradTile tile, in ByteSteps steps, int odd, long least, long most)
    {
        long scale = odd << tile.ScaleShift;
        double nearest = Math.Round(Math.ScaleB(1, Shift) / (scale * steps.AccumulatorsAByte));
        Span<int> room = stackalloc int[256];
        int lowest = steps.At(least), highest = steps.At(most);
        ReadOnlySpan<int> firsts = room[..steps.Firsts(lowest + 1, highest, room)];
        for (int i = 0; i < Slopes && nearest is >= 1 and <= int.MaxValue; i++)
        {
            // constant * multiplier is bounded by int32 and by the bytes at both ends, then by the steps between
            long multiplier = (long)nearest, step = scale * multiplier, atLeast = step * least, atMost = step * most;
            long low = (lowest > steps.Min ? Math.Max((long)lowest << Shift, int.MinValue * multiplier) : int.MinValue * multiplier) - atLeast;
            long high = (highest < steps.Max ? Math.Min((long)(highest + 1) << Shift, (int.MaxValue + 1L) * multiplier) : (int.MaxValue + 1L) * multiplier) - atMost;
            (int above, int below) = Narrow(firsts, lowest + 1, step, ref low, ref high);
            long constant = low / multiplier + (low % multiplier > 0 ? 1 : 0);
            if (constant * multiplier < high)
            {
                return Of(tile, odd, constant, (int)multiplier);
            }

            if (above == below)
            {
                return null;
            }

            // turned about the first of the two steps that are in each other's way, but by one at least
            double slope = Math.ScaleB(1, Shift) / nearest - ((low - high) / nearest + 1) / (above - below);
            double next = Math.Round(Math.ScaleB(1, Shift) / slope);
            nearest = next == nearest ? nearest + Math.Sign(above - below) : next;
        }

        return null;
    }

    /// <summary>
    /// What the steps leave of constant * multiplier: the first accumulator of a byte must reach it and the one before may not. Returns the bytes that
    /// bound it from below and from above.
    /// </summary>
    private static (int Above, int Below) Narrow(ReadOnlySpan<int> firsts, int from, long step, ref long low, ref long high)
    {
        (int above, int below) = (from - 1, from + firsts.Length);
        (long least, long most, long reached) = (low, high - step, (long)from << Shift);
        for (int i = 0; i < firsts.Length; i++, reached += 1L << Shift)
        {
            long missing = reached - step * firsts[i];
            if (missing > least)
            {
                (least, above) = (missing, from + i);
            }

            if (missing < most)
            {
                (most, below) = (missing, from + i);
            }
        }

        (low, high) = (least, most + step);
        return (above, below);
    }

    private static WinogradScale Of(WinogradTile tile, int odd, long constant, int multiplier)
    {
        int factor = unchecked(odd * tile.InverseOfOdd);
        return new WinogradScale(factor, unchecked(Inverse(factor) * (int)constant), multiplier);
    }

    /// <summary>Of an odd number, modulo 2^32, by Newton's method: each step doubles the bits that are right, 3 at first.</summary>
    private static int Inverse(int odd)
    {
        int inverse = odd;
        for (int bits = 3; bits < 32; bits *= 2)
        {
            inverse = unchecked(inverse * (2 - odd * inverse));
        }

        return inverse;
    }
}
