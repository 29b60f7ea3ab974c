using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// A row of 3x3 depthwise convolution by SDOT, which multiplies four bytes of a lane: here four pixels of a channel. Such a quad starts at every
/// second pixel, so with weights [w0 w1 w2 0] it is the window of its first pixel and with [0 w0 w1 w2] that of its second.
/// </summary>
internal static unsafe class NeonDpDepthwise3x3<TRounding>
    where TRounding : struct, INeonRounding
{
    private const int Half = 16;   // bytes: a quad of four channels

    /// <summary>Stride 1: two quads make four pixels. The twelve vectors of weights stay in registers.</summary>
    public static void Run(in NeonDpDepthwiseLine line)
    {
        sbyte* w = line.Weights;
        Vector128<sbyte> w0 = Load(w), w0h = Load(w + Half), v0 = Load(w + 2 * Half), v0h = Load(w + 3 * Half);
        Vector128<sbyte> w1 = Load(w + 4 * Half), w1h = Load(w + 5 * Half), v1 = Load(w + 6 * Half), v1h = Load(w + 7 * Half);
        Vector128<sbyte> w2 = Load(w + 8 * Half), w2h = Load(w + 9 * Half), v2 = Load(w + 10 * Half), v2h = Load(w + 11 * Half);
        sbyte* q0 = line.Row0, q1 = line.Row1, q2 = line.Row2, y = line.Output;
        int* panel = line.Panel, starts = line.Starts;
        OutputStage stage = line.Stage;
        nint quad = line.QuadBytes, step = 2 * quad, pixel = line.OutputPixel;
        for (nint left = line.Count; left > 0; left -= NeonDpDepthwiseLine.Pixels)
        {
            NeonSums a0 = Start(starts), a1 = Start(starts + Panel.Channels), a2 = Start(starts + 2 * Panel.Channels), a3 = Start(starts + 3 * Panel.Channels);
            Two(q0, w0, w0h, v0, v0h, ref a0, ref a1);
            Two(q0 + quad, w0, w0h, v0, v0h, ref a2, ref a3);
            Two(q1, w1, w1h, v1, v1h, ref a0, ref a1);
            Two(q1 + quad, w1, w1h, v1, v1h, ref a2, ref a3);
            Two(q2, w2, w2h, v2, v2h, ref a0, ref a1);
            Two(q2 + quad, w2, w2h, v2, v2h, ref a2, ref a3);
            NeonFourRows<TRounding>.Scale(ref a0, ref a1, ref a2, ref a3, panel);
            NeonFourRows<TRounding>.Store(a0, a1, a2, a3, panel, stage, y, pixel);
            q0 += step;
            q1 += step;
            q2 += step;
            y += NeonDpDepthwiseLine.Pixels * pixel;
        }
    }

    /// <summary>Stride 2: a quad is a pixel.</summary>
    public static void RunBy2(in NeonDpDepthwiseLine line)
    {
        sbyte* w = line.Weights;
        Vector128<sbyte> w0 = Load(w), w0h = Load(w + Half), w1 = Load(w + 4 * Half), w1h = Load(w + 5 * Half), w2 = Load(w + 8 * Half), w2h = Load(w + 9 * Half);
        sbyte* q0 = line.Row0, q1 = line.Row1, q2 = line.Row2, y = line.Output;
        int* panel = line.Panel, starts = line.Starts;
        OutputStage stage = line.Stage;
        nint quad = line.QuadBytes, step = 4 * quad, pixel = line.OutputPixel;
        for (nint left = line.Count; left > 0; left -= NeonDpDepthwiseLine.Pixels)
        {
            NeonSums a0 = Start(starts), a1 = Start(starts + Panel.Channels), a2 = Start(starts + 2 * Panel.Channels), a3 = Start(starts + 3 * Panel.Channels);
            Four(q0, quad, w0, w0h, ref a0, ref a1, ref a2, ref a3);
            Four(q1, quad, w1, w1h, ref a0, ref a1, ref a2, ref a3);
            Four(q2, quad, w2, w2h, ref a0, ref a1, ref a2, ref a3);
            NeonFourRows<TRounding>.Scale(ref a0, ref a1, ref a2, ref a3, panel);
            NeonFourRows<TRounding>.Store(a0, a1, a2, a3, panel, stage, y, pixel);
            q0 += step;
            q1 += step;
            q2 += step;
            y += NeonDpDepthwiseLine.Pixels * pixel;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<sbyte> Load(sbyte* at) => AdvSimd.LoadVector128(at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static NeonSums Start(int* sums) => new(AdvSimd.LoadVector128(sums), AdvSimd.LoadVector128(sums + 4));

    /// <summary>A kernel row of the two pixels that a quad serves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Two(sbyte* quad, Vector128<sbyte> w, Vector128<sbyte> wHigh, Vector128<sbyte> v, Vector128<sbyte> vHigh, ref NeonSums even, ref NeonSums odd)
    {
        Vector128<sbyte> x = Load(quad), xHigh = Load(quad + Half);
        even.Low = Dp.DotProduct(even.Low, x, w);
        odd.Low = Dp.DotProduct(odd.Low, x, v);
        even.High = Dp.DotProduct(even.High, xHigh, wHigh);
        odd.High = Dp.DotProduct(odd.High, xHigh, vHigh);
    }

    /// <summary>A kernel row of four pixels, each with a quad of its own.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Four(sbyte* at, nint quad, Vector128<sbyte> w, Vector128<sbyte> wHigh, ref NeonSums a0, ref NeonSums a1, ref NeonSums a2, ref NeonSums a3)
    {
        One(at, w, wHigh, ref a0);
        One(at + quad, w, wHigh, ref a1);
        One(at + 2 * quad, w, wHigh, ref a2);
        One(at + 3 * quad, w, wHigh, ref a3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void One(sbyte* quad, Vector128<sbyte> w, Vector128<sbyte> wHigh, ref NeonSums a)
    {
        a.Low = Dp.DotProduct(a.Low, Load(quad), w);
        a.High = Dp.DotProduct(a.High, Load(quad + Half), wHigh);
    }
}

/// <summary>Eight channels of a row of output pixels, and what they are computed from. Distances are in bytes.</summary>
internal readonly unsafe struct NeonDpDepthwiseLine
{
    /// <summary>Output pixels computed at once; a line is a multiple of them.</summary>
    public const int Pixels = 4;

    /// <summary>The first quad of these channels in each of the three rows; see <see cref="PixelQuads"/>.</summary>
    public required sbyte* Row0 { get; init; }

    public required sbyte* Row1 { get; init; }

    public required sbyte* Row2 { get; init; }

    /// <summary>From one quad to the next.</summary>
    public required nint QuadBytes { get; init; }

    /// <summary>[row][first pixel, second pixel][8 channels][4].</summary>
    public required sbyte* Weights { get; init; }

    public required int* Panel { get; init; }

    /// <summary>[pixel][8 channels]: the bias for each of the pixels, so that it is loaded and not copied.</summary>
    public required int* Starts { get; init; }

    public required OutputStage Stage { get; init; }

    public required sbyte* Output { get; init; }

    public required nint OutputPixel { get; init; }

    public required int Count { get; init; }
}
