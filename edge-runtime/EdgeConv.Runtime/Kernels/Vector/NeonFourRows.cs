using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>Eight int32: a row of accumulators in registers.</summary>
internal struct NeonSums
{
    public Vector128<int> Low;
    public Vector128<int> High;
}

/// <summary>The two-rounding rule on four rows in registers, side by side: each instruction is followed by seven that do not wait for it.</summary>
internal static unsafe class NeonFourRows<TRounding>
    where TRounding : struct, INeonRounding
{
    /// <summary>Multiplies and shifts; the bias is in the sums.</summary>
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

        low = AdvSimd.Negate(AdvSimd.LoadVector128(panel + Panel.RightShift));
        high = AdvSimd.Negate(AdvSimd.LoadVector128(panel + Panel.RightShift + 4));
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
    public static void Store(NeonSums s0, NeonSums s1, NeonSums s2, NeonSums s3, OutputStage stage, sbyte* y, nint pixel)
    {
        Vector128<short> zeroPoint = Vector128.Create((short)stage.ZeroPoint);
        Vector128<sbyte> min = Vector128.Create((sbyte)stage.Min), max = Vector128.Create((sbyte)stage.Max);
        Vector64<short> l0 = AdvSimd.ExtractNarrowingSaturateLower(s0.Low), l1 = AdvSimd.ExtractNarrowingSaturateLower(s1.Low);
        Vector64<short> l2 = AdvSimd.ExtractNarrowingSaturateLower(s2.Low), l3 = AdvSimd.ExtractNarrowingSaturateLower(s3.Low);
        Vector128<short> w0 = AdvSimd.ExtractNarrowingSaturateUpper(l0, s0.High), w1 = AdvSimd.ExtractNarrowingSaturateUpper(l1, s1.High);
        Vector128<short> w2 = AdvSimd.ExtractNarrowingSaturateUpper(l2, s2.High), w3 = AdvSimd.ExtractNarrowingSaturateUpper(l3, s3.High);
        w0 = AdvSimd.AddSaturate(w0, zeroPoint);
        w1 = AdvSimd.AddSaturate(w1, zeroPoint);
        w2 = AdvSimd.AddSaturate(w2, zeroPoint);
        w3 = AdvSimd.AddSaturate(w3, zeroPoint);
        Vector64<sbyte> b0 = AdvSimd.ExtractNarrowingSaturateLower(w0), b2 = AdvSimd.ExtractNarrowingSaturateLower(w2);
        Vector128<sbyte> b01 = AdvSimd.ExtractNarrowingSaturateUpper(b0, w1), b23 = AdvSimd.ExtractNarrowingSaturateUpper(b2, w3);
        b01 = AdvSimd.Max(b01, min);
        b23 = AdvSimd.Max(b23, min);
        b01 = AdvSimd.Min(b01, max);
        b23 = AdvSimd.Min(b23, max);

        // in this order: what a row of few channels spills is overwritten by the next
        AdvSimd.Store(y, b01.GetLower());
        AdvSimd.StoreSelectedScalar((long*)(y + pixel), b01.AsInt64(), 1);
        AdvSimd.Store(y + 2 * pixel, b23.GetLower());
        AdvSimd.StoreSelectedScalar((long*)(y + 3 * pixel), b23.AsInt64(), 1);
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
