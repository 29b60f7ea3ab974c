using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>AVX2 on int16 activations: the multiplications of <see cref="Avx2MicroKernel"/>, which widens int8 ones to the same form.</summary>
internal unsafe struct Avx2WideMicroKernel : IWideMicroKernel
{
    public static int TileRows => Avx2MicroKernel.TileRows;

    public static int StepTaps => Avx2MicroKernel.StepTaps;

    public static int AdjacentTaps => Avx2MicroKernel.AdjacentTaps;

    public static int DepthwiseAdjacentTaps => 2;

    public static void Tile(byte** rows, Segments segments, sbyte* weights, int* accumulators)
    {
        Vector256<int> noBias = default;   // all that it reads of a panel
        Avx2MicroKernel.Tile(rows, TileRows, segments, weights, (int*)&noBias, accumulators);
    }

    public static void Row(byte* row, Segments segments, sbyte* weights, int* accumulators)
    {
        Vector256<int> noBias = default;   // all that it reads of a panel
        Avx2MicroKernel.Row(row, segments, weights, (int*)&noBias, accumulators);
    }

    public static void Depthwise(short* x, nint* offsets, int taps, short* weights, int* accumulators)
    {
        Vector128<int> low = default, high = default;
        for (int t = 0; t < taps; t += 2, weights += 2 * Panel.Channels)
        {
            Vector128<short> a = Vector128.Load(x + offsets[t]), b = Vector128.Load(x + offsets[t + 1]);
            low += Sse2.MultiplyAddAdjacent(Sse2.UnpackLow(a, b), Vector128.Load(weights));
            high += Sse2.MultiplyAddAdjacent(Sse2.UnpackHigh(a, b), Vector128.Load(weights + Panel.Channels));
        }

        low.Store(accumulators);
        high.Store(accumulators + 4);
    }
}
