using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>Which of nine taps is the last of a group that is summed in int16; see <see cref="TapGroups"/>.</summary>
internal interface INeonGroups
{
    /// <summary>Tap 8 always is.</summary>
    static abstract bool EndsAt(int tap);
}

/// <summary>2, 2, 2, 2, 1.</summary>
internal struct NeonPairs : INeonGroups
{
    public static bool EndsAt(int tap) => tap is 1 or 3 or 5 or 7 or 8;
}

/// <summary>3, 2, 2, 2.</summary>
internal struct NeonOneTriple : INeonGroups
{
    public static bool EndsAt(int tap) => tap is 2 or 4 or 6 or 8;
}

/// <summary>3, 3, 3.</summary>
internal struct NeonTriples : INeonGroups
{
    public static bool EndsAt(int tap) => tap is 2 or 5 or 8;
}

/// <summary>
/// A row of 3x3 depthwise convolution, of any stride and dilation: four pixels times sixteen channels at a time. 16 sums, 8 products, four
/// pixels' inputs and a tap's weights are 29 registers. Instructions of a kind come in eights, since a result takes the A53 six cycles. Upper
/// halves go first: then a register is free to be its own lower half, and nothing is copied.
/// </summary>
internal static unsafe class NeonDepthwise3x3<TRounding, TGroups>
    where TRounding : struct, INeonRounding
    where TGroups : struct, INeonGroups
{
    /// <param name="line">Sixteen channels of a row of at least four pixels.</param>
    public static void Run(in NeonDepthwiseLine line)
    {
        nint* o = line.Offsets;
        nint o0 = o[0], o1 = o[1], o2 = o[2], o3 = o[3], o4 = o[4], o5 = o[5], o6 = o[6], o7 = o[7], o8 = o[8];
        int* panel = line.Panels, next = panel + Panel.Ints;
        sbyte* w = line.Weights;
        nint pixel = line.OutputPixel, step = line.InputStep, count = line.Count;
        OutputStage stage = line.Stage;
        for (nint ox = 0; ox < count; ox += NeonDepthwiseLine.Pixels)
        {
            nint first = Math.Min(ox, count - NeonDepthwiseLine.Pixels);   // the last four may overlap the four before them
            sbyte* x0 = line.Input + first * step, x1 = x0 + step, x2 = x1 + step, x3 = x2 + step;
            NeonSums a0 = Bias(panel), a1 = a0, a2 = a0, a3 = a0, b0 = Bias(next), b1 = b0, b2 = b0, b3 = b0;
            Products p = default, q = default;
            Tap(0, x0 + o0, x1 + o0, x2 + o0, x3 + o0, w, ref p, ref q, ref a0, ref a1, ref a2, ref a3, ref b0, ref b1, ref b2, ref b3);
            Tap(1, x0 + o1, x1 + o1, x2 + o1, x3 + o1, w, ref p, ref q, ref a0, ref a1, ref a2, ref a3, ref b0, ref b1, ref b2, ref b3);
            Tap(2, x0 + o2, x1 + o2, x2 + o2, x3 + o2, w, ref p, ref q, ref a0, ref a1, ref a2, ref a3, ref b0, ref b1, ref b2, ref b3);
            Tap(3, x0 + o3, x1 + o3, x2 + o3, x3 + o3, w, ref p, ref q, ref a0, ref a1, ref a2, ref a3, ref b0, ref b1, ref b2, ref b3);
            Tap(4, x0 + o4, x1 + o4, x2 + o4, x3 + o4, w, ref p, ref q, ref a0, ref a1, ref a2, ref a3, ref b0, ref b1, ref b2, ref b3);
            Tap(5, x0 + o5, x1 + o5, x2 + o5, x3 + o5, w, ref p, ref q, ref a0, ref a1, ref a2, ref a3, ref b0, ref b1, ref b2, ref b3);
            Tap(6, x0 + o6, x1 + o6, x2 + o6, x3 + o6, w, ref p, ref q, ref a0, ref a1, ref a2, ref a3, ref b0, ref b1, ref b2, ref b3);
            Tap(7, x0 + o7, x1 + o7, x2 + o7, x3 + o7, w, ref p, ref q, ref a0, ref a1, ref a2, ref a3, ref b0, ref b1, ref b2, ref b3);
            Tap(8, x0 + o8, x1 + o8, x2 + o8, x3 + o8, w, ref p, ref q, ref a0, ref a1, ref a2, ref a3, ref b0, ref b1, ref b2, ref b3);
            NeonFourRows<TRounding>.Scale(ref a0, ref a1, ref a2, ref a3, panel);
            NeonFourRows<TRounding>.Scale(ref b0, ref b1, ref b2, ref b3, next);
            NeonFourRows<TRounding>.StorePairs(a0, a1, a2, a3, b0, b1, b2, b3, panel, stage, line.Output + first * pixel, pixel);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static NeonSums Bias(int* panel) => new(AdvSimd.LoadVector128(panel + Panel.Bias), AdvSimd.LoadVector128(panel + Panel.Bias + 4));

    /// <summary>One tap of sixteen channels of four pixels; p and a have the lower eight channels, q and b the upper.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Tap(int tap, sbyte* at0, sbyte* at1, sbyte* at2, sbyte* at3, sbyte* weights, ref Products p, ref Products q,
        ref NeonSums a0, ref NeonSums a1, ref NeonSums a2, ref NeonSums a3, ref NeonSums b0, ref NeonSums b1, ref NeonSums b2, ref NeonSums b3)
    {
        Vector128<sbyte> w = AdvSimd.LoadVector128(weights + 2 * Panel.Channels * tap);
        Vector128<sbyte> x0 = AdvSimd.LoadVector128(at0), x1 = AdvSimd.LoadVector128(at1), x2 = AdvSimd.LoadVector128(at2), x3 = AdvSimd.LoadVector128(at3);
        if (tap == 0 || TGroups.EndsAt(tap - 1))
        {
            q.P0 = AdvSimd.MultiplyWideningUpper(x0, w);
            q.P1 = AdvSimd.MultiplyWideningUpper(x1, w);
            q.P2 = AdvSimd.MultiplyWideningUpper(x2, w);
            q.P3 = AdvSimd.MultiplyWideningUpper(x3, w);
            Vector64<sbyte> half = w.GetLower();
            p.P0 = AdvSimd.MultiplyWideningLower(x0.GetLower(), half);
            p.P1 = AdvSimd.MultiplyWideningLower(x1.GetLower(), half);
            p.P2 = AdvSimd.MultiplyWideningLower(x2.GetLower(), half);
            p.P3 = AdvSimd.MultiplyWideningLower(x3.GetLower(), half);
        }
        else
        {
            q.P0 = AdvSimd.MultiplyWideningUpperAndAdd(q.P0, x0, w);
            q.P1 = AdvSimd.MultiplyWideningUpperAndAdd(q.P1, x1, w);
            q.P2 = AdvSimd.MultiplyWideningUpperAndAdd(q.P2, x2, w);
            q.P3 = AdvSimd.MultiplyWideningUpperAndAdd(q.P3, x3, w);
            Vector64<sbyte> half = w.GetLower();
            p.P0 = AdvSimd.MultiplyWideningLowerAndAdd(p.P0, x0.GetLower(), half);
            p.P1 = AdvSimd.MultiplyWideningLowerAndAdd(p.P1, x1.GetLower(), half);
            p.P2 = AdvSimd.MultiplyWideningLowerAndAdd(p.P2, x2.GetLower(), half);
            p.P3 = AdvSimd.MultiplyWideningLowerAndAdd(p.P3, x3.GetLower(), half);
        }

        if (TGroups.EndsAt(tap))
        {
            AddUpper(ref a0, ref a1, ref a2, ref a3, p);
            AddUpper(ref b0, ref b1, ref b2, ref b3, q);
            Vector64<short> p0 = p.P0.GetLower(), p1 = p.P1.GetLower(), p2 = p.P2.GetLower(), p3 = p.P3.GetLower();
            Vector64<short> q0 = q.P0.GetLower(), q1 = q.P1.GetLower(), q2 = q.P2.GetLower(), q3 = q.P3.GetLower();
            a0.Low = AdvSimd.AddWideningLower(a0.Low, p0);
            a1.Low = AdvSimd.AddWideningLower(a1.Low, p1);
            a2.Low = AdvSimd.AddWideningLower(a2.Low, p2);
            a3.Low = AdvSimd.AddWideningLower(a3.Low, p3);
            b0.Low = AdvSimd.AddWideningLower(b0.Low, q0);
            b1.Low = AdvSimd.AddWideningLower(b1.Low, q1);
            b2.Low = AdvSimd.AddWideningLower(b2.Low, q2);
            b3.Low = AdvSimd.AddWideningLower(b3.Low, q3);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddUpper(ref NeonSums s0, ref NeonSums s1, ref NeonSums s2, ref NeonSums s3, Products p)
    {
        s0.High = AdvSimd.AddWideningUpper(s0.High, p.P0);
        s1.High = AdvSimd.AddWideningUpper(s1.High, p.P1);
        s2.High = AdvSimd.AddWideningUpper(s2.High, p.P2);
        s3.High = AdvSimd.AddWideningUpper(s3.High, p.P3);
    }

    /// <summary>Eight int16 of each of four pixels.</summary>
    private struct Products
    {
        public Vector128<short> P0;
        public Vector128<short> P1;
        public Vector128<short> P2;
        public Vector128<short> P3;
    }
}

/// <summary>Sixteen channels of a row of output pixels, and what they are computed from. Distances are in bytes.</summary>
internal readonly unsafe struct NeonDepthwiseLine
{
    /// <summary>Output pixels computed at once; a row has at least so many.</summary>
    public const int Pixels = 4;

    /// <summary>First tap of the first pixel.</summary>
    public required sbyte* Input { get; init; }

    /// <summary>From one output pixel's first tap to the next one's.</summary>
    public required nint InputStep { get; init; }

    /// <summary>From a pixel's first tap to each of the nine, in the order of the weights.</summary>
    public required nint* Offsets { get; init; }

    /// <summary>[tap][16 channels].</summary>
    public required sbyte* Weights { get; init; }

    /// <summary>Two panels.</summary>
    public required int* Panels { get; init; }

    public required OutputStage Stage { get; init; }

    public required sbyte* Output { get; init; }

    public required nint OutputPixel { get; init; }

    public required int Count { get; init; }
}
