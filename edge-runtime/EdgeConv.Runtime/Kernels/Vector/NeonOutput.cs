using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.Arm;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>What becomes of the sums of eight rows when a tile is done: they go to memory, or on to bytes without leaving the registers.</summary>
internal unsafe interface INeonOutput
{
    /// <summary>Stores eight rows of eight channels, <paramref name="outputStride"/> bytes from one to the next.</summary>
    static abstract void Store(NeonSums s0, NeonSums s1, NeonSums s2, NeonSums s3, NeonSums s4, NeonSums s5, NeonSums s6, NeonSums s7,
        int* panel, OutputStage stage, void* output, nint outputStride);
}

/// <summary>int32, as they are.</summary>
internal unsafe struct NeonAccumulators : INeonOutput
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(NeonSums s0, NeonSums s1, NeonSums s2, NeonSums s3, NeonSums s4, NeonSums s5, NeonSums s6, NeonSums s7,
        int* panel, OutputStage stage, void* output, nint outputStride)
    {
        byte* to = (byte*)output;
        Put(s0, to);
        Put(s1, to + outputStride);
        Put(s2, to + 2 * outputStride);
        Put(s3, to + 3 * outputStride);
        Put(s4, to + 4 * outputStride);
        Put(s5, to + 5 * outputStride);
        Put(s6, to + 6 * outputStride);
        Put(s7, to + 7 * outputStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(NeonSums sums, byte* to)
    {
        AdvSimd.Store((int*)to, sums.Low);
        AdvSimd.Store((int*)to + 4, sums.High);
    }
}

/// <summary>Requantized by the rule.</summary>
internal unsafe struct NeonBytes<TRounding> : INeonOutput
    where TRounding : struct, INeonRounding
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(NeonSums s0, NeonSums s1, NeonSums s2, NeonSums s3, NeonSums s4, NeonSums s5, NeonSums s6, NeonSums s7,
        int* panel, OutputStage stage, void* output, nint outputStride)
    {
        NeonFourRows<TRounding>.Scale(ref s0, ref s1, ref s2, ref s3, panel);
        NeonFourRows<TRounding>.Scale(ref s4, ref s5, ref s6, ref s7, panel);
        NeonFourRows<TRounding>.StoreEight(s0, s1, s2, s3, s4, s5, s6, s7, panel, stage, (sbyte*)output, outputStride);
    }
}

/// <summary>Requantized, of a panel that is <see cref="Panel.Fused"/>.</summary>
internal unsafe struct NeonFusedBytes<TSums> : INeonOutput
    where TSums : struct, INeonFusedSums
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(NeonSums s0, NeonSums s1, NeonSums s2, NeonSums s3, NeonSums s4, NeonSums s5, NeonSums s6, NeonSums s7,
        int* panel, OutputStage stage, void* output, nint outputStride)
    {
        var scale = new NeonFused<TSums>(panel);
        sbyte* y = (sbyte*)output;
        scale.Store(s0, y);
        scale.Store(s1, y + outputStride);
        scale.Store(s2, y + 2 * outputStride);
        scale.Store(s3, y + 3 * outputStride);
        y += 4 * outputStride;
        scale.Store(s4, y);
        scale.Store(s5, y + outputStride);
        scale.Store(s6, y + 2 * outputStride);
        scale.Store(s7, y + 3 * outputStride);
    }
}
