using System.Runtime.CompilerServices;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>Transforms of F(4x4, 3x3) whose elements need not know of each other, in vectors of any width.</summary>
internal static unsafe class VectorTransforms<T>
    where T : struct, IWords<T>
{
    /// <summary>As <see cref="IWinogradKernel.TransformColumns"/>.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Columns(sbyte** rows, short* columns, nint stride, nint count)
    {
        sbyte* x0 = rows[0], x1 = rows[1], x2 = rows[2], x3 = rows[3], x4 = rows[4], x5 = rows[5];
        short* y1 = columns + stride, y2 = y1 + stride, y3 = y2 + stride, y4 = y3 + stride, y5 = y4 + stride;
        for (nint at = 0; at < count; at += T.Count)
        {
            T d1 = T.Widened(x1 + at), d2 = T.Widened(x2 + at), d3 = T.Widened(x3 + at), d4 = T.Widened(x4 + at);
            T e = d3 - d1, c = d4 - d2, p = d4 - (d2 << 2), q = d3 - (d1 << 2), twice = e + e;
            (((T.Widened(x0 + at) - d2) << 2) + c).Store(columns + at);
            (p + q).Store(y1 + at);
            (p - q).Store(y2 + at);
            (c + twice).Store(y3 + at);
            (c - twice).Store(y4 + at);
            (T.Widened(x5 + at) - d3 - (e << 2)).Store(y5 + at);
        }
    }

    /// <summary>As <see cref="IWinogradKernel.TransformWeights"/>: down each column of the kernel, then along each of the six rows.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Weights(sbyte* taps, nint vectors, short* weights, nint position)
    {
        nint vector = T.Count, row = WinogradTile.Taps * vector;
        for (; vectors > 0; vectors--, taps += WinogradTile.Taps * row, weights += vector)
        {
            Spread(T.Widened(taps), T.Widened(taps + row), T.Widened(taps + 2 * row), out T a0, out T a1, out T a2, out T a3, out T a4, out T a5);
            sbyte* next = taps + vector;
            Spread(T.Widened(next), T.Widened(next + row), T.Widened(next + 2 * row), out T b0, out T b1, out T b2, out T b3, out T b4, out T b5);
            next += vector;
            Spread(T.Widened(next), T.Widened(next + row), T.Widened(next + 2 * row), out T c0, out T c1, out T c2, out T c3, out T c4, out T c5);
            short* to = weights;
            SpreadTo(a0, b0, c0, ref to, position);
            SpreadTo(a1, b1, c1, ref to, position);
            SpreadTo(a2, b2, c2, ref to, position);
            SpreadTo(a3, b3, c3, ref to, position);
            SpreadTo(a4, b4, c4, ref to, position);
            SpreadTo(a5, b5, c5, ref to, position);
        }
    }

    /// <summary>G' of three taps: rows [6 0 0] [-4 -4 -4] [-4 4 -4] [1 2 4] [1 -2 4] [0 0 3].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Spread(T g0, T g1, T g2, out T t0, out T t1, out T t2, out T t3, out T t4, out T t5)
    {
        T ends = g0 + g2, far = g0 + (g2 << 2), twice = g1 + g1;
        t0 = g0 * 6;
        t1 = (ends + g1) * -4;
        t2 = (g1 - ends) << 2;
        t3 = far + twice;
        t4 = far - twice;
        t5 = g2 * 3;
    }

    /// <summary>The same into six positions.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SpreadTo(T g0, T g1, T g2, ref short* to, nint position)
    {
        Spread(g0, g1, g2, out T t0, out T t1, out T t2, out T t3, out T t4, out T t5);
        t0.Store(to);
        t1.Store(to += position);
        t2.Store(to += position);
        t3.Store(to += position);
        t4.Store(to += position);
        t5.Store(to += position);
        to += position;
    }
}
