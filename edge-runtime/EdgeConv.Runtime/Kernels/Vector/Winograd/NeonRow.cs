using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>Four int32 channels of four pixels, in registers. Each step is four instructions that do not wait for one another.</summary>
internal struct NeonRow
{
    public Vector128<int> C0, C1, C2, C3;

    private NeonRow(Vector128<int> c0, Vector128<int> c1, Vector128<int> c2, Vector128<int> c3) => (C0, C1, C2, C3) = (c0, c1, c2, c3);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NeonRow Sum(NeonRow a, NeonRow b) => new(
        AdvSimd.Add(a.C0, b.C0), AdvSimd.Add(a.C1, b.C1),
        AdvSimd.Add(a.C2, b.C2), AdvSimd.Add(a.C3, b.C3));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NeonRow Max(NeonRow a, NeonRow b) => new(
        AdvSimd.Max(a.C0, b.C0), AdvSimd.Max(a.C1, b.C1),
        AdvSimd.Max(a.C2, b.C2), AdvSimd.Max(a.C3, b.C3));

    /// <summary>The maximum of each two pixels of two rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NeonRow MaxOfPairs(NeonRow a, NeonRow b) => new(
        AdvSimd.Max(a.C0, a.C1), AdvSimd.Max(a.C2, a.C3),
        AdvSimd.Max(b.C0, b.C1), AdvSimd.Max(b.C2, b.C3));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NeonRow Difference(NeonRow a, NeonRow b) => new(
        AdvSimd.Subtract(a.C0, b.C0), AdvSimd.Subtract(a.C1, b.C1),
        AdvSimd.Subtract(a.C2, b.C2), AdvSimd.Subtract(a.C3, b.C3));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly NeonRow Times4() => new(
        C0 << 2, C1 << 2,
        C2 << 2, C3 << 2);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly NeonRow Times8() => new(
        C0 << 3, C1 << 3,
        C2 << 3, C3 << 3);

    /// <summary>Modulo 2^32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly NeonRow Times(Vector128<int> factor) => new(
        AdvSimd.Multiply(C0, factor), AdvSimd.Multiply(C1, factor),
        AdvSimd.Multiply(C2, factor), AdvSimd.Multiply(C3, factor));

    /// <summary>SQRDMULH.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly NeonRow TimesHigh(Vector128<int> multiplier) => new(
        AdvSimd.MultiplyRoundedDoublingSaturateHigh(C0, multiplier), AdvSimd.MultiplyRoundedDoublingSaturateHigh(C1, multiplier),
        AdvSimd.MultiplyRoundedDoublingSaturateHigh(C2, multiplier), AdvSimd.MultiplyRoundedDoublingSaturateHigh(C3, multiplier));

    /// <summary>SQDMULH.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly NeonRow TimesHighDown(Vector128<int> multiplier) => new(
        AdvSimd.MultiplyDoublingSaturateHigh(C0, multiplier), AdvSimd.MultiplyDoublingSaturateHigh(C1, multiplier),
        AdvSimd.MultiplyDoublingSaturateHigh(C2, multiplier), AdvSimd.MultiplyDoublingSaturateHigh(C3, multiplier));

    /// <summary>Shifted left, or right where the shift is negative.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly NeonRow Shifted(Vector128<int> shift) => new(
        AdvSimd.ShiftArithmetic(C0, shift), AdvSimd.ShiftArithmetic(C1, shift),
        AdvSimd.ShiftArithmetic(C2, shift), AdvSimd.ShiftArithmetic(C3, shift));

    /// <summary>The same, ties up.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly NeonRow ShiftedRounded(Vector128<int> shift) => new(
        AdvSimd.ShiftArithmeticRounded(C0, shift), AdvSimd.ShiftArithmeticRounded(C1, shift),
        AdvSimd.ShiftArithmeticRounded(C2, shift), AdvSimd.ShiftArithmeticRounded(C3, shift));

    /// <summary>Minus one where the value is negative and there is a shift: ties will go away from zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly NeonRow WithTiesFixed(Vector128<int> minusRight) => new(
        Fixed(C0, minusRight), Fixed(C1, minusRight),
        Fixed(C2, minusRight), Fixed(C3, minusRight));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Fixed(Vector128<int> x, Vector128<int> minusRight) =>
        AdvSimd.AddSaturate(x, AdvSimd.ShiftRightArithmetic(AdvSimd.And(x, minusRight), 31));
}
