using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>Requantization of panels that have the numbers of a <see cref="FusedScale"/> on 512 bits, two rows a vector: a multiply-add of floats and the way to bytes.</summary>
internal static unsafe class Avx512Fused
{
    private const int Block = 8;   // rows that become one vector of bytes

    public static void Rows(int* sums, int rows, int* panel, sbyte* output, nint outputStride)
    {
        var scale = new Scale(panel);
        for (; rows >= Block; rows -= Block, sums += Block * Panel.Channels, output += Block * outputStride)
        {
            // packing leaves rows 0, 4, 1, 5, ... side by side
            Vector512<sbyte> packed = Avx512BW.PackSignedSaturate(scale.FourRows(sums), scale.FourRows(sums + Block / 2 * Panel.Channels));
            Vector512<sbyte> bytes = Avx512F.PermuteVar8x64(packed.AsInt64(), Vector512.Create(0L, 2, 4, 6, 1, 3, 5, 7)).AsSByte();
            Avx512Requantize.StoreTwo(bytes.GetLower().GetLower(), 2, output, outputStride);
            Avx512Requantize.StoreTwo(bytes.GetLower().GetUpper(), 2, output + 2 * outputStride, outputStride);
            Avx512Requantize.StoreTwo(bytes.GetUpper().GetLower(), 2, output + 4 * outputStride, outputStride);
            Avx512Requantize.StoreTwo(bytes.GetUpper().GetUpper(), 2, output + 6 * outputStride, outputStride);
        }

        for (; rows > 0; rows -= 2, sums += 2 * Panel.Channels, output += 2 * outputStride)
        {
            Avx512Requantize.StoreTwo(scale.TwoRows(sums), rows, output, outputStride);
        }
    }

    /// <summary>A panel's numbers.</summary>
    private readonly struct Scale(int* panel)
    {
        private readonly Vector512<float> _multiplier = Avx512Requantize.Twice(panel + Panel.Multiplier).AsSingle();
        private readonly Vector512<float> _addend = Avx512Requantize.Twice(panel + Panel.Addend).AsSingle();
        private readonly Vector512<int> _missed = Avx512Requantize.Twice(panel + Panel.Missed);
        private readonly Vector512<int> _instead = Avx512Requantize.Twice(panel + Panel.Instead);

        /// <summary>Lower halves of what the floats are as bits: bytes before the clamp.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector512<short> FourRows(int* sums) => Avx512BW.PermuteVar32x16x2(
            Scaled(sums).AsInt16(), Vector512.Create((short)0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34, 36, 38, 40, 42, 44, 46, 48, 50, 52, 54, 56, 58, 60, 62),
            Scaled(sums + 2 * Panel.Channels).AsInt16());

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector128<sbyte> TwoRows(int* sums)
        {
            Vector256<short> words = Avx512F.ConvertToVector256Int16(Scaled(sums));
            return Sse2.PackSignedSaturate(words.GetLower(), words.GetUpper());
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private Vector512<int> Scaled(int* sums)
        {
            Vector512<int> x = Vector512.Load(sums);
            x = Vector512.ConditionalSelect(Vector512.Equals(x, _missed), _instead, x);
            return Avx512F.FusedMultiplyAdd(x.AsSingle(), _multiplier, _addend).AsInt32();
        }
    }
}
