using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.Arm;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>The two-rounding rule on NEON over rows of accumulators in memory, eight or four rows at a time.</summary>
internal static unsafe class NeonRequantize
{
    private const int Block = 4;

    public static void Rows(int* accumulators, int rows, int* panel, OutputStage stage, sbyte* output, nint outputStride)
    {
        if (panel[Panel.Fused] != (int)FusedSums.None)
        {
            NeonFused<NeonAllSumsButOne>.Rows(accumulators, rows, panel, output, outputStride);
            return;
        }

        var block = new RowBlock(accumulators, rows, panel, stage, output, outputStride);
        NeonRounding.Choose(stage.Rounding, ref block);
    }

    private static void Rows<TRounding>(int* accumulators, int rows, int* panel, OutputStage stage, sbyte* output, nint outputStride)
        where TRounding : struct, INeonRounding
    {
        switch (rows)
        {
            case 2 * Block:
                EightRows<TRounding>(accumulators, panel, stage, output, outputStride);
                break;
            case < Block:
                FewRows<TRounding>(accumulators, rows, panel, stage, output, outputStride);
                break;
            default:
                ManyRows<TRounding>(accumulators, rows, panel, stage, output, outputStride);
                break;
        }
    }

    private static void ManyRows<TRounding>(int* accumulators, int rows, int* panel, OutputStage stage, sbyte* output, nint outputStride)
        where TRounding : struct, INeonRounding
    {
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
            NeonFourRows<TRounding>.Store(s0, s1, s2, s3, panel, stage, output + first * outputStride, outputStride);
        }
    }

    private static void EightRows<TRounding>(int* from, int* panel, OutputStage stage, sbyte* output, nint outputStride)
        where TRounding : struct, INeonRounding => NeonBytes<TRounding>.Store(Load(from), Load(from + 8), Load(from + 16), Load(from + 24),
            Load(from + 32), Load(from + 40), Load(from + 48), Load(from + 56), panel, stage, output, outputStride);

    /// <summary>Less than four rows: the last one stands in for those that are missing, and all but the real ones go nowhere.</summary>
    private static void FewRows<TRounding>(int* accumulators, int rows, int* panel, OutputStage stage, sbyte* output, nint outputStride)
        where TRounding : struct, INeonRounding
    {
        long* bytes = stackalloc long[Block];
        int last = (rows - 1) * Panel.Channels;
        NeonSums s0 = Load(accumulators), s1 = Load(accumulators + Math.Min(8, last)), s2 = Load(accumulators + Math.Min(16, last)), s3 = s2;
        NeonFourRows<TRounding>.Scale(ref s0, ref s1, ref s2, ref s3, panel);
        NeonFourRows<TRounding>.Store(s0, s1, s2, s3, panel, stage, (sbyte*)bytes, sizeof(long));
        for (int row = 0; row < rows; row++)
        {
            *(long*)(output + row * outputStride) = bytes[row];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static NeonSums Load(int* accumulators) => new(AdvSimd.LoadVector128(accumulators), AdvSimd.LoadVector128(accumulators + 4));

    private readonly struct RowBlock(int* accumulators, int rows, int* panel, OutputStage stage, sbyte* output, nint outputStride) : INeonRounded
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Run<TRounding>()
            where TRounding : struct, INeonRounding => Rows<TRounding>(accumulators, rows, panel, stage, output, outputStride);
    }
}
