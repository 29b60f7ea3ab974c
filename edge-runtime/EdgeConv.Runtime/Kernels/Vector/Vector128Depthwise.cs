using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>Depthwise arithmetic of whatever has 128-bit vectors, requantized one by one.</summary>
internal unsafe struct Vector128Depthwise : IDepthwiseKernel<Vector128<short>, Vector128Depthwise.Sums>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<short> Load(sbyte* bytes) => Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(long*)bytes).AsSByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Sums Start(int* panel) => new()
    {
        Low = Vector128.Load(panel + Panel.Bias),
        High = Vector128.Load(panel + Panel.Bias + 4),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<short> Multiply(Vector128<short> x, Vector128<short> weights) => x * weights;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<short> MultiplyAdd(Vector128<short> sum, Vector128<short> x, Vector128<short> weights) => sum + x * weights;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(ref Sums s0, ref Sums s1, ref Sums s2, ref Sums s3,
        Vector128<short> p0, Vector128<short> p1, Vector128<short> p2, Vector128<short> p3)
    {
        Add(ref s0, p0);
        Add(ref s1, p1);
        Add(ref s2, p2);
        Add(ref s3, p3);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]   // memory of its own for four rows, in a loop
    public static void Store(Sums s0, Sums s1, Sums s2, Sums s3, int* panel, OutputStage stage, sbyte* y, nint pixel)
    {
        Sums* sums = stackalloc Sums[4];
        sums[0] = s0;
        sums[1] = s1;
        sums[2] = s2;
        sums[3] = s3;
        Vector128MicroKernel.Requantize((int*)sums, 4, panel, stage, y, pixel);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(ref Sums sums, Vector128<short> products)
    {
        sums.Low += Vector128.WidenLower(products);
        sums.High += Vector128.WidenUpper(products);
    }

    /// <summary>Eight int32.</summary>
    internal struct Sums
    {
        public Vector128<int> Low;
        public Vector128<int> High;
    }
}
