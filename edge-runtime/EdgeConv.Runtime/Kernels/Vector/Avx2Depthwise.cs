using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>Depthwise arithmetic on AVX2: bytes widened as they are loaded, eight int32 sums a register.</summary>
internal unsafe struct Avx2Depthwise : IDepthwiseKernel<Vector128<short>, Vector256<int>>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<short> Load(sbyte* bytes) => Sse41.ConvertToVector128Int16(Vector128.CreateScalarUnsafe(*(long*)bytes).AsSByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Start(int* panel) => Vector256.Load(panel + Panel.Bias);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<short> Multiply(Vector128<short> x, Vector128<short> weights) => x * weights;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<short> MultiplyAdd(Vector128<short> sum, Vector128<short> x, Vector128<short> weights) => sum + x * weights;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(ref Vector256<int> s0, ref Vector256<int> s1, ref Vector256<int> s2, ref Vector256<int> s3,
        Vector128<short> p0, Vector128<short> p1, Vector128<short> p2, Vector128<short> p3)
    {
        s0 += Avx2.ConvertToVector256Int32(p0);
        s1 += Avx2.ConvertToVector256Int32(p1);
        s2 += Avx2.ConvertToVector256Int32(p2);
        s3 += Avx2.ConvertToVector256Int32(p3);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]   // memory of its own for four rows, in a loop
    public static void Store(Vector256<int> s0, Vector256<int> s1, Vector256<int> s2, Vector256<int> s3,
        int* panel, OutputStage stage, sbyte* y, nint pixel)
    {
        Vector256<int>* sums = stackalloc Vector256<int>[4];
        sums[0] = s0;
        sums[1] = s1;
        sums[2] = s2;
        sums[3] = s3;
        Avx2Requantize.Rows((int*)sums, 4, panel, stage, y, pixel);
    }
}
