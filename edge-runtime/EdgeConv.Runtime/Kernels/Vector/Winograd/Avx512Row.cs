using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>Sixteen int32 channels of four pixels, in registers.</summary>
internal struct Avx512Row
{
    public Vector512<int> C0, C1, C2, C3;

    private Avx512Row(Vector512<int> c0, Vector512<int> c1, Vector512<int> c2, Vector512<int> c3) => (C0, C1, C2, C3) = (c0, c1, c2, c3);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Avx512Row operator +(Avx512Row a, Avx512Row b) => new(a.C0 + b.C0, a.C1 + b.C1, a.C2 + b.C2, a.C3 + b.C3);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Avx512Row operator -(Avx512Row a, Avx512Row b) => new(a.C0 - b.C0, a.C1 - b.C1, a.C2 - b.C2, a.C3 - b.C3);

    /// <summary>A'^T along a row of positions: [1 1 1 1 1 0] [0 1 -1 2 -2 0] [0 1 1 4 4 0] [0 1 -1 8 -8 8].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Avx512Row Along(Vector512<int> p0, Vector512<int> p1, Vector512<int> p2, Vector512<int> p3, Vector512<int> p4, Vector512<int> p5)
    {
        Vector512<int> s = p1 + p2, d = p1 - p2, u = p3 + p4, w = p3 - p4;
        return new Avx512Row(p0 + s + u, d + w + w, s + (u << 2), d + ((w + p5) << 3));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Avx512Row Max(Avx512Row a, Avx512Row b) =>
        new(Vector512.Max(a.C0, b.C0), Vector512.Max(a.C1, b.C1), Vector512.Max(a.C2, b.C2), Vector512.Max(a.C3, b.C3));

    /// <summary>The maximum of each two pixels of two rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Avx512Row MaxOfPairs(Avx512Row a, Avx512Row b) =>
        new(Vector512.Max(a.C0, a.C1), Vector512.Max(a.C2, a.C3), Vector512.Max(b.C0, b.C1), Vector512.Max(b.C2, b.C3));

    /// <summary>Times a power of two.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Avx512Row Shifted(int left) => new(C0 << left, C1 << left, C2 << left, C3 << left);

    /// <summary>Modulo 2^32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Avx512Row Times(Vector512<int> factor) => new(C0 * factor, C1 * factor, C2 * factor, C3 * factor);
}
