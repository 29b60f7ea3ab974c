using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Cli.Yardstick;

/// <summary>
/// How many multiply-accumulates a second one core of this processor does with a path's multiply instruction when everything is in
/// registers: no kernel that multiplies as often as the plain rule can be faster.
/// </summary>
internal static class MultiplyCeiling
{
    private const int Chains = 12;   // enough to hide the latency of every such instruction
    private const int Loops = 20_000;
    private const double Seconds = 0.1;

    /// <summary>Measures it.</summary>
    public static double Measure(KernelPath path)
    {
        (Func<int, int> run, int macs) = Loop(path.Name);
        Stopwatch watch = Stopwatch.StartNew();
        double best = double.MaxValue;
        int sum = 0;
        while (watch.Elapsed.TotalSeconds < Seconds)
        {
            long start = Stopwatch.GetTimestamp();
            sum += run(Loops);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        GC.KeepAlive(sum);   // or the loops are thrown away
        return (double)Loops * Chains * macs / best;
    }

    private static (Func<int, int> Run, int Macs) Loop(string path) => path switch
    {
        "AvxVnni" => (Run<Vector256<int>, Vnni>, 32),
        "Avx512" => (Run<Vector512<int>, Madd512>, 32),
        "Avx2" => (Run<Vector256<int>, Madd256>, 16),
        "NeonDp" => (Run<Vector128<int>, Dot>, 16),
        "Neon" => (Run<Vector128<int>, Pairwise>, 16),
        "Vector128" => (Run<Vector128<int>, Portable>, 4),
        _ => (Run<int, Scalar>, 1),
    };

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static int Run<TSum, T>(int loops)
        where TSum : struct
        where T : struct, IMultiply<TSum>
    {
        TSum a = default, b = default, c = default, d = default, e = default, f = default;
        TSum g = default, h = default, i = default, j = default, k = default, l = default;
        for (; loops > 0; loops--)
        {
            (a, b, c, d) = (T.Add(a), T.Add(b), T.Add(c), T.Add(d));
            (e, f, g, h) = (T.Add(e), T.Add(f), T.Add(g), T.Add(h));
            (i, j, k, l) = (T.Add(i), T.Add(j), T.Add(k), T.Add(l));
        }

        return T.First(a) + T.First(b) + T.First(c) + T.First(d) + T.First(e) + T.First(f)
            + T.First(g) + T.First(h) + T.First(i) + T.First(j) + T.First(k) + T.First(l);
    }

    /// <summary>One multiply instruction (with what must follow each) on a running sum, which is also one of its factors.</summary>
    private interface IMultiply<TSum>
    {
        static abstract TSum Add(TSum sum);

        static abstract int First(TSum sum);
    }

    private readonly struct Vnni : IMultiply<Vector256<int>>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<int> Add(Vector256<int> sum) => AvxVnni.MultiplyWideningAndAdd(sum, Vector256.Create((byte)3), Vector256.Create((sbyte)5));

        public static int First(Vector256<int> sum) => sum.ToScalar();
    }

    private readonly struct Madd512 : IMultiply<Vector512<int>>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<int> Add(Vector512<int> sum) => sum + Avx512BW.MultiplyAddAdjacent(sum.AsInt16(), Vector512.Create((short)5));

        public static int First(Vector512<int> sum) => sum.ToScalar();
    }

    private readonly struct Madd256 : IMultiply<Vector256<int>>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<int> Add(Vector256<int> sum) => sum + Avx2.MultiplyAddAdjacent(sum.AsInt16(), Vector256.Create((short)5));

        public static int First(Vector256<int> sum) => sum.ToScalar();
    }

    private readonly struct Dot : IMultiply<Vector128<int>>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<int> Add(Vector128<int> sum) => Dp.DotProduct(sum, Vector128.Create((sbyte)3), Vector128.Create((sbyte)5));

        public static int First(Vector128<int> sum) => sum.ToScalar();
    }

    /// <summary>SMULL, SMLAL, SADALP: sixteen products.</summary>
    private readonly struct Pairwise : IMultiply<Vector128<int>>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<int> Add(Vector128<int> sum)
        {
            Vector64<sbyte> x = sum.AsSByte().GetLower(), w = Vector64.Create((sbyte)5);
            return AdvSimd.AddPairwiseWideningAndAdd(sum, AdvSimd.MultiplyWideningLowerAndAdd(AdvSimd.MultiplyWideningLower(x, w), x, w));
        }

        public static int First(Vector128<int> sum) => sum.ToScalar();
    }

    private readonly struct Portable : IMultiply<Vector128<int>>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<int> Add(Vector128<int> sum) => sum + sum * Vector128.Create(5);

        public static int First(Vector128<int> sum) => sum.ToScalar();
    }

    private readonly struct Scalar : IMultiply<int>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static int Add(int sum) => sum + sum * 13;

        public static int First(int sum) => sum;
    }
}
