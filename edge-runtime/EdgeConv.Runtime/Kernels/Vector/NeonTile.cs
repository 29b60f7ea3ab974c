using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>How many products of a panel an int16 sum holds; see <see cref="NeonMicroKernel.FitsShortSums"/>.</summary>
internal interface INeonSums
{
    /// <summary>Whether two products may meet in int16.</summary>
    static abstract bool AddsPairs { get; }
}

/// <summary>SMULL2, SMLAL, SADALP.</summary>
internal struct NeonShortSums : INeonSums
{
    public static bool AddsPairs => true;
}

/// <summary>SMULL2, SADALP, SMULL, SADALP: any weights.</summary>
internal struct NeonLongSums : INeonSums
{
    public static bool AddsPairs => false;
}

/// <summary>How many channels of a panel are real.</summary>
internal interface INeonChannels
{
    /// <summary>4, 6 or 8: the others are left out.</summary>
    static abstract int Count { get; }
}

/// <summary>A panel that is full, or nearly.</summary>
internal struct NeonEightChannels : INeonChannels
{
    public static int Count => 8;
}

/// <summary>The first layer of a small network often has six.</summary>
internal struct NeonSixChannels : INeonChannels
{
    public static int Count => 6;
}

/// <summary>Half a panel.</summary>
internal struct NeonFourChannels : INeonChannels
{
    public static int Count => 4;
}

