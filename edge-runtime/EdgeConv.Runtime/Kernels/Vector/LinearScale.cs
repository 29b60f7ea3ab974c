using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// Both roundings and the zero point of one output channel in one fused multiplication and one subtraction: the accumulator plus
/// <see cref="Start"/> is read as a float, of which it is the fraction, and the byte before the clamp is the lower half of
/// 2 - float * <see cref="Multiplier"/>, rounded as floats are, less <see cref="Origin"/>. It exists only where that is the rule's byte for
/// every accumulator that the channel's weights can give.
/// </summary>
/// <remarks>
/// The float is 2^-23 * f with an integer f from 2^23 on, less than 2^24, and its multiplier -2 * slope / 2^shift. So the result is 2 to less
/// than 4, the integer in its fraction is f * slope / 2^shift, to the nearest, and one accumulator more is one f more. Floats, since the A72 has two units
/// for them and one for integer products.
/// </remarks>
/// <param name="Start">Added to the sums, modulo 2^32; the bias is not in it.</param>
/// <param name="Multiplier">Negative.</param>
/// <param name="Origin">What zero becomes, modulo 2^16.</param>
internal readonly record struct LinearScale(int Start, float Multiplier, short Origin)
{
    /// <summary>Bits of a float's fraction.</summary>
    private const int Fraction = 23;

    /// <summary>1, of which accumulators are the fraction.</summary>
    private const int OneBits = 0x7f << Fraction;

    /// <summary>Bytes before the clamp are less: they fit int16.</summary>
    private const long Reach = 1 << 14;

    /// <summary>At so many accumulators a byte, or more, the result stays below 4.</summary>
    private const int LeastAccumulatorsAByte = 5;

    /// <summary>Slopes above and below the nearest that are tried: what is too steep for the first byte may do for all.</summary>
    private const int Neighbours = 2;

    /// <summary>A channel's numbers, or null where there are none.</summary>
    /// <param name="multiplier">Q0.31 of the rule.</param>
    /// <param name="shift">Of the rule; positive is left.</param>
    /// <param name="stage">The layer's output.</param>
    /// <param name="least">The smallest accumulator, bias included.</param>
    /// <param name="most">The largest.</param>
    public static LinearScale? Solve(int multiplier, int shift, in OutputStage stage, long least, long most)
    {
        var steps = new ByteSteps(multiplier, shift, stage.ZeroPoint, stage.Min, stage.Max);
        if (stage.FixesTies || !steps.AreKnown || steps.AccumulatorsAByte < LeastAccumulatorsAByte)
        {
            return null;   // ties on both sides of zero lie on no line
        }

        int lowest = steps.At(least), highest = steps.At(most);
        Span<int> room = stackalloc int[256];
        ReadOnlySpan<int> firsts = room[..steps.Firsts(lowest + 1, highest, room)];
        int bits = Fraction + 1 + Math.ILogB(steps.AccumulatorsAByte);
        long nearest = (long)Math.Round(Math.ScaleB(1, bits) / steps.AccumulatorsAByte);
        for (int i = 0; i <= 2 * Neighbours; i++)
        {
            long slope = nearest + (i % 2 == 0 ? i / 2 : -(i + 1) / 2);
            (long low, long high) = ScaleSearch.Between(firsts, lowest + 1, slope, bits);
            low = Math.Max(low, ((lowest > steps.Min ? lowest : -Reach) << bits) - slope * least);
            high = Math.Min(high, ((highest < steps.Max ? highest + 1 : Reach) << bits) - slope * most);
            long half = 1L << bits >> 1;   // rounding to the nearest is half a byte and then the floor
            if (slope <= 1 << (Fraction + 1)
                && ScaleSearch.Split(slope, bits, low + 1 - half, high - half, (1 << Fraction) - least, (2 << Fraction) - 1 - most) is var (f, origin))
            {
                return new LinearScale(unchecked((int)(f - (1 << Fraction)) + OneBits), (float)Math.ScaleB(-slope, 1 - bits), unchecked((short)origin));
            }
        }

        return null;
    }

    /// <summary>Changes a channel's numbers in a panel, bias included, from the rule's to these.</summary>
    public unsafe void Set(int* panel, int channel)
    {
        panel[Panel.Bias + channel] = unchecked(panel[Panel.Bias + channel] + Start);
        panel[Panel.Multiplier + channel] = BitConverter.SingleToInt32Bits(Multiplier);
        ((short*)(panel + Panel.ShortShiftBy))[channel] = Origin;
    }
}
