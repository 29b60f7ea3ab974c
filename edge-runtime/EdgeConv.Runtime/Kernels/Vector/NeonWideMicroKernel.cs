using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>NEON on int16 activations: SMLAL by element, the weights widened as they are loaded. A step is four taps of eight channels.</summary>
internal unsafe struct NeonWideMicroKernel : IWideMicroKernel
{
    private const int StepBytes = 32;

    public static int TileRows => 6;

    public static int StepTaps => 4;

    public static int AdjacentTaps => 1;

    public static int DepthwiseAdjacentTaps => 1;

    public static void Tile(byte** rows, Segments segments, sbyte* weights, int* accumulators)
    {
        byte* r0 = rows[0], r1 = rows[1], r2 = rows[2], r3 = rows[3], r4 = rows[4], r5 = rows[5];
        Vector128<int> l0 = default, h0 = default, l1 = default, h1 = default, l2 = default, h2 = default;
        Vector128<int> l3 = default, h3 = default, l4 = default, h4 = default, l5 = default, h5 = default;
        for (int s = 0; s < segments.Count; s++)
        {
            nint at = segments.Offsets[s], end = at + segments.Steps * 8;
            for (; at < end; at += 8, weights += StepBytes)
            {
                var w = new Step(weights);
                w.Multiply(ref l0, ref h0, r0 + at);
                w.Multiply(ref l1, ref h1, r1 + at);
                w.Multiply(ref l2, ref h2, r2 + at);
                w.Multiply(ref l3, ref h3, r3 + at);
                w.Multiply(ref l4, ref h4, r4 + at);
                w.Multiply(ref l5, ref h5, r5 + at);
            }
        }

        Store(accumulators, l0, h0);
        Store(accumulators + 8, l1, h1);
        Store(accumulators + 16, l2, h2);
        Store(accumulators + 24, l3, h3);
        Store(accumulators + 32, l4, h4);
        Store(accumulators + 40, l5, h5);
    }

    public static void Row(byte* row, Segments segments, sbyte* weights, int* accumulators)
    {
        Vector128<int> low = default, high = default;
        for (int s = 0; s < segments.Count; s++)
        {
            nint at = segments.Offsets[s], end = at + segments.Steps * 8;
            for (; at < end; at += 8, weights += StepBytes)
            {
                new Step(weights).Multiply(ref low, ref high, row + at);
            }
        }

        Store(accumulators, low, high);
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

        Store(accumulators, low, high);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(int* accumulators, Vector128<int> low, Vector128<int> high)
    {
        AdvSimd.Store(accumulators, low);
        AdvSimd.Store(accumulators + 4, high);
    }

    /// <summary>Four taps of eight channels, widened.</summary>
    private readonly struct Step(sbyte* weights)
    {
        private readonly Vector128<short> _w0 = AdvSimd.SignExtendWideningLower(AdvSimd.LoadVector64(weights));
        private readonly Vector128<short> _w1 = AdvSimd.SignExtendWideningLower(AdvSimd.LoadVector64(weights + 8));
        private readonly Vector128<short> _w2 = AdvSimd.SignExtendWideningLower(AdvSimd.LoadVector64(weights + 16));
        private readonly Vector128<short> _w3 = AdvSimd.SignExtendWideningLower(AdvSimd.LoadVector64(weights + 24));

        /// <summary>low and high += four input elements times the weights of channels 0-3 and 4-7.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Multiply(ref Vector128<int> low, ref Vector128<int> high, byte* x)
        {
            Vector64<short> a = AdvSimd.LoadVector64((short*)x);
            low = AdvSimd.MultiplyBySelectedScalarWideningLowerAndAdd(low, _w0.GetLower(), a, 0);
            high = AdvSimd.MultiplyBySelectedScalarWideningUpperAndAdd(high, _w0, a, 0);
            low = AdvSimd.MultiplyBySelectedScalarWideningLowerAndAdd(low, _w1.GetLower(), a, 1);
            high = AdvSimd.MultiplyBySelectedScalarWideningUpperAndAdd(high, _w1, a, 1);
            low = AdvSimd.MultiplyBySelectedScalarWideningLowerAndAdd(low, _w2.GetLower(), a, 2);
            high = AdvSimd.MultiplyBySelectedScalarWideningUpperAndAdd(high, _w2, a, 2);
            low = AdvSimd.MultiplyBySelectedScalarWideningLowerAndAdd(low, _w3.GetLower(), a, 3);
            high = AdvSimd.MultiplyBySelectedScalarWideningUpperAndAdd(high, _w3, a, 3);
        }
    }
}