/// <summary>
/// Two rows times eight channels: sixteen sums of four lanes each, four channels at a time. All 32 registers are in use: 16 sums, 8 products,
/// 4 weights, and each row's 16 bytes once whole and once as its lower half (a second load costs no more than a copy would). Eight
/// independent instructions of a kind follow one another, since the A53 issues in order and a result takes it four to six cycles.
/// </summary>
internal static unsafe class NeonTile<TSums, TChannels>
    where TSums : struct, INeonSums
    where TChannels : struct, INeonChannels
{
    public const int Taps = 16;
    public const int StepBytes = Taps * Panel.Channels;

    /// <summary>accumulators[row][channel] = bias + sum over all taps, two rows at a time.</summary>
    public static void Multiply(byte** rows, int count, Segments segments, sbyte* panelWeights, int* panel, int* accumulators)
    {
        // a panel that the first rows have brought into the cache serves the others from there
        for (byte** end = rows + count; rows < end; rows += 2, accumulators += 2 * Panel.Channels)
        {
            sbyte* weights = panelWeights;
            Vector128<int> a0 = default, b0 = default, c0 = default, d0 = default, e0 = default, f0 = default, g0 = default, h0 = default;
            Vector128<int> a1 = default, b1 = default, c1 = default, d1 = default, e1 = default, f1 = default, g1 = default, h1 = default;
            for (int s = 0; s < segments.Count; s++)
            {
                sbyte* x = (sbyte*)rows[0] + segments.Offsets[s], y = (sbyte*)rows[1] + segments.Offsets[s];
                Run(ref a0, ref b0, ref c0, ref d0, ref e0, ref f0, ref g0, ref h0, ref a1, ref b1, ref c1, ref d1, ref e1, ref f1, ref g1, ref h1,
                    x, y, ref weights, segments.Steps);
            }

            StoreSums(ref a0, b0, ref c0, d0, ref e0, f0, ref g0, h0, ref a1, b1, ref c1, d1, ref e1, f1, ref g1, h1, panel, accumulators);
        }
    }

    /// <summary>Sums across the lanes of two rows, plus the bias.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreSums(ref Vector128<int> a0, Vector128<int> b0, ref Vector128<int> c0, Vector128<int> d0,
        ref Vector128<int> e0, Vector128<int> f0, ref Vector128<int> g0, Vector128<int> h0,
        ref Vector128<int> a1, Vector128<int> b1, ref Vector128<int> c1, Vector128<int> d1,
        ref Vector128<int> e1, Vector128<int> f1, ref Vector128<int> g1, Vector128<int> h1, int* panel, int* accumulators)
    {
        Fold(ref a0, ref c0, ref e0, ref g0, b0, d0, f0, h0);
        Fold(ref a1, ref c1, ref e1, ref g1, b1, d1, f1, h1);
        Vector128<int> low = AdvSimd.LoadVector128(panel + Panel.Bias), high = AdvSimd.LoadVector128(panel + Panel.Bias + 4);
        Fold(ref a0, ref e0, ref a1, ref e1, c0, g0, c1, g1);
        AdvSimd.Store(accumulators, AdvSimd.Add(a0, low));
        AdvSimd.Store(accumulators + 4, AdvSimd.Add(e0, high));
        AdvSimd.Store(accumulators + 8, AdvSimd.Add(a1, low));
        AdvSimd.Store(accumulators + 12, AdvSimd.Add(e1, high));
    }

    /// <summary>Steps of a run of both rows, two at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run(ref Vector128<int> a0, ref Vector128<int> b0, ref Vector128<int> c0, ref Vector128<int> d0,
        ref Vector128<int> e0, ref Vector128<int> f0, ref Vector128<int> g0, ref Vector128<int> h0,
        ref Vector128<int> a1, ref Vector128<int> b1, ref Vector128<int> c1, ref Vector128<int> d1,
        ref Vector128<int> e1, ref Vector128<int> f1, ref Vector128<int> g1, ref Vector128<int> h1,
        sbyte* x, sbyte* y, ref sbyte* weights, nint step)
    {
        for (; step > 1; step -= 2, x += 2 * Taps, y += 2 * Taps, weights += 2 * StepBytes)
        {
            Step(ref a0, ref b0, ref c0, ref d0, ref e0, ref f0, ref g0, ref h0, ref a1, ref b1, ref c1, ref d1, ref e1, ref f1, ref g1, ref h1,
                x, y, weights, 0);
            Step(ref a0, ref b0, ref c0, ref d0, ref e0, ref f0, ref g0, ref h0, ref a1, ref b1, ref c1, ref d1, ref e1, ref f1, ref g1, ref h1,
                x, y, weights, 1);
        }

        if (step > 0)
        {
            Step(ref a0, ref b0, ref c0, ref d0, ref e0, ref f0, ref g0, ref h0, ref a1, ref b1, ref c1, ref d1, ref e1, ref f1, ref g1, ref h1,
                x, y, weights, 0);
            weights += StepBytes;
        }
    }

    /// <summary>A step of both rows, so many ahead.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Step(ref Vector128<int> a0, ref Vector128<int> b0, ref Vector128<int> c0, ref Vector128<int> d0,
        ref Vector128<int> e0, ref Vector128<int> f0, ref Vector128<int> g0, ref Vector128<int> h0,
        ref Vector128<int> a1, ref Vector128<int> b1, ref Vector128<int> c1, ref Vector128<int> d1,
        ref Vector128<int> e1, ref Vector128<int> f1, ref Vector128<int> g1, ref Vector128<int> h1,
        sbyte* x, sbyte* y, sbyte* weights, int ahead)
    {
        Vector128<sbyte> x0 = AdvSimd.LoadVector128(x + ahead * Taps), x1 = AdvSimd.LoadVector128(y + ahead * Taps);
        Vector64<sbyte> low0 = AdvSimd.LoadVector64(x + ahead * Taps), low1 = AdvSimd.LoadVector64(y + ahead * Taps);
        Four(ref a0, ref b0, ref c0, ref d0, ref a1, ref b1, ref c1, ref d1, x0, x1, low0, low1, weights, ahead * StepBytes);
        Rest(ref e0, ref f0, ref g0, ref h0, ref e1, ref f1, ref g1, ref h1, x0, x1, low0, low1, weights, ahead * StepBytes + StepBytes / 2);
    }

    /// <summary>The same for one row, all eight channels at a time.</summary>
    public static void MultiplyRow(byte* row, Segments segments, sbyte* weights, int* panel, int* accumulators)
    {
        Vector128<int> a = default, b = default, c = default, d = default, e = default, f = default, g = default, h = default;
        for (int s = 0; s < segments.Count; s++)
        {
            sbyte* x = (sbyte*)row + segments.Offsets[s];
            for (nint step = segments.Steps; step > 0; step--, x += Taps, weights += StepBytes)
            {
                Vector128<sbyte> whole = AdvSimd.LoadVector128(x);
                Vector64<sbyte> low = AdvSimd.LoadVector64(x);
                Vector128<sbyte> wa = AdvSimd.LoadVector128(weights), wb = AdvSimd.LoadVector128(weights + Taps);
                Vector128<sbyte> wc = AdvSimd.LoadVector128(weights + 2 * Taps), wd = AdvSimd.LoadVector128(weights + 3 * Taps);
                Vector128<sbyte> we = AdvSimd.LoadVector128(weights + 4 * Taps), wf = AdvSimd.LoadVector128(weights + 5 * Taps);
                Vector128<sbyte> wg = AdvSimd.LoadVector128(weights + 6 * Taps), wh = AdvSimd.LoadVector128(weights + 7 * Taps);
                Eight(ref a, ref b, ref c, ref d, ref e, ref f, ref g, ref h, whole, low, wa, wb, wc, wd, we, wf, wg, wh);
            }
        }

        Vector128<int> none = default;
        Fold(ref a, ref c, ref e, ref g, b, d, f, h);
        Fold(ref a, ref e, ref none, ref none, c, g, none, none);
        AdvSimd.Store(accumulators, AdvSimd.Add(a, AdvSimd.LoadVector128(panel + Panel.Bias)));
        AdvSimd.Store(accumulators + 4, AdvSimd.Add(e, AdvSimd.LoadVector128(panel + Panel.Bias + 4)));
    }

    /// <summary>Four channels of two rows. The weights are read from a constant distance, which the loads take in.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Four(ref Vector128<int> a0, ref Vector128<int> b0, ref Vector128<int> c0, ref Vector128<int> d0,
        ref Vector128<int> a1, ref Vector128<int> b1, ref Vector128<int> c1, ref Vector128<int> d1,
        Vector128<sbyte> x0, Vector128<sbyte> x1, Vector64<sbyte> low0, Vector64<sbyte> low1, sbyte* weights, int at)
    {
        Vector128<sbyte> a = AdvSimd.LoadVector128(weights + at), b = AdvSimd.LoadVector128(weights + at + Taps);
        Vector128<sbyte> c = AdvSimd.LoadVector128(weights + at + 2 * Taps), d = AdvSimd.LoadVector128(weights + at + 3 * Taps);
        Upper(out Vector128<short> pa0, out Vector128<short> pb0, out Vector128<short> pc0, out Vector128<short> pd0,
            out Vector128<short> pa1, out Vector128<short> pb1, out Vector128<short> pc1, out Vector128<short> pd1, x0, x1, a, b, c, d);
        if (!TSums.AddsPairs)
        {
            Add(ref a0, ref b0, ref c0, ref d0, ref a1, ref b1, ref c1, ref d1, pa0, pb0, pc0, pd0, pa1, pb1, pc1, pd1);
            pa0 = pb0 = pc0 = pd0 = pa1 = pb1 = pc1 = pd1 = default;
        }

        Lower(ref pa0, ref pb0, ref pc0, ref pd0, ref pa1, ref pb1, ref pc1, ref pd1, low0, low1, a, b, c, d);
        Add(ref a0, ref b0, ref c0, ref d0, ref a1, ref b1, ref c1, ref d1, pa0, pb0, pc0, pd0, pa1, pb1, pc1, pd1);
    }

    /// <summary>Products of the upper eight taps.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Upper(out Vector128<short> pa0, out Vector128<short> pb0, out Vector128<short> pc0, out Vector128<short> pd0,
        out Vector128<short> pa1, out Vector128<short> pb1, out Vector128<short> pc1, out Vector128<short> pd1,
        Vector128<sbyte> x0, Vector128<sbyte> x1, Vector128<sbyte> a, Vector128<sbyte> b, Vector128<sbyte> c, Vector128<sbyte> d)
    {
        pa0 = AdvSimd.MultiplyWideningUpper(x0, a);
        pa1 = AdvSimd.MultiplyWideningUpper(x1, a);
        pb0 = AdvSimd.MultiplyWideningUpper(x0, b);
        pb1 = AdvSimd.MultiplyWideningUpper(x1, b);
        pc0 = AdvSimd.MultiplyWideningUpper(x0, c);
        pc1 = AdvSimd.MultiplyWideningUpper(x1, c);
        pd0 = AdvSimd.MultiplyWideningUpper(x0, d);
        pd1 = AdvSimd.MultiplyWideningUpper(x1, d);
    }

    /// <summary>Those of the lower eight, which come last: then a weight's register is free to be its lower half, and nothing is copied.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Lower(ref Vector128<short> pa0, ref Vector128<short> pb0, ref Vector128<short> pc0, ref Vector128<short> pd0,
        ref Vector128<short> pa1, ref Vector128<short> pb1, ref Vector128<short> pc1, ref Vector128<short> pd1,
        Vector64<sbyte> low0, Vector64<sbyte> low1, Vector128<sbyte> a, Vector128<sbyte> b, Vector128<sbyte> c, Vector128<sbyte> d)
    {
        Vector64<sbyte> la = a.GetLower();
        pa0 = AdvSimd.MultiplyWideningLowerAndAdd(pa0, low0, la);
        pa1 = AdvSimd.MultiplyWideningLowerAndAdd(pa1, low1, la);
        Vector64<sbyte> lb = b.GetLower();
        pb0 = AdvSimd.MultiplyWideningLowerAndAdd(pb0, low0, lb);
        pb1 = AdvSimd.MultiplyWideningLowerAndAdd(pb1, low1, lb);
        Vector64<sbyte> lc = c.GetLower();
        pc0 = AdvSimd.MultiplyWideningLowerAndAdd(pc0, low0, lc);
        pc1 = AdvSimd.MultiplyWideningLowerAndAdd(pc1, low1, lc);
        Vector64<sbyte> ld = d.GetLower();
        pd0 = AdvSimd.MultiplyWideningLowerAndAdd(pd0, low0, ld);
        pd1 = AdvSimd.MultiplyWideningLowerAndAdd(pd1, low1, ld);
    }

    /// <summary>Channels 4 to 7, as far as they are real.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Rest(ref Vector128<int> e0, ref Vector128<int> f0, ref Vector128<int> g0, ref Vector128<int> h0,
        ref Vector128<int> e1, ref Vector128<int> f1, ref Vector128<int> g1, ref Vector128<int> h1,
        Vector128<sbyte> x0, Vector128<sbyte> x1, Vector64<sbyte> low0, Vector64<sbyte> low1, sbyte* weights, int at)
    {
        if (TChannels.Count == 8)
        {
            Four(ref e0, ref f0, ref g0, ref h0, ref e1, ref f1, ref g1, ref h1, x0, x1, low0, low1, weights, at);
        }
        else if (TChannels.Count == 6)
        {
            Two(ref e0, ref f0, ref e1, ref f1, x0, x1, low0, low1, weights, at);
        }
    }

    /// <summary>Two channels of two rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Two(ref Vector128<int> a0, ref Vector128<int> b0, ref Vector128<int> a1, ref Vector128<int> b1,
        Vector128<sbyte> x0, Vector128<sbyte> x1, Vector64<sbyte> low0, Vector64<sbyte> low1, sbyte* weights, int at)
    {
        Vector128<sbyte> a = AdvSimd.LoadVector128(weights + at), b = AdvSimd.LoadVector128(weights + at + Taps);
        Vector128<short> pa0 = AdvSimd.MultiplyWideningUpper(x0, a), pa1 = AdvSimd.MultiplyWideningUpper(x1, a);
        Vector128<short> pb0 = AdvSimd.MultiplyWideningUpper(x0, b), pb1 = AdvSimd.MultiplyWideningUpper(x1, b);
        if (!TSums.AddsPairs)
        {
            Add(ref a0, ref b0, ref a1, ref b1, pa0, pb0, pa1, pb1);
            pa0 = pb0 = pa1 = pb1 = default;
        }

        Vector64<sbyte> la = a.GetLower();
        pa0 = AdvSimd.MultiplyWideningLowerAndAdd(pa0, low0, la);
        pa1 = AdvSimd.MultiplyWideningLowerAndAdd(pa1, low1, la);
        Vector64<sbyte> lb = b.GetLower();
        pb0 = AdvSimd.MultiplyWideningLowerAndAdd(pb0, low0, lb);
        pb1 = AdvSimd.MultiplyWideningLowerAndAdd(pb1, low1, lb);
        Add(ref a0, ref b0, ref a1, ref b1, pa0, pb0, pa1, pb1);
    }

    /// <summary>Eight channels of one row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Eight(ref Vector128<int> a, ref Vector128<int> b, ref Vector128<int> c, ref Vector128<int> d,
        ref Vector128<int> e, ref Vector128<int> f, ref Vector128<int> g, ref Vector128<int> h, Vector128<sbyte> x, Vector64<sbyte> low,
        Vector128<sbyte> wa, Vector128<sbyte> wb, Vector128<sbyte> wc, Vector128<sbyte> wd,
        Vector128<sbyte> we, Vector128<sbyte> wf, Vector128<sbyte> wg, Vector128<sbyte> wh)
    {
        Vector128<short> pa = AdvSimd.MultiplyWideningUpper(x, wa), pb = AdvSimd.MultiplyWideningUpper(x, wb);
        Vector128<short> pc = AdvSimd.MultiplyWideningUpper(x, wc), pd = AdvSimd.MultiplyWideningUpper(x, wd);
        Vector128<short> pe = AdvSimd.MultiplyWideningUpper(x, we), pf = AdvSimd.MultiplyWideningUpper(x, wf);
        Vector128<short> pg = AdvSimd.MultiplyWideningUpper(x, wg), ph = AdvSimd.MultiplyWideningUpper(x, wh);
        if (!TSums.AddsPairs)
        {
            Add(ref a, ref b, ref c, ref d, ref e, ref f, ref g, ref h, pa, pb, pc, pd, pe, pf, pg, ph);
            pa = pb = pc = pd = pe = pf = pg = ph = default;
        }

        pa = AdvSimd.MultiplyWideningLowerAndAdd(pa, low, wa.GetLower());
        pb = AdvSimd.MultiplyWideningLowerAndAdd(pb, low, wb.GetLower());
        pc = AdvSimd.MultiplyWideningLowerAndAdd(pc, low, wc.GetLower());
        pd = AdvSimd.MultiplyWideningLowerAndAdd(pd, low, wd.GetLower());
        pe = AdvSimd.MultiplyWideningLowerAndAdd(pe, low, we.GetLower());
        pf = AdvSimd.MultiplyWideningLowerAndAdd(pf, low, wf.GetLower());
        pg = AdvSimd.MultiplyWideningLowerAndAdd(pg, low, wg.GetLower());
        ph = AdvSimd.MultiplyWideningLowerAndAdd(ph, low, wh.GetLower());
        Add(ref a, ref b, ref c, ref d, ref e, ref f, ref g, ref h, pa, pb, pc, pd, pe, pf, pg, ph);
    }

    /// <summary>In the order in which the products were made, so that none is waited for: two rows of four channels side by side.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(ref Vector128<int> a, ref Vector128<int> b, ref Vector128<int> c, ref Vector128<int> d,
        ref Vector128<int> e, ref Vector128<int> f, ref Vector128<int> g, ref Vector128<int> h,
        Vector128<short> pa, Vector128<short> pb, Vector128<short> pc, Vector128<short> pd,
        Vector128<short> pe, Vector128<short> pf, Vector128<short> pg, Vector128<short> ph)
    {
        Add(ref a, ref e, ref b, ref f, pa, pe, pb, pf);
        Add(ref c, ref g, ref d, ref h, pc, pg, pd, ph);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(ref Vector128<int> a, ref Vector128<int> b, ref Vector128<int> c, ref Vector128<int> d,
        Vector128<short> pa, Vector128<short> pb, Vector128<short> pc, Vector128<short> pd)
    {
        a = AdvSimd.AddPairwiseWideningAndAdd(a, pa);
        b = AdvSimd.AddPairwiseWideningAndAdd(b, pb);
        c = AdvSimd.AddPairwiseWideningAndAdd(c, pc);
        d = AdvSimd.AddPairwiseWideningAndAdd(d, pd);
    }

    /// <summary>Neighbouring lanes of two sums added: twice makes one vector of four sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fold(ref Vector128<int> a, ref Vector128<int> c, ref Vector128<int> e, ref Vector128<int> g,
        Vector128<int> b, Vector128<int> d, Vector128<int> f, Vector128<int> h)
    {
        a = AdvSimd.Arm64.AddPairwise(a, b);
        c = AdvSimd.Arm64.AddPairwise(c, d);
        e = AdvSimd.Arm64.AddPairwise(e, f);
        g = AdvSimd.Arm64.AddPairwise(g, h);
    }
}
