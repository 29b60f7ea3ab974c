using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.Arm;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>The two-rounding rule on NEON over rows of accumulators in memory, eight or four rows at a time.</summary>
internal static unsafe class NeonRequantize
{
    private const int Block = 4;

    public static void Rows(int* accumulators, int rows, int* panel, OutputStage stage, sbyte* output, nint outputStride)
    {
        if (stage.IsUnsignedByte)
        {
            Rows<NeonUnsigned>(accumulators, rows, panel, stage, output, outputStride);
        }
        else if (stage.ShiftsLeft)
        {
            Rows<NeonAnyRounding>(accumulators, rows, panel, stage, output, outputStride);
        }
        else if (stage.FixesTies)
        {
            Rows<NeonRightShift>(accumulators, rows, panel, stage, output, outputStride);
        }
        else
        {
            Rows<NeonRectified>(accumulators, rows, panel, stage, output, outputStride);
        }
    }

    private static void Rows<TRounding>(int* accumulators, int rows, int* panel, OutputStage stage, sbyte* output, nint outputStride)
        where TRounding : struct, INeonRounding
    {
        if (rows < Block)
        {
            FewRows<TRounding>(accumulators, rows, panel, stage, output, outputStride);
            return;
        }

        int row = 0;
        for (; row + 2 * Block <= rows; row += 2 * Block)
        {
            EightRows<TRounding>(accumulators + row * Panel.Channels, panel, stage, output + row * outputStride, outputStride);
        }

        for (; row < rows; row += Block)
        {
            int first = Math.Min(row, rows - Block);   // the last four may overlap the four before them
            int* from = accumulators + first * Panel.Channels;
            NeonSums s0 = Load(from), s1 = Load(from + 8), s2 = Load(from + 16), s3 = Load(from + 24);
            NeonFourRows<TRounding>.Scale(ref s0, ref s1, ref s2, ref s3, panel);
            NeonFourRows<TRounding>.Store(s0, s1, s2, s3, stage, output + first * outputStride, outputStride);
        }
    }

    private static void EightRows<TRounding>(int* from, int* panel, OutputStage stage, sbyte* output, nint outputStride)
        where TRounding : struct, INeonRounding
    {
        NeonSums s0 = Load(from), s1 = Load(from + 8), s2 = Load(from + 16), s3 = Load(from + 24);
        NeonSums s4 = Load(from + 32), s5 = Load(from + 40), s6 = Load(from + 48), s7 = Load(from + 56);
        NeonFourRows<TRounding>.Scale(ref s0, ref s1, ref s2, ref s3, panel);
        NeonFourRows<TRounding>.Scale(ref s4, ref s5, ref s6, ref s7, panel);
        NeonFourRows<TRounding>.StoreEight(s0, s1, s2, s3, s4, s5, s6, s7, stage, output, outputStride);
    }

    /// <summary>Less than four rows: the last one stands in for those that are missing, and all but the real ones go nowhere.</summary>
    private static void FewRows<TRounding>(int* accumulators, int rows, int* panel, OutputStage stage, sbyte* output, nint outputStride)
        where TRounding : struct, INeonRounding
    {
        long* bytes = stackalloc long[Block];
        int last = (rows - 1) * Panel.Channels;
        NeonSums s0 = Load(accumulators), s1 = Load(accumulators + Math.Min(8, last)), s2 = Load(accumulators + Math.Min(16, last)), s3 = s2;
        NeonFourRows<TRounding>.Scale(ref s0, ref s1, ref s2, ref s3, panel);
        NeonFourRows<TRounding>.Store(s0, s1, s2, s3, stage, (sbyte*)bytes, sizeof(long));
        for (int row = 0; row < rows; row++)
        {
            *(long*)(output + row * outputStride) = bytes[row];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static NeonSums Load(int* accumulators) => new()
    {
        Low = AdvSimd.LoadVector128(accumulators),
        High = AdvSimd.LoadVector128(accumulators + 4),
    };
}
