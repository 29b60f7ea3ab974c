using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// Eight channels of a row of output pixels, four pixels at a time. Products of two taps are added in int16 before they are widened:
/// 2 * 128 * 127 fits. Only two weights of -128 that both meet an input of -128 do not; see <see cref="PairsFit"/>.
/// </summary>
internal static unsafe class DepthwiseRow<TKernel, TTaps, TSums>
    where TKernel : struct, IDepthwiseKernel<TTaps, TSums>
{
    /// <summary>Output pixels computed at once.</summary>
    public const int Pixels = 4;

    /// <summary>Whether no two neighbouring taps (0 and 1, 2 and 3...) of a channel are both -128.</summary>
    public static bool PairsFit(ReadOnlySpan<sbyte> channel)
    {
        for (int tap = 0; tap + 1 < channel.Length; tap += 2)
        {
            if (channel[tap] == sbyte.MinValue && channel[tap + 1] == sbyte.MinValue)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>3x3, stride 1: the weights stay in registers, six columns serve four pixels. At least four pixels, pairs fit.</summary>
    public static void Run3x3(in DepthwiseLine line)
    {
        sbyte* w = line.Weights;
        TTaps w0 = TKernel.Load(w), w1 = TKernel.Load(w + 8), w2 = TKernel.Load(w + 16), w3 = TKernel.Load(w + 24), w4 = TKernel.Load(w + 32);
        TTaps w5 = TKernel.Load(w + 40), w6 = TKernel.Load(w + 48), w7 = TKernel.Load(w + 56), w8 = TKernel.Load(w + 64);
        nint c1 = line.InputPixel, c2 = 2 * c1, c3 = 3 * c1, c4 = 4 * c1, c5 = 5 * c1;
        int* panel = line.Panel;
        nint row = line.InputRow, pixel = line.OutputPixel, count = line.Count;
        OutputStage stage = line.Stage;
        for (nint ox = 0; ox < count; ox += Pixels)
        {
            nint first = Math.Min(ox, count - Pixels);   // the last four may overlap the four before them
            sbyte* x = line.Input + first * c1;
            TSums s0 = TKernel.Start(panel), s1 = s0, s2 = s0, s3 = s0;

            TTaps a0 = TKernel.Load(x), a1 = TKernel.Load(x + c1), a2 = TKernel.Load(x + c2), a3 = TKernel.Load(x + c3);
            TTaps a4 = TKernel.Load(x + c4), a5 = TKernel.Load(x + c5);
            Pair(ref s0, ref s1, ref s2, ref s3, w0, a0, a1, a2, a3, w1, a1, a2, a3, a4);
            x += row;
            TTaps b0 = TKernel.Load(x), b1 = TKernel.Load(x + c1), b2 = TKernel.Load(x + c2), b3 = TKernel.Load(x + c3);
            Pair(ref s0, ref s1, ref s2, ref s3, w2, a2, a3, a4, a5, w3, b0, b1, b2, b3);
            TTaps b4 = TKernel.Load(x + c4), b5 = TKernel.Load(x + c5);
            Pair(ref s0, ref s1, ref s2, ref s3, w4, b1, b2, b3, b4, w5, b2, b3, b4, b5);
            x += row;
            TTaps d0 = TKernel.Load(x), d1 = TKernel.Load(x + c1), d2 = TKernel.Load(x + c2), d3 = TKernel.Load(x + c3);
            TTaps d4 = TKernel.Load(x + c4), d5 = TKernel.Load(x + c5);
            Pair(ref s0, ref s1, ref s2, ref s3, w6, d0, d1, d2, d3, w7, d1, d2, d3, d4);
            Single(ref s0, ref s1, ref s2, ref s3, w8, d2, d3, d4, d5);
            TKernel.Store(s0, s1, s2, s3, panel, stage, line.Output + first * pixel, pixel);
        }
    }

    /// <summary>3x3, stride 2: nine columns serve four pixels.</summary>
    public static void Run3x3By2(in DepthwiseLine line)
    {
        sbyte* w = line.Weights;
        TTaps w0 = TKernel.Load(w), w1 = TKernel.Load(w + 8), w2 = TKernel.Load(w + 16), w3 = TKernel.Load(w + 24), w4 = TKernel.Load(w + 32);
        TTaps w5 = TKernel.Load(w + 40), w6 = TKernel.Load(w + 48), w7 = TKernel.Load(w + 56), w8 = TKernel.Load(w + 64);
        nint c1 = line.InputPixel, c2 = 2 * c1, c3 = 3 * c1, c4 = 4 * c1, c5 = 5 * c1, c6 = 6 * c1, c7 = 7 * c1, c8 = 8 * c1;
        int* panel = line.Panel;
        nint row = line.InputRow, pixel = line.OutputPixel, count = line.Count;
        OutputStage stage = line.Stage;
        for (nint ox = 0; ox < count; ox += Pixels)
        {
            nint first = Math.Min(ox, count - Pixels);
            sbyte* x = line.Input + first * c2;
            TSums s0 = TKernel.Start(panel), s1 = s0, s2 = s0, s3 = s0;

            TTaps a0 = TKernel.Load(x), a2 = TKernel.Load(x + c2), a4 = TKernel.Load(x + c4), a6 = TKernel.Load(x + c6);
            Pair(ref s0, ref s1, ref s2, ref s3, w0, a0, a2, a4, a6,
                w1, TKernel.Load(x + c1), TKernel.Load(x + c3), TKernel.Load(x + c5), TKernel.Load(x + c7));
            TTaps a8 = TKernel.Load(x + c8);
            x += row;
            TTaps b0 = TKernel.Load(x), b2 = TKernel.Load(x + c2), b4 = TKernel.Load(x + c4), b6 = TKernel.Load(x + c6);
            Pair(ref s0, ref s1, ref s2, ref s3, w2, a2, a4, a6, a8, w3, b0, b2, b4, b6);
            Pair(ref s0, ref s1, ref s2, ref s3, w4, TKernel.Load(x + c1), TKernel.Load(x + c3), TKernel.Load(x + c5), TKernel.Load(x + c7),
                w5, b2, b4, b6, TKernel.Load(x + c8));
            x += row;
            TTaps d0 = TKernel.Load(x), d2 = TKernel.Load(x + c2), d4 = TKernel.Load(x + c4), d6 = TKernel.Load(x + c6);
            Pair(ref s0, ref s1, ref s2, ref s3, w6, d0, d2, d4, d6,
                w7, TKernel.Load(x + c1), TKernel.Load(x + c3), TKernel.Load(x + c5), TKernel.Load(x + c7));
            Single(ref s0, ref s1, ref s2, ref s3, w8, d2, d4, d6, TKernel.Load(x + c8));
            TKernel.Store(s0, s1, s2, s3, panel, stage, line.Output + first * pixel, pixel);
        }
    }

    /// <summary>Any kernel, stride and dilation, by a list of offsets; where pairs do not fit, tap by tap.</summary>
    /// <param name="line">The row.</param>
    /// <param name="offsets">Bytes from a pixel's first tap to each tap, an even number of them.</param>
    /// <param name="taps">Number of offsets.</param>
    /// <param name="pairsFit">Whether all channels of the row pass <see cref="PairsFit"/>.</param>
    public static void RunAny(in DepthwiseLine line, nint* offsets, int taps, bool pairsFit)
    {
        nint step = line.InputPixel * line.StrideW;
        int* panel = line.Panel;
        nint pixel = line.OutputPixel, count = line.Count;
        OutputStage stage = line.Stage;
        for (nint ox = 0; ox < count; ox += Pixels)
        {
            nint first = Math.Max(Math.Min(ox, count - Pixels), 0), last = count - 1;
            sbyte* x0 = line.Input + first * step, x1 = line.Input + Math.Min(first + 1, last) * step;
            sbyte* x2 = line.Input + Math.Min(first + 2, last) * step, x3 = line.Input + Math.Min(first + 3, last) * step;
            sbyte* w = line.Weights;
            TSums s0 = TKernel.Start(panel), s1 = s0, s2 = s0, s3 = s0;
            for (int tap = 0; tap < taps; tap += 2, w += 2 * Panel.Channels)
            {
                nint a = offsets[tap], b = offsets[tap + 1];
                TTaps w0 = TKernel.Load(w), w1 = TKernel.Load(w + Panel.Channels);
                if (pairsFit)
                {
                    Pair(ref s0, ref s1, ref s2, ref s3, w0, TKernel.Load(x0 + a), TKernel.Load(x1 + a), TKernel.Load(x2 + a), TKernel.Load(x3 + a),
                        w1, TKernel.Load(x0 + b), TKernel.Load(x1 + b), TKernel.Load(x2 + b), TKernel.Load(x3 + b));
                }
                else
                {
                    Single(ref s0, ref s1, ref s2, ref s3, w0, TKernel.Load(x0 + a), TKernel.Load(x1 + a), TKernel.Load(x2 + a), TKernel.Load(x3 + a));
                    Single(ref s0, ref s1, ref s2, ref s3, w1, TKernel.Load(x0 + b), TKernel.Load(x1 + b), TKernel.Load(x2 + b), TKernel.Load(x3 + b));
                }
            }

            TKernel.Store(s0, s1, s2, s3, panel, stage, line.Output + first * pixel, pixel);
        }
    }

    /// <summary>Two taps of four pixels, the four chains side by side: none waits for itself.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Pair(ref TSums s0, ref TSums s1, ref TSums s2, ref TSums s3,
        TTaps w, TTaps x0, TTaps x1, TTaps x2, TTaps x3, TTaps v, TTaps y0, TTaps y1, TTaps y2, TTaps y3)
    {
        Vector128<short> p0 = TKernel.Multiply(x0, w), p1 = TKernel.Multiply(x1, w), p2 = TKernel.Multiply(x2, w), p3 = TKernel.Multiply(x3, w);
        p0 = TKernel.MultiplyAdd(p0, y0, v);
        p1 = TKernel.MultiplyAdd(p1, y1, v);
        p2 = TKernel.MultiplyAdd(p2, y2, v);
        p3 = TKernel.MultiplyAdd(p3, y3, v);
        TKernel.Add(ref s0, ref s1, ref s2, ref s3, p0, p1, p2, p3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Single(ref TSums s0, ref TSums s1, ref TSums s2, ref TSums s3, TTaps w, TTaps x0, TTaps x1, TTaps x2, TTaps x3)
    {
        Vector128<short> p0 = TKernel.Multiply(x0, w), p1 = TKernel.Multiply(x1, w), p2 = TKernel.Multiply(x2, w), p3 = TKernel.Multiply(x3, w);
        TKernel.Add(ref s0, ref s1, ref s2, ref s3, p0, p1, p2, p3);
    }
}

/// <summary>Eight channels of a row of output pixels, and what they are computed from. Distances are in bytes.</summary>
internal readonly unsafe struct DepthwiseLine
{
    /// <summary>First tap of the first pixel.</summary>
    public required sbyte* Input { get; init; }

    /// <summary>From one kernel row to the next.</summary>
    public required nint InputRow { get; init; }

    public required nint InputPixel { get; init; }

    public required int StrideW { get; init; }

    /// <summary>[tap][8 channels].</summary>
    public required sbyte* Weights { get; init; }

    public required int* Panel { get; init; }

    public required OutputStage Stage { get; init; }

    public required sbyte* Output { get; init; }

    public required nint OutputPixel { get; init; }

    /// <summary>Output pixels. Where there are fewer than four, room behind them for four.</summary>
    public required int Count { get; init; }
}
