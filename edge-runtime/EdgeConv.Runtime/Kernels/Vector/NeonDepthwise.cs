using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>Depthwise arithmetic on NEON: SMULL and SMLAL on the bytes as they are, SADDW into the sums, requantized from registers.</summary>
internal unsafe struct NeonDepthwise<TRounding> : IDepthwiseKernel<Vector64<sbyte>, NeonSums>
    where TRounding : struct, INeonRounding
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector64<sbyte> Load(sbyte* bytes) => AdvSimd.LoadVector64(bytes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NeonSums Start(int* panel) => new()
    {
        Low = AdvSimd.LoadVector128(panel + Panel.Bias),
        High = AdvSimd.LoadVector128(panel + Panel.Bias + 4),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<short> Multiply(Vector64<sbyte> x, Vector64<sbyte> weights) => AdvSimd.MultiplyWideningLower(x, weights);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<short> MultiplyAdd(Vector128<short> sum, Vector64<sbyte> x, Vector64<sbyte> weights) =>
        AdvSimd.MultiplyWideningLowerAndAdd(sum, x, weights);

    // RyuJIT still copies some lower halves (11 moves for four pixels of 3x3)
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(ref NeonSums s0, ref NeonSums s1, ref NeonSums s2, ref NeonSums s3,
        Vector128<short> p0, Vector128<short> p1, Vector128<short> p2, Vector128<short> p3)
    {
        s0.High = AdvSimd.AddWideningUpper(s0.High, p0);
        s1.High = AdvSimd.AddWideningUpper(s1.High, p1);
        s2.High = AdvSimd.AddWideningUpper(s2.High, p2);
        s3.High = AdvSimd.AddWideningUpper(s3.High, p3);
        s0.Low = AdvSimd.AddWideningLower(s0.Low, p0.GetLower());
        s1.Low = AdvSimd.AddWideningLower(s1.Low, p1.GetLower());
        s2.Low = AdvSimd.AddWideningLower(s2.Low, p2.GetLower());
        s3.Low = AdvSimd.AddWideningLower(s3.Low, p3.GetLower());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(NeonSums s0, NeonSums s1, NeonSums s2, NeonSums s3, int* panel, OutputStage stage, sbyte* y, nint pixel)
    {
        NeonFourRows<TRounding>.Scale(ref s0, ref s1, ref s2, ref s3, panel);
        NeonFourRows<TRounding>.Store(s0, s1, s2, s3, panel, stage, y, pixel);
    }
}
