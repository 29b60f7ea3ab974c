using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>NEON on int16 activations: the multiplications of <see cref="NeonMicroKernel"/>, which widens int8 ones to the same form.</summary>
internal unsafe struct NeonWideMicroKernel : IWideMicroKernel
{
    public static int TileRows => NeonMicroKernel.TileRows;

    public static int StepTaps => NeonMicroKernel.StepTaps;

    public static int AdjacentTaps => NeonMicroKernel.AdjacentTaps;

    public static int DepthwiseAdjacentTaps => 1;

    public static void Tile(byte** rows, Segments segments, sbyte* weights, int* accumulators)
    {
        Vector256<int> noBias = default;
        NeonMicroKernel.Tile(rows, segments, weights, (int*)&noBias, accumulators);
    }

    public static void Row(byte* row, Segments segments, sbyte* weights, int* accumulators)
    {
        Vector256<int> noBias = default;
        NeonMicroKernel.Row(row, segments, weights, (int*)&noBias, accumulators);
    }

    public static void Depthwise(short* x, nint* offsets, int taps, short* weights, int* accumulators)
    {
        Vector128<int> low = default, high = default;
        for (int t = 0; t < taps; t++, weights += Panel.Channels)
        {
            Vector128<short> a = AdvSimd.LoadVector128(x + offsets[t]), w = AdvSimd.LoadVector128(weights);
            low = AdvSimd.MultiplyWideningLowerAndAdd(low, a.GetLower(), w.GetLower());
            high = AdvSimd.MultiplyWideningUpperAndAdd(high, a, w);
        }

        AdvSimd.Store(accumulators, low);
        AdvSimd.Store(accumulators + 4, high);
    }
}
