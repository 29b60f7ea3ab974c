using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>Eight int32: a row of accumulators in registers.</summary>
internal struct NeonSums(Vector128<int> low, Vector128<int> high)
{
    public Vector128<int> Low = low;
    public Vector128<int> High = high;
}

/// <summary>The two-rounding rule on four rows in registers, side by side: each instruction is followed by seven that do not wait for it.</summary>
internal static unsafe class NeonFourRows<TRounding>
    where TRounding : struct, INeonRounding
{
    /// <summary>Multiplies and shifts, or leaves the shift to be taken with the narrowing; the bias is in the sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Scale(ref NeonSums s0, ref NeonSums s1, ref NeonSums s2, ref NeonSums s3, int* panel)
    {
        if (TRounding.ShiftsLeft)
        {
            Vector128<int> left = AdvSimd.LoadVector128(panel + Panel.LeftShift), leftHigh = AdvSimd.LoadVector128(panel + Panel.LeftShift + 4);
            ShiftLeft(ref s0, left, leftHigh);
            ShiftLeft(ref s1, left, leftHigh);
            ShiftLeft(ref s2, left, leftHigh);
            ShiftLeft(ref s3, left, leftHigh);
        }

        Vector128<int> low = AdvSimd.LoadVector128(panel + Panel.Multiplier), high = AdvSimd.LoadVector128(panel + Panel.Multiplier + 4);
        Multiply(ref s0, low, high);
        Multiply(ref s1, low, high);
        Multiply(ref s2, low, high);
        Multiply(ref s3, low, high);

        if (TRounding.NarrowsFirst)
        {
            return;
        }

        low = AdvSimd.LoadVector128(panel + Panel.ShiftBy);
        high = AdvSimd.LoadVector128(panel + Panel.ShiftBy + 4);
        if (TRounding.FixesTies)
        {
            FixTies(ref s0, low, high);
            FixTies(ref s1, low, high);
            FixTies(ref s2, low, high);
            FixTies(ref s3, low, high);
        }

        ShiftRight(ref s0, low, high);
        ShiftRight(ref s1, low, high);
        ShiftRight(ref s2, low, high);
        ShiftRight(ref s3, low, high);
    }

    /// <summary>Adds the zero point, clamps and stores. Saturating on the way changes nothing: the clamp lies inside int8.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(NeonSums s0, NeonSums s1, NeonSums s2, NeonSums s3, int* panel, OutputStage stage, sbyte* y, nint pixel) =>
        StoreTwice(s0, s1, s2, s3, panel, stage, y, y + 2 * pixel, pixel);

    /// <summary>The same, the first two rows to one place and the others to another.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreTwice(NeonSums s0, NeonSums s1, NeonSums s2, NeonSums s3, int* panel, OutputStage stage, sbyte* y, sbyte* y2, nint pixel)
    {
        Narrow(s0, s1, s2, s3, out Vector128<short> w0, out Vector128<short> w1, out Vector128<short> w2, out Vector128<short> w3);
        ShiftRight(ref w0, ref w1, ref w2, ref w3, panel);
        AddZeroPoint(ref w0, ref w1, ref w2, ref w3, stage);
        Narrow(w0, w1, w2, w3, out Vector128<sbyte> b01, out Vector128<sbyte> b23);
        Clamp(ref b01, ref b23, stage);
        Put(b01, b23, y, y2, pixel);
    }

    /// <summary>The same for eight rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreEight(NeonSums s0, NeonSums s1, NeonSums s2, NeonSums s3, NeonSums s4, NeonSums s5, NeonSums s6, NeonSums s7,
        int* panel, OutputStage stage, sbyte* y, nint pixel)
    {
        Narrow(s0, s1, s2, s3, s4, s5, s6, s7, out Vector128<short> w0, out Vector128<short> w1, out Vector128<short> w2, out Vector128<short> w3,
            out Vector128<short> w4, out Vector128<short> w5, out Vector128<short> w6, out Vector128<short> w7);
        ShiftRight(ref w0, ref w1, ref w2, ref w3, panel);
        ShiftRight(ref w4, ref w5, ref w6, ref w7, panel);
        AddZeroPoint(ref w0, ref w1, ref w2, ref w3, stage);
        AddZeroPoint(ref w4, ref w5, ref w6, ref w7, stage);
        Narrow(w0, w1, w2, w3, out Vector128<sbyte> b01, out Vector128<sbyte> b23);
        Narrow(w4, w5, w6, w7, out Vector128<sbyte> b45, out Vector128<sbyte> b67);
        Clamp(ref b01, ref b23, stage);
        Clamp(ref b45, ref b67, stage);
        Put(b01, b23, y, y + 2 * pixel, pixel);
        y += 4 * pixel;
        Put(b45, b67, y, y + 2 * pixel, pixel);
    }

    /// <summary>The same for four rows of sixteen channels: a has the lower eight, b the upper.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePairs(NeonSums a0, NeonSums a1, NeonSums a2, NeonSums a3, NeonSums b0, NeonSums b1, NeonSums b2, NeonSums b3,
        int* panel, OutputStage stage, sbyte* y0, sbyte* y1, sbyte* y2, sbyte* y3)
    {
        Narrow(a0, a1, a2, a3, b0, b1, b2, b3, out Vector128<short> w0, out Vector128<short> w1, out Vector128<short> w2, out Vector128<short> w3,
            out Vector128<short> v0, out Vector128<short> v1, out Vector128<short> v2, out Vector128<short> v3);
        ShiftRight(ref w0, ref w1, ref w2, ref w3, panel);
        ShiftRight(ref v0, ref v1, ref v2, ref v3, panel + Panel.Ints);
        AddZeroPoint(ref w0, ref w1, ref w2, ref w3, stage);
        AddZeroPoint(ref v0, ref v1, ref v2, ref v3, stage);
        Join(w0, w1, w2, w3, v0, v1, v2, v3, out Vector128<sbyte> row0, out Vector128<sbyte> row1, out Vector128<sbyte> row2, out Vector128<sbyte> row3);
        Clamp(ref row0, ref row1, stage);
        Clamp(ref row2, ref row3, stage);
        AdvSimd.Store(y0, row0);
        AdvSimd.Store(y1, row1);
        AdvSimd.Store(y2, row2);
        AdvSimd.Store(y3, row3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Narrow(NeonSums s0, NeonSums s1, NeonSums s2, NeonSums s3,
        out Vector128<short> w0, out Vector128<short> w1, out Vector128<short> w2, out Vector128<short> w3)
    {
        Vector64<short> l0 = Lower(s0.Low), l1 = Lower(s1.Low), l2 = Lower(s2.Low), l3 = Lower(s3.Low);
        w0 = Upper(l0, s0.High);
        w1 = Upper(l1, s1.High);
        w2 = Upper(l2, s2.High);
        w3 = Upper(l3, s3.High);
    }

    /// <summary>Twice four, eight instructions of a kind one behind the other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Narrow(NeonSums s0, NeonSums s1, NeonSums s2, NeonSums s3, NeonSums s4, NeonSums s5, NeonSums s6, NeonSums s7,
        out Vector128<short> w0, out Vector128<short> w1, out Vector128<short> w2, out Vector128<short> w3,
        out Vector128<short> w4, out Vector128<short> w5, out Vector128<short> w6, out Vector128<short> w7)
    {
        Vector64<short> l0 = Lower(s0.Low), l1 = Lower(s1.Low), l2 = Lower(s2.Low), l3 = Lower(s3.Low);
        Vector64<short> l4 = Lower(s4.Low), l5 = Lower(s5.Low), l6 = Lower(s6.Low), l7 = Lower(s7.Low);
        w0 = Upper(l0, s0.High);
        w1 = Upper(l1, s1.High);
        w2 = Upper(l2, s2.High);
        w3 = Upper(l3, s3.High);
        w4 = Upper(l4, s4.High);
        w5 = Upper(l5, s5.High);
        w6 = Upper(l6, s6.High);
        w7 = Upper(l7, s7.High);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector64<short> Lower(Vector128<int> low) => TRounding.NarrowsFirst
        ? AdvSimd.ShiftRightArithmeticNarrowingSaturateLower(low, SteppedShift.First)
        : AdvSimd.ExtractNarrowingSaturateLower(low);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> Upper(Vector64<short> lower, Vector128<int> high) => TRounding.NarrowsFirst
        ? AdvSimd.ShiftRightArithmeticNarrowingSaturateUpper(lower, high, SteppedShift.First)
        : AdvSimd.ExtractNarrowingSaturateUpper(lower, high);

    /// <summary>What the narrowing left to shift.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ShiftRight(ref Vector128<short> w0, ref Vector128<short> w1, ref Vector128<short> w2, ref Vector128<short> w3, int* panel)
    {
        if (TRounding.NarrowsFirst)
        {
            Vector128<short> rest = AdvSimd.LoadVector128((short*)(panel + Panel.ShortShiftBy));
            w0 = AdvSimd.ShiftArithmeticRounded(w0, rest);
            w1 = AdvSimd.ShiftArithmeticRounded(w1, rest);
            w2 = AdvSimd.ShiftArithmeticRounded(w2, rest);
            w3 = AdvSimd.ShiftArithmeticRounded(w3, rest);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddZeroPoint(ref Vector128<short> w0, ref Vector128<short> w1, ref Vector128<short> w2, ref Vector128<short> w3, OutputStage stage)
    {
        if (!TRounding.IsUnsigned)
        {
            Vector128<short> zeroPoint = Vector128.Create((short)stage.ZeroPoint);
            w0 = AdvSimd.AddSaturate(w0, zeroPoint);
            w1 = AdvSimd.AddSaturate(w1, zeroPoint);
            w2 = AdvSimd.AddSaturate(w2, zeroPoint);
            w3 = AdvSimd.AddSaturate(w3, zeroPoint);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Narrow(Vector128<short> w0, Vector128<short> w1, Vector128<short> w2, Vector128<short> w3,
        out Vector128<sbyte> b01, out Vector128<sbyte> b23)
    {
        if (TRounding.IsUnsigned)
        {
            Vector64<byte> u0 = AdvSimd.ExtractNarrowingSaturateUnsignedLower(w0), u2 = AdvSimd.ExtractNarrowingSaturateUnsignedLower(w2);
            b01 = AdvSimd.ExtractNarrowingSaturateUnsignedUpper(u0, w1).AsSByte();
            b23 = AdvSimd.ExtractNarrowingSaturateUnsignedUpper(u2, w3).AsSByte();
            return;
        }

        Vector64<sbyte> b0 = AdvSimd.ExtractNarrowingSaturateLower(w0), b2 = AdvSimd.ExtractNarrowingSaturateLower(w2);
        b01 = AdvSimd.ExtractNarrowingSaturateUpper(b0, w1);
        b23 = AdvSimd.ExtractNarrowingSaturateUpper(b2, w3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Join(Vector128<short> w0, Vector128<short> w1, Vector128<short> w2, Vector128<short> w3,
        Vector128<short> v0, Vector128<short> v1, Vector128<short> v2, Vector128<short> v3,
        out Vector128<sbyte> row0, out Vector128<sbyte> row1, out Vector128<sbyte> row2, out Vector128<sbyte> row3)
    {
        if (TRounding.IsUnsigned)
        {
            Vector64<byte> u0 = AdvSimd.ExtractNarrowingSaturateUnsignedLower(w0), u1 = AdvSimd.ExtractNarrowingSaturateUnsignedLower(w1);
            Vector64<byte> u2 = AdvSimd.ExtractNarrowingSaturateUnsignedLower(w2), u3 = AdvSimd.ExtractNarrowingSaturateUnsignedLower(w3);
            row0 = AdvSimd.ExtractNarrowingSaturateUnsignedUpper(u0, v0).AsSByte();
            row1 = AdvSimd.ExtractNarrowingSaturateUnsignedUpper(u1, v1).AsSByte();
            row2 = AdvSimd.ExtractNarrowingSaturateUnsignedUpper(u2, v2).AsSByte();
            row3 = AdvSimd.ExtractNarrowingSaturateUnsignedUpper(u3, v3).AsSByte();
            return;
        }

        Vector64<sbyte> b0 = AdvSimd.ExtractNarrowingSaturateLower(w0), b1 = AdvSimd.ExtractNarrowingSaturateLower(w1);
        Vector64<sbyte> b2 = AdvSimd.ExtractNarrowingSaturateLower(w2), b3 = AdvSimd.ExtractNarrowingSaturateLower(w3);
        row0 = AdvSimd.ExtractNarrowingSaturateUpper(b0, v0);
        row1 = AdvSimd.ExtractNarrowingSaturateUpper(b1, v1);
        row2 = AdvSimd.ExtractNarrowingSaturateUpper(b2, v2);
        row3 = AdvSimd.ExtractNarrowingSaturateUpper(b3, v3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Clamp(ref Vector128<sbyte> b01, ref Vector128<sbyte> b23, OutputStage stage)
    {
        if (TRounding.IsUnsigned)
        {
            Vector128<sbyte> topBit = Vector128.Create(sbyte.MinValue);   // 0..255 to -128..127: the zero point
            b01 = AdvSimd.Xor(b01, topBit);
            b23 = AdvSimd.Xor(b23, topBit);
            return;
        }

        Vector128<sbyte> min = Vector128.Create((sbyte)stage.Min), max = Vector128.Create((sbyte)stage.Max);
        b01 = AdvSimd.Max(b01, min);
        b23 = AdvSimd.Max(b23, min);
        b01 = AdvSimd.Min(b01, max);
        b23 = AdvSimd.Min(b23, max);
    }

    /// <summary>In this order: what a row of few channels spills is overwritten by the next.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(Vector128<sbyte> b01, Vector128<sbyte> b23, sbyte* y, sbyte* y2, nint pixel)
    {
        sbyte* y1 = y + pixel, y3 = y2 + pixel;
        AdvSimd.StoreSelectedScalar((long*)y, b01.AsInt64(), 0);
        AdvSimd.StoreSelectedScalar((long*)y1, b01.AsInt64(), 1);
        AdvSimd.StoreSelectedScalar((long*)y2, b23.AsInt64(), 0);
        AdvSimd.StoreSelectedScalar((long*)y3, b23.AsInt64(), 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ShiftLeft(ref NeonSums s, Vector128<int> low, Vector128<int> high)
    {
        s.Low = AdvSimd.ShiftLogical(s.Low, low);
        s.High = AdvSimd.ShiftLogical(s.High, high);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Multiply(ref NeonSums s, Vector128<int> low, Vector128<int> high)
    {
        s.Low = AdvSimd.MultiplyRoundedDoublingSaturateHigh(s.Low, low);
        s.High = AdvSimd.MultiplyRoundedDoublingSaturateHigh(s.High, high);
    }

    /// <summary>Minus one where the value is negative and there is a shift.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FixTies(ref NeonSums s, Vector128<int> minusRightLow, Vector128<int> minusRightHigh)
    {
        s.Low = AdvSimd.AddSaturate(s.Low, AdvSimd.ShiftRightArithmetic(AdvSimd.And(s.Low, minusRightLow), 31));
        s.High = AdvSimd.AddSaturate(s.High, AdvSimd.ShiftRightArithmetic(AdvSimd.And(s.High, minusRightHigh), 31));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ShiftRight(ref NeonSums s, Vector128<int> minusRightLow, Vector128<int> minusRightHigh)
    {
        s.Low = AdvSimd.ShiftArithmeticRounded(s.Low, minusRightLow);
        s.High = AdvSimd.ShiftArithmeticRounded(s.High, minusRightHigh);
    }
}
