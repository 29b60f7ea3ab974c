using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// <see cref="LinearScale"/> on eight channels of a pixel at a time, in steps that the caller puts between others: what one multiplies, another
/// may add and a third make narrow.
/// </summary>
internal static unsafe class NeonLinearOutput
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NeonSums Multipliers(int* panel) =>
        new(AdvSimd.LoadVector128(panel + Panel.Multiplier), AdvSimd.LoadVector128(panel + Panel.Multiplier + 4));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<short> Origins(int* panel) => AdvSimd.LoadVector128((short*)(panel + Panel.ShortShiftBy));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NeonSums Multiply(NeonSums sums, NeonSums multipliers) =>
        new(AdvSimd.MultiplyDoublingSaturateHigh(sums.Low, multipliers.Low), AdvSimd.MultiplyDoublingSaturateHigh(sums.High, multipliers.High));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector64<short> Lower(NeonSums sums) => AdvSimd.ShiftRightLogicalNarrowingLower(sums.Low, SteppedShift.First);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<short> Upper(Vector64<short> lower, NeonSums sums) =>
        AdvSimd.ShiftRightLogicalNarrowingUpper(lower, sums.High, SteppedShift.First);
}
