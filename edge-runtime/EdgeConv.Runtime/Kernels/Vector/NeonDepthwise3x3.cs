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
/// pixels' inputs, a tap's weights and the next one's are 30 registers. Instructions that wait for one another stand eight apart, since a result
/// takes the A53 six cycles: inputs are loaded a tap ahead, into the registers of those that were used last. Upper halves go first: then a
/// register is free to be its own lower half, and nothing is copied.
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
        nint step = line.InputStep, pixel = line.OutputPixel;
        sbyte* x0 = line.Input, x1 = x0 + step, x2 = x1 + step, x3 = x2 + step;
        sbyte* y0 = line.Output, y1 = y0 + pixel, y2 = y1 + pixel, y3 = y2 + pixel;
        OutputStage stage = line.Stage;

        // the second four overlap the first where the pixels are no multiple of four
        nint ahead = (line.Count - 1) % NeonDepthwiseLine.Pixels + 1, forward = ahead * step, forwardOut = ahead * pixel;
        nint four = NeonDepthwiseLine.Pixels * step, fourOut = NeonDepthwiseLine.Pixels * pixel;
        for (nint left = line.Count; left > 0; left -= NeonDepthwiseLine.Pixels)
        {
            NeonSums none = default;
            var t0 = new Inputs(x0 + o0, x1 + o0, x2 + o0, x3 + o0);
            Vector128<sbyte> w0 = AdvSimd.LoadVector128(w);
            Tap(0, w, w0, t0, default, default, x0 + o1, x1 + o1, x2 + o1, x3 + o1, out Vector128<sbyte> w1, out Inputs t1, out Products p0, out Products q0,
                ref none, ref none, ref none, ref none, ref none, ref none, ref none, ref none);
            NeonSums a0 = Bias(panel), a1 = a0, a2 = a0, a3 = a0, b0 = Bias(next), b1 = b0, b2 = b0, b3 = b0;
            Tap(1, w, w1, t1, p0, q0, x0 + o2, x1 + o2, x2 + o2, x3 + o2, out Vector128<sbyte> w2, out Inputs t2, out Products p1, out Products q1,
                ref a0, ref a1, ref a2, ref a3, ref b0, ref b1, ref b2, ref b3);
            Tap(2, w, w2, t2, p1, q1, x0 + o3, x1 + o3, x2 + o3, x3 + o3, out Vector128<sbyte> w3, out Inputs t3, out Products p2, out Products q2,
                ref a0, ref a1, ref a2, ref a3, ref b0, ref b1, ref b2, ref b3);
            Tap(3, w, w3, t3, p2, q2, x0 + o4, x1 + o4, x2 + o4, x3 + o4, out Vector128<sbyte> w4, out Inputs t4, out Products p3, out Products q3,
                ref a0, ref a1, ref a2, ref a3, ref b0, ref b1, ref b2, ref b3);
            Tap(4, w, w4, t4, p3, q3, x0 + o5, x1 + o5, x2 + o5, x3 + o5, out Vector128<sbyte> w5, out Inputs t5, out Products p4, out Products q4,
                ref a0, ref a1, ref a2, ref a3, ref b0, ref b1, ref b2, ref b3);
            Tap(5, w, w5, t5, p4, q4, x0 + o6, x1 + o6, x2 + o6, x3 + o6, out Vector128<sbyte> w6, out Inputs t6, out Products p5, out Products q5,
                ref a0, ref a1, ref a2, ref a3, ref b0, ref b1, ref b2, ref b3);
            Tap(6, w, w6, t6, p5, q5, x0 + o7, x1 + o7, x2 + o7, x3 + o7, out Vector128<sbyte> w7, out Inputs t7, out Products p6, out Products q6,
                ref a0, ref a1, ref a2, ref a3, ref b0, ref b1, ref b2, ref b3);
            Tap(7, w, w7, t7, p6, q6, x0 + o8, x1 + o8, x2 + o8, x3 + o8, out Vector128<sbyte> w8, out Inputs t8, out Products p7, out Products q7,
                ref a0, ref a1, ref a2, ref a3, ref b0, ref b1, ref b2, ref b3);
            Tap(8, w, w8, t8, p7, q7, x0, x1, x2, x3, out _, out _, out Products p8, out Products q8,
                ref a0, ref a1, ref a2, ref a3, ref b0, ref b1, ref b2, ref b3);
            if (TRounding.IsLinear)
            {
                Finish(p8, panel, next, y0, y1, y2, y3, a0, a1, a2, a3, b0, b1, b2, b3);
            }
            else
            {
                Add(ref a0, p8.P0);
                Add(ref a1, p8.P1);
                Add(ref a2, p8.P2);
                Add(ref a3, p8.P3);
                NeonFourRows<TRounding>.Scale(ref b0, ref b1, ref b2, ref b3, next);
                NeonFourRows<TRounding>.Scale(ref a0, ref a1, ref a2, ref a3, panel);
                NeonFourRows<TRounding>.StorePairs(a0, a1, a2, a3, b0, b1, b2, b3, panel, stage, y0, y1, y2, y3);
            }

            x0 += forward;
            x1 += forward;
            x2 += forward;
            x3 += forward;
            y0 += forwardOut;
            y1 += forwardOut;
            y2 += forwardOut;
            y3 += forwardOut;
            (forward, forwardOut) = (four, fourOut);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static NeonSums Bias(int* panel) => new(AdvSimd.LoadVector128(panel + Panel.Bias), AdvSimd.LoadVector128(panel + Panel.Bias + 4));

    /// <summary>
    /// One tap of sixteen channels of four pixels; p and a have the lower eight channels, q and b the upper. The lower products of the group
    /// before are added while the upper ones of the next begin: two units work at it where there are two.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Tap(int tap, sbyte* weights, Vector128<sbyte> w, Inputs x, Products p, Products q,
        sbyte* next0, sbyte* next1, sbyte* next2, sbyte* next3, out Vector128<sbyte> nextWeights, out Inputs next, out Products pNext, out Products qNext,
        ref NeonSums a0, ref NeonSums a1, ref NeonSums a2, ref NeonSums a3, ref NeonSums b0, ref NeonSums b1, ref NeonSums b2, ref NeonSums b3)
    {
        const int Last = 8;
        bool begins = tap == 0 || TGroups.EndsAt(tap - 1);
        if (begins)
        {
            if (tap != 0)
            {
                Add(ref a0, p.P0);
            }

            qNext.P0 = AdvSimd.MultiplyWideningUpper(x.X0, w);
            if (tap != 0)
            {
                Add(ref a1, p.P1);
            }

            qNext.P1 = AdvSimd.MultiplyWideningUpper(x.X1, w);
            if (tap != 0)
            {
                Add(ref a2, p.P2);
            }

            qNext.P2 = AdvSimd.MultiplyWideningUpper(x.X2, w);
            if (tap != 0)
            {
                Add(ref a3, p.P3);
            }

            qNext.P3 = AdvSimd.MultiplyWideningUpper(x.X3, w);
        }
        else
        {
            qNext.P0 = AdvSimd.MultiplyWideningUpperAndAdd(q.P0, x.X0, w);
            qNext.P1 = AdvSimd.MultiplyWideningUpperAndAdd(q.P1, x.X1, w);
            qNext.P2 = AdvSimd.MultiplyWideningUpperAndAdd(q.P2, x.X2, w);
            qNext.P3 = AdvSimd.MultiplyWideningUpperAndAdd(q.P3, x.X3, w);
        }

        Vector64<sbyte> half = w.GetLower();
        if (tap == Last)
        {
            pNext.P0 = Lower(begins, p.P0, x.X0, half);
            pNext.P1 = Lower(begins, p.P1, x.X1, half);
            pNext.P2 = Lower(begins, p.P2, x.X2, half);
            pNext.P3 = Lower(begins, p.P3, x.X3, half);
            nextWeights = default;
            next = default;
        }
        else
        {
            nextWeights = AdvSimd.LoadVector128(weights + 2 * Panel.Channels * (tap + 1));
            next.X0 = AdvSimd.LoadVector128(next0);
            pNext.P0 = Lower(begins, p.P0, x.X0, half);
            next.X1 = AdvSimd.LoadVector128(next1);
            pNext.P1 = Lower(begins, p.P1, x.X1, half);
            next.X2 = AdvSimd.LoadVector128(next2);
            pNext.P2 = Lower(begins, p.P2, x.X2, half);
            next.X3 = AdvSimd.LoadVector128(next3);
            pNext.P3 = Lower(begins, p.P3, x.X3, half);
        }

        if (TGroups.EndsAt(tap))
        {
            b0.High = AdvSimd.AddWideningUpper(b0.High, qNext.P0);
            b1.High = AdvSimd.AddWideningUpper(b1.High, qNext.P1);
            b2.High = AdvSimd.AddWideningUpper(b2.High, qNext.P2);
            b3.High = AdvSimd.AddWideningUpper(b3.High, qNext.P3);
            b0.Low = AdvSimd.AddWideningLower(b0.Low, qNext.P0.GetLower());
            b1.Low = AdvSimd.AddWideningLower(b1.Low, qNext.P1.GetLower());
            b2.Low = AdvSimd.AddWideningLower(b2.Low, qNext.P2.GetLower());
            b3.Low = AdvSimd.AddWideningLower(b3.Low, qNext.P3.GetLower());
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> Lower(bool begins, Vector128<short> products, Vector128<sbyte> x, Vector64<sbyte> w) =>
        begins ? AdvSimd.MultiplyWideningLower(x.GetLower(), w) : AdvSimd.MultiplyWideningLowerAndAdd(products, x.GetLower(), w);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(ref NeonSums sums, Vector128<short> products)
    {
        sums.High = AdvSimd.AddWideningUpper(sums.High, products);
        sums.Low = AdvSimd.AddWideningLower(sums.Low, products.GetLower());
    }

    /// <summary>The last lower products added, and four pixels stored: upper channels are a step ahead of lower ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(Products p, int* panel, int* next, sbyte* y0, sbyte* y1, sbyte* y2, sbyte* y3,
        NeonSums a0, NeonSums a1, NeonSums a2, NeonSums a3, NeonSums b0, NeonSums b1, NeonSums b2, NeonSums b3)
    {
        NeonSums multipliers = NeonLinearOutput.Multipliers(panel), nextMultipliers = NeonLinearOutput.Multipliers(next);
        Vector128<short> origins = NeonLinearOutput.Origins(panel), nextOrigins = NeonLinearOutput.Origins(next);
        Add(ref a0, p.P0);
        b0 = NeonLinearOutput.Multiply(b0, nextMultipliers);
        Add(ref a1, p.P1);
        b1 = NeonLinearOutput.Multiply(b1, nextMultipliers);
        Add(ref a2, p.P2);
        b2 = NeonLinearOutput.Multiply(b2, nextMultipliers);
        Add(ref a3, p.P3);
        b3 = NeonLinearOutput.Multiply(b3, nextMultipliers);

        a0 = NeonLinearOutput.Multiply(a0, multipliers);
        Vector64<short> v0 = NeonLinearOutput.Lower(b0);
        a1 = NeonLinearOutput.Multiply(a1, multipliers);
        Vector64<short> v1 = NeonLinearOutput.Lower(b1);
        a2 = NeonLinearOutput.Multiply(a2, multipliers);
        Vector64<short> v2 = NeonLinearOutput.Lower(b2);
        a3 = NeonLinearOutput.Multiply(a3, multipliers);
        Vector64<short> v3 = NeonLinearOutput.Lower(b3);

        Vector64<short> u0 = NeonLinearOutput.Lower(a0), u1 = NeonLinearOutput.Lower(a1), u2 = NeonLinearOutput.Lower(a2), u3 = NeonLinearOutput.Lower(a3);
        Vector128<short> upper0 = NeonLinearOutput.Upper(v0, b0), upper1 = NeonLinearOutput.Upper(v1, b1);
        Vector128<short> upper2 = NeonLinearOutput.Upper(v2, b2), upper3 = NeonLinearOutput.Upper(v3, b3);
        Vector128<short> lower0 = NeonLinearOutput.Upper(u0, a0), lower1 = NeonLinearOutput.Upper(u1, a1);
        Vector128<short> lower2 = NeonLinearOutput.Upper(u2, a2), lower3 = NeonLinearOutput.Upper(u3, a3);
        upper0 -= nextOrigins;
        upper1 -= nextOrigins;
        upper2 -= nextOrigins;
        upper3 -= nextOrigins;
        lower0 -= origins;
        lower1 -= origins;
        lower2 -= origins;
        lower3 -= origins;
        Vector64<sbyte> half0 = AdvSimd.ExtractNarrowingSaturateLower(lower0), half1 = AdvSimd.ExtractNarrowingSaturateLower(lower1);
        Vector64<sbyte> half2 = AdvSimd.ExtractNarrowingSaturateLower(lower2), half3 = AdvSimd.ExtractNarrowingSaturateLower(lower3);
        Vector128<sbyte> bytes0 = AdvSimd.ExtractNarrowingSaturateUpper(half0, upper0), bytes1 = AdvSimd.ExtractNarrowingSaturateUpper(half1, upper1);
        Vector128<sbyte> bytes2 = AdvSimd.ExtractNarrowingSaturateUpper(half2, upper2), bytes3 = AdvSimd.ExtractNarrowingSaturateUpper(half3, upper3);
        AdvSimd.Store(y0, bytes0);
        AdvSimd.Store(y1, bytes1);
        AdvSimd.Store(y2, bytes2);
        AdvSimd.Store(y3, bytes3);
    }

    /// <summary>Eight int16 of each of four pixels.</summary>
    private struct Products
    {
        public Vector128<short> P0;
        public Vector128<short> P1;
        public Vector128<short> P2;
        public Vector128<short> P3;
    }

    /// <summary>A tap's sixteen channels of each of four pixels.</summary>
    private struct Inputs
    {
        public Vector128<sbyte> X0;
        public Vector128<sbyte> X1;
        public Vector128<sbyte> X2;
        public Vector128<sbyte> X3;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Inputs(sbyte* at0, sbyte* at1, sbyte* at2, sbyte* at3)
        {
            X0 = AdvSimd.LoadVector128(at0);
            X1 = AdvSimd.LoadVector128(at1);
            X2 = AdvSimd.LoadVector128(at2);
            X3 = AdvSimd.LoadVector128(at3);
        }
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
