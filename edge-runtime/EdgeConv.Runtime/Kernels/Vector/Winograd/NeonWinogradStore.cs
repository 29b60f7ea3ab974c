using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// From sums to bytes on NEON, four channels at a time: A'^T along two rows of positions side by side, then down the columns, in an order that
/// leaves no more alive than registers hold. Rows 1 and 2 of the output, which need no more than positions 1 to 4, are finished first.
/// </summary>
internal static unsafe class NeonWinogradStore<TRounding, TClamp>
    where TRounding : struct, INeonRounding
    where TClamp : struct, INeonClamp
{
    private const int Lanes = 4;
    private const int PositionRow = (WinogradFour.Rows + 2) * Panel.Channels;

    public static void Run(int* sums, int tiles, int* panel, OutputStage stage, sbyte* y, nint row, nint pixel)
    {
        Half<LowerChannels>(sums, tiles, panel, stage, y, row, pixel);
        Half<UpperChannels>(sums, tiles, panel, stage, y, row, pixel);
    }

    /// <summary>The maximum of each two by two pixels.</summary>
    public static void RunPooled(int* sums, int tiles, int* panel, OutputStage stage, sbyte* y, nint row, nint pixel)
    {
        HalfPooled<LowerChannels>(sums, tiles, panel, stage, y, row, pixel);
        HalfPooled<UpperChannels>(sums, tiles, panel, stage, y, row, pixel);
    }

    /// <summary>accumulators[pixel][8] += sums, brought back and divided.</summary>
    public static void Accumulate(int* sums, int* accumulators)
    {
        for (int half = 0; half < Panel.Channels; half += Lanes)
        {
            Middle(sums + half, default, out NeonRow row1, out NeonRow row2, out NeonRow s, out NeonRow d, out NeonRow w);
            Add(row1, accumulators + half + 4 * Panel.Channels);
            Add(row2, accumulators + half + 8 * Panel.Channels);
            Ends(sums + half, s, d, w, out NeonRow row0, out NeonRow row3);
            Add(row0, accumulators + half);
            Add(row3, accumulators + half + 12 * Panel.Channels);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Half<THalf>(int* sums, int tiles, int* panel, OutputStage stage, sbyte* y, nint row, nint pixel)
        where THalf : struct, IHalf
    {
        Vector128<short> zeroPoint = Vector128.Create((short)stage.ZeroPoint);
        Vector128<sbyte> min = Vector128.Create((sbyte)stage.Min), max = Vector128.Create((sbyte)stage.Max);
        nint row2 = 2 * row, row3 = 3 * row, step = 4 * pixel;
        var scaling = new NeonWinogradScaling<TRounding>(panel + THalf.First, panel);
        panel += THalf.First;
        for (; tiles > 0; tiles--, sums += WinogradFour.TileSums, y += step)
        {
            int* from = sums + THalf.First;
            Middle(from, AdvSimd.LoadVector128(panel + Panel.Bias), out NeonRow r1, out NeonRow r2, out NeonRow s, out NeonRow d, out NeonRow w);
            scaling.Apply(ref r1, ref r2);
            Narrow(r1, r2, out Vector128<short> r1l, out Vector128<short> r1h, out Vector128<short> r2l, out Vector128<short> r2h);
            Ends(from, s, d, w, out NeonRow r0, out NeonRow r3);
            scaling.Apply(ref r0, ref r3);
            Narrow(r0, r3, out Vector128<short> r0l, out Vector128<short> r0h, out Vector128<short> r3l, out Vector128<short> r3h);

            scaling.Finish(ref r1l, ref r1h, ref r2l, ref r2h);
            scaling.Finish(ref r0l, ref r0h, ref r3l, ref r3h);
            if (!TRounding.IsOneStep)
            {
                Add(ref r1l, ref r1h, ref r2l, ref r2h, zeroPoint);
                Add(ref r0l, ref r0h, ref r3l, ref r3h, zeroPoint);
            }

            Narrow(r0l, r0h, r1l, r1h, r2l, r2h, r3l, r3h, out Vector128<sbyte> b0, out Vector128<sbyte> b1, out Vector128<sbyte> b2, out Vector128<sbyte> b3);
            if (TClamp.Clamps)
            {
                Clamp(ref b0, ref b1, ref b2, ref b3, min, max);
            }

            // bytes of the lower channels wait where their sums were
            if (THalf.First == 0)
            {
                AdvSimd.Store((sbyte*)(sums + 0 * Panel.Channels), b0);
                AdvSimd.Store((sbyte*)(sums + 1 * Panel.Channels), b1);
                AdvSimd.Store((sbyte*)(sums + 2 * Panel.Channels), b2);
                AdvSimd.Store((sbyte*)(sums + 3 * Panel.Channels), b3);
            }
            else
            {
                Vector128<sbyte> a0 = At(sums, 0).AsSByte(), a1 = At(sums, 1).AsSByte(), a2 = At(sums, 2).AsSByte(), a3 = At(sums, 3).AsSByte();
                Store(a0, b0, a1, b1, y, y + row, pixel);
                Store(a2, b2, a3, b3, y + row2, y + row3, pixel);
            }
        }
    }

    /// <summary>64 times the accumulators have their order, so the maximum is taken there.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void HalfPooled<THalf>(int* sums, int tiles, int* panel, OutputStage stage, sbyte* y, nint row, nint pixel)
        where THalf : struct, IHalf
    {
        Vector128<short> zeroPoint = Vector128.Create((short)stage.ZeroPoint);
        Vector128<sbyte> min = Vector128.Create((sbyte)stage.Min), max = Vector128.Create((sbyte)stage.Max);
        var scaling = new NeonWinogradScaling<TRounding>(panel + THalf.First, panel);
        panel += THalf.First;
        for (; tiles > 0; tiles--, sums += WinogradFour.TileSums, y += 2 * pixel)
        {
            int* from = sums + THalf.First;
            Middle(from, AdvSimd.LoadVector128(panel + Panel.Bias), out NeonRow r1, out NeonRow r2, out NeonRow s, out NeonRow d, out NeonRow w);
            scaling.Divide(ref r1, ref r2);
            Ends(from, s, d, w, out NeonRow r0, out NeonRow r3);
            scaling.Divide(ref r0, ref r3);
            NeonRow windows = NeonRow.MaxOfPairs(NeonRow.Max(r0, r1), NeonRow.Max(r2, r3));
            scaling.Multiply(ref windows);
            Narrow(windows, zeroPoint, out Vector128<short> row0, out Vector128<short> row1);
            Vector128<sbyte> b = AdvSimd.ExtractNarrowingSaturateUpper(AdvSimd.ExtractNarrowingSaturateLower(row0), row1);
            b = AdvSimd.Min(AdvSimd.Max(b, min), max);
            if (THalf.First == 0)
            {
                AdvSimd.Store((sbyte*)sums, b);
            }
            else
            {
                Vector128<int> a = AdvSimd.LoadVector128(sums);
                Vector128<long> upper = AdvSimd.Arm64.ZipLow(a, b.AsInt32()).AsInt64(), lower = AdvSimd.Arm64.ZipHigh(a, b.AsInt32()).AsInt64();
                AdvSimd.Store((long*)y, upper.GetLower());
                AdvSimd.StoreSelectedScalar((long*)(y + pixel), upper, 1);
                AdvSimd.Store((long*)(y + row), lower.GetLower());
                AdvSimd.StoreSelectedScalar((long*)(y + row + pixel), lower, 1);
            }
        }
    }

    /// <summary>Rows 1 and 2 of the output, and what rows 0 and 3 need of positions 1 to 4: their sum and differences.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Middle(int* sums, Vector128<int> bias, out NeonRow row1, out NeonRow row2, out NeonRow sum, out NeonRow near, out NeonRow far)
    {
        Along(sums + PositionRow, sums + 2 * PositionRow, bias, out NeonRow a, out NeonRow b);
        sum = NeonRow.Sum(a, b);
        near = NeonRow.Difference(a, b);
        Along(sums + 3 * PositionRow, sums + 4 * PositionRow, default, out a, out b);
        NeonRow u = NeonRow.Sum(a, b);
        far = NeonRow.Difference(a, b);
        row2 = NeonRow.Sum(u.Times4(), sum);
        row1 = NeonRow.Sum(NeonRow.Sum(far, far), near);
        sum = NeonRow.Sum(sum, u);
    }

    /// <summary>Rows 0 and 3 of the output.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Ends(int* sums, NeonRow sum, NeonRow near, NeonRow far, out NeonRow row0, out NeonRow row3)
    {
        Along(sums, sums + 5 * PositionRow, default, out NeonRow a, out NeonRow b);
        b = NeonRow.Sum(b, far);
        row0 = NeonRow.Sum(a, sum);
        row3 = NeonRow.Sum(b.Times8(), near);
    }

    /// <summary>Pooled pixels to int16, with the zero point.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Narrow(NeonRow windows, Vector128<short> zeroPoint, out Vector128<short> row0, out Vector128<short> row1)
    {
        if (TRounding.IsOneStep)
        {
            row0 = UpperHalves(windows.C0, windows.C1);
            row1 = UpperHalves(windows.C2, windows.C3);
            return;
        }

        Vector64<short> l = AdvSimd.ExtractNarrowingSaturateLower(windows.C0), h = AdvSimd.ExtractNarrowingSaturateLower(windows.C2);
        row0 = AdvSimd.AddSaturate(AdvSimd.ExtractNarrowingSaturateUpper(l, windows.C1), zeroPoint);
        row1 = AdvSimd.AddSaturate(AdvSimd.ExtractNarrowingSaturateUpper(h, windows.C3), zeroPoint);
    }

    /// <summary>Shifted right by 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> UpperHalves(Vector128<int> a, Vector128<int> b) => AdvSimd.Arm64.UnzipOdd(a.AsInt16(), b.AsInt16());

    /// <summary>Two rows of int32 to int16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Narrow(NeonRow a, NeonRow b, out Vector128<short> al, out Vector128<short> ah, out Vector128<short> bl, out Vector128<short> bh)
    {
        if (TRounding.IsOneStep)
        {
            al = UpperHalves(a.C0, a.C1);
            bl = UpperHalves(b.C0, b.C1);
            ah = UpperHalves(a.C2, a.C3);
            bh = UpperHalves(b.C2, b.C3);
            return;
        }

        // assigned twice, or the compiler would leave the first chain for last and wait for each of its steps
        Vector64<short> a0 = default, b0 = default, a2 = default, b2 = default;
        if (TRounding.NarrowsFirst)
        {
            a0 = AdvSimd.ShiftRightArithmeticNarrowingSaturateLower(a.C0, SteppedShift.First);
            b0 = AdvSimd.ShiftRightArithmeticNarrowingSaturateLower(b.C0, SteppedShift.First);
            a2 = AdvSimd.ShiftRightArithmeticNarrowingSaturateLower(a.C2, SteppedShift.First);
            b2 = AdvSimd.ShiftRightArithmeticNarrowingSaturateLower(b.C2, SteppedShift.First);
            al = AdvSimd.ShiftRightArithmeticNarrowingSaturateUpper(a0, a.C1, SteppedShift.First);
            bl = AdvSimd.ShiftRightArithmeticNarrowingSaturateUpper(b0, b.C1, SteppedShift.First);
            ah = AdvSimd.ShiftRightArithmeticNarrowingSaturateUpper(a2, a.C3, SteppedShift.First);
            bh = AdvSimd.ShiftRightArithmeticNarrowingSaturateUpper(b2, b.C3, SteppedShift.First);
            return;
        }

        a0 = AdvSimd.ExtractNarrowingSaturateLower(a.C0);
        b0 = AdvSimd.ExtractNarrowingSaturateLower(b.C0);
        a2 = AdvSimd.ExtractNarrowingSaturateLower(a.C2);
        b2 = AdvSimd.ExtractNarrowingSaturateLower(b.C2);
        al = AdvSimd.ExtractNarrowingSaturateUpper(a0, a.C1);
        bl = AdvSimd.ExtractNarrowingSaturateUpper(b0, b.C1);
        ah = AdvSimd.ExtractNarrowingSaturateUpper(a2, a.C3);
        bh = AdvSimd.ExtractNarrowingSaturateUpper(b2, b.C3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(ref Vector128<short> a, ref Vector128<short> b, ref Vector128<short> c, ref Vector128<short> d, Vector128<short> zeroPoint)
    {
        a = AdvSimd.AddSaturate(a, zeroPoint);
        b = AdvSimd.AddSaturate(b, zeroPoint);
        c = AdvSimd.AddSaturate(c, zeroPoint);
        d = AdvSimd.AddSaturate(d, zeroPoint);
    }

    /// <summary>Four rows of int16 to bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Narrow(Vector128<short> r0l, Vector128<short> r0h, Vector128<short> r1l, Vector128<short> r1h, Vector128<short> r2l,
        Vector128<short> r2h, Vector128<short> r3l, Vector128<short> r3h,
        out Vector128<sbyte> b0, out Vector128<sbyte> b1, out Vector128<sbyte> b2, out Vector128<sbyte> b3)
    {
        Vector64<sbyte> l0 = default, l1 = default, l2 = default, l3 = default;
        l1 = AdvSimd.ExtractNarrowingSaturateLower(r1l);
        l2 = AdvSimd.ExtractNarrowingSaturateLower(r2l);
        l0 = AdvSimd.ExtractNarrowingSaturateLower(r0l);
        l3 = AdvSimd.ExtractNarrowingSaturateLower(r3l);
        b1 = AdvSimd.ExtractNarrowingSaturateUpper(l1, r1h);
        b2 = AdvSimd.ExtractNarrowingSaturateUpper(l2, r2h);
        b0 = AdvSimd.ExtractNarrowingSaturateUpper(l0, r0h);
        b3 = AdvSimd.ExtractNarrowingSaturateUpper(l3, r3h);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Clamp(ref Vector128<sbyte> a, ref Vector128<sbyte> b, ref Vector128<sbyte> c, ref Vector128<sbyte> d,
        Vector128<sbyte> min, Vector128<sbyte> max)
    {
        a = AdvSimd.Max(a, min);
        b = AdvSimd.Max(b, min);
        c = AdvSimd.Max(c, min);
        d = AdvSimd.Max(d, min);
        a = AdvSimd.Min(a, max);
        b = AdvSimd.Min(b, max);
        c = AdvSimd.Min(c, max);
        d = AdvSimd.Min(d, max);
    }

    /// <summary>Two rows of four pixels, four lower and four upper channels each. No store waits for its address.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector128<sbyte> lowerA, Vector128<sbyte> upperA, Vector128<sbyte> lowerB, Vector128<sbyte> upperB,
        sbyte* ya, sbyte* yb, nint pixel)
    {
        nint pixel2 = 2 * pixel, pixel3 = 3 * pixel;
        Vector128<long> a0 = AdvSimd.Arm64.ZipLow(lowerA.AsInt32(), upperA.AsInt32()).AsInt64();
        Vector128<long> b0 = AdvSimd.Arm64.ZipLow(lowerB.AsInt32(), upperB.AsInt32()).AsInt64();
        Vector128<long> a2 = AdvSimd.Arm64.ZipHigh(lowerA.AsInt32(), upperA.AsInt32()).AsInt64();
        Vector128<long> b2 = AdvSimd.Arm64.ZipHigh(lowerB.AsInt32(), upperB.AsInt32()).AsInt64();
        Vector128<long> a1 = AdvSimd.Arm64.DuplicateSelectedScalarToVector128(a0, 1), b1 = AdvSimd.Arm64.DuplicateSelectedScalarToVector128(b0, 1);
        Vector128<long> a3 = AdvSimd.Arm64.DuplicateSelectedScalarToVector128(a2, 1), b3 = AdvSimd.Arm64.DuplicateSelectedScalarToVector128(b2, 1);
        AdvSimd.Store((long*)ya, a0.GetLower());
        AdvSimd.Store((long*)yb, b0.GetLower());
        AdvSimd.Store((long*)(ya + pixel2), a2.GetLower());
        AdvSimd.Store((long*)(yb + pixel2), b2.GetLower());
        AdvSimd.Store((long*)(ya + pixel), a1.GetLower());
        AdvSimd.Store((long*)(yb + pixel), b1.GetLower());
        AdvSimd.Store((long*)(ya + pixel3), a3.GetLower());
        AdvSimd.Store((long*)(yb + pixel3), b3.GetLower());
    }

    /// <summary>A'^T along two rows of positions: [1 1 1 1 1 0] [0 1 -1 2 -2 0] [0 1 1 4 4 0] [0 1 -1 8 -8 8].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Along(int* p, int* q, Vector128<int> bias, out NeonRow a, out NeonRow b)
    {
        Vector128<int> p1 = At(p, 1), p2 = At(p, 2), q1 = At(q, 1), q2 = At(q, 2), p3 = At(p, 3), p4 = At(p, 4), q3 = At(q, 3), q4 = At(q, 4);
        p1 = AdvSimd.Add(p1, bias);
        Vector128<int> qs = AdvSimd.Add(q1, q2), qd = AdvSimd.Subtract(q1, q2), pu = AdvSimd.Add(p3, p4), pw = AdvSimd.Subtract(p3, p4);
        Vector128<int> ps = AdvSimd.Add(p1, p2), pd = AdvSimd.Subtract(p1, p2), qu = AdvSimd.Add(q3, q4), qw = AdvSimd.Subtract(q3, q4);
        Vector128<int> p0 = At(p, 0), q0 = At(q, 0), p5 = At(p, 5), q5 = At(q, 5);
        p0 = AdvSimd.Add(p0, ps);
        q0 = AdvSimd.Add(q0, qs);
        p5 = AdvSimd.Add(p5, pw);
        q5 = AdvSimd.Add(q5, qw);
        a.C2 = pu << 2;
        b.C2 = qu << 2;
        a.C1 = AdvSimd.Add(pw, pw);
        b.C1 = AdvSimd.Add(qw, qw);
        a.C3 = p5 << 3;
        b.C3 = q5 << 3;
        a.C0 = AdvSimd.Add(p0, pu);
        b.C0 = AdvSimd.Add(q0, qu);
        a.C2 = AdvSimd.Add(a.C2, ps);
        b.C2 = AdvSimd.Add(b.C2, qs);
        a.C1 = AdvSimd.Add(a.C1, pd);
        b.C1 = AdvSimd.Add(b.C1, qd);
        a.C3 = AdvSimd.Add(a.C3, pd);
        b.C3 = AdvSimd.Add(b.C3, qd);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> At(int* row, int position) => AdvSimd.LoadVector128(row + position * Panel.Channels);

    /// <summary>One row of pixels, divided.</summary>
    private static void Add(NeonRow row, int* accumulators)
    {
        row = row.Times(Vector128.Create(WinogradFour.InverseOfNine)).Shifted(Vector128.Create(-WinogradFour.Shift));
        Add(row.C0, accumulators);
        Add(row.C1, accumulators + Panel.Channels);
        Add(row.C2, accumulators + 2 * Panel.Channels);
        Add(row.C3, accumulators + 3 * Panel.Channels);
    }

    private static void Add(Vector128<int> pixel, int* accumulators) =>
        AdvSimd.Store(accumulators, AdvSimd.Add(AdvSimd.LoadVector128(accumulators), pixel));
}
