using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>From int32 to bytes, whole vectors of 512 bits.</summary>
internal static class Avx512Narrowing
{
    /// <summary>Saturated to int16 and then to int8, in their order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<sbyte> ToBytes(Vector512<int> a, Vector512<int> b, Vector512<int> c, Vector512<int> d)
    {
        Vector512<short> first = Avx512BW.PackSignedSaturate(a, b), second = Avx512BW.PackSignedSaturate(c, d);

        // packing leaves four elements of each of the four in each quarter
        Vector512<int> order = Vector512.Create(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
        return Avx512F.PermuteVar16x32(Avx512BW.PackSignedSaturate(first, second).AsInt32(), order).AsSByte();
    }
}
