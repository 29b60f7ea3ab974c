using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>The two-rounding rule on NEON: SQRDMULH, then SRSHL, which rounds ties up, with the fix-up that sends them away from zero.</summary>
internal static unsafe class NeonRequantize
{
    public static void Rows(int* accumulators, int rows, int* panel, OutputStage stage, sbyte* output, nint outputStride)
    {
        var low = new Half(panel);
        var high = new Half(panel + 4);
        Vector128<short> zeroPoint = Vector128.Create((short)stage.ZeroPoint);
        Vector64<sbyte> min = Vector64.Create((sbyte)stage.Min), max = Vector64.Create((sbyte)stage.Max);
        for (int row = 0; row < rows; row++, accumulators += Panel.Channels, output += outputStride)
        {
            Vector128<int> a = low.Scale(AdvSimd.LoadVector128(accumulators)), b = high.Scale(AdvSimd.LoadVector128(accumulators + 4));

            // saturating to int16 and int8 on the way changes nothing: the clamp lies inside int8
            Vector128<short> words = AdvSimd.ExtractNarrowingSaturateUpper(AdvSimd.ExtractNarrowingSaturateLower(a), b);
            Vector64<sbyte> bytes = AdvSimd.ExtractNarrowingSaturateLower(AdvSimd.AddSaturate(words, zeroPoint));
            AdvSimd.Store(output, AdvSimd.Min(AdvSimd.Max(bytes, min), max));
        }
    }

    /// <summary>Four channels of a panel.</summary>
    private readonly struct Half(int* panel)
    {
        private readonly Vector128<int> _bias = AdvSimd.LoadVector128(panel + Panel.Bias);
        private readonly Vector128<int> _multiplier = AdvSimd.LoadVector128(panel + Panel.Multiplier);
        private readonly Vector128<int> _left = AdvSimd.LoadVector128(panel + Panel.LeftShift);
        private readonly Vector128<int> _minusRight = AdvSimd.Negate(AdvSimd.LoadVector128(panel + Panel.RightShift));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector128<int> Scale(Vector128<int> accumulators)
        {
            Vector128<int> x = AdvSimd.ShiftLogical(AdvSimd.Add(accumulators, _bias), _left);
            Vector128<int> high = AdvSimd.MultiplyRoundedDoublingSaturateHigh(x, _multiplier);

            // minus one where the value is negative and there is a shift: then ties fall away from zero
            Vector128<int> fix = AdvSimd.ShiftRightArithmetic(AdvSimd.And(high, _minusRight), 31);
            return AdvSimd.ShiftArithmeticRounded(AdvSimd.AddSaturate(high, fix), _minusRight);
        }
    }
}
