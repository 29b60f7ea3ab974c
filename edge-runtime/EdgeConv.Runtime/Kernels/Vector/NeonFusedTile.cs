using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using Tile = EdgeConv.Runtime.Kernels.Vector.NeonTile<EdgeConv.Runtime.Kernels.Vector.NeonShortSums, EdgeConv.Runtime.Kernels.Vector.NeonEightChannels>;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// <see cref="NeonTile{TSums, TChannels}"/> and requantization in one, for panels that have a <see cref="FusedScale"/>. A pair of rows is summed across and
/// requantized during the first steps of the pair behind it: the A72 has one unit that multiplies, which is busy then, and one beside it that is not.
/// The first steps set the sums, so that nothing is cleared.
/// </summary>
internal static unsafe class NeonFusedTile<TSums>
    where TSums : struct, INeonFusedSums
{
    /// <summary>Steps that a run must have.</summary>
    public const int LeastSteps = 4;

    /// <summary>Bytes of an even number of rows.</summary>
    public static void Multiply(byte** rows, int count, Segments segments, sbyte* panelWeights, int* panel, sbyte* output, nint outputStride)
    {
        int* sums = stackalloc int[2 * Panel.Channels];
        var scale = new NeonFused<TSums>(panel);
        Vector128<int> a0 = default, b0 = default, c0 = default, d0 = default, e0 = default, f0 = default, g0 = default, h0 = default;
        Vector128<int> a1 = default, b1 = default, c1 = default, d1 = default, e1 = default, f1 = default, g1 = default, h1 = default;
        nint forward = 0;   // what is stored before the first pair is done the second stores over
        for (byte** end = rows + count; rows < end; rows += 2)
        {
            sbyte* weights = panelWeights, x = (sbyte*)rows[0] + segments.Offsets[0], y = (sbyte*)rows[1] + segments.Offsets[0];
            Vector128<sbyte> x0 = AdvSimd.LoadVector128(x), x1 = AdvSimd.LoadVector128(y);
            Vector64<sbyte> low0 = AdvSimd.LoadVector64(x), low1 = AdvSimd.LoadVector64(y);
            Vector128<sbyte> w0 = AdvSimd.LoadVector128(weights), w1 = AdvSimd.LoadVector128(weights + Tile.Taps);
            Vector128<sbyte> w2 = AdvSimd.LoadVector128(weights + 2 * Tile.Taps), w3 = AdvSimd.LoadVector128(weights + 3 * Tile.Taps);
            Tile.Upper(out Vector128<short> pa0, out Vector128<short> pb0, out Vector128<short> pc0, out Vector128<short> pd0,
                out Vector128<short> pa1, out Vector128<short> pb1, out Vector128<short> pc1, out Vector128<short> pd1, x0, x1, w0, w1, w2, w3);
            Tile.StoreSums(ref a0, b0, ref c0, d0, ref e0, f0, ref g0, h0, ref a1, b1, ref c1, d1, ref e1, f1, ref g1, h1, panel, sums);
            Tile.Lower(ref pa0, ref pb0, ref pc0, ref pd0, ref pa1, ref pb1, ref pc1, ref pd1, low0, low1, w0, w1, w2, w3);
            Set(out a0, out b0, out c0, out d0, out a1, out b1, out c1, out d1, pa0, pb0, pc0, pd0, pa1, pb1, pc1, pd1);

            Vector128<sbyte> w4 = AdvSimd.LoadVector128(weights + 4 * Tile.Taps), w5 = AdvSimd.LoadVector128(weights + 5 * Tile.Taps);
            Vector128<sbyte> w6 = AdvSimd.LoadVector128(weights + 6 * Tile.Taps), w7 = AdvSimd.LoadVector128(weights + 7 * Tile.Taps);
            Tile.Upper(out Vector128<short> pe0, out Vector128<short> pf0, out Vector128<short> pg0, out Vector128<short> ph0,
                out Vector128<short> pe1, out Vector128<short> pf1, out Vector128<short> pg1, out Vector128<short> ph1, x0, x1, w4, w5, w6, w7);
            Tile.Lower(ref pe0, ref pf0, ref pg0, ref ph0, ref pe1, ref pf1, ref pg1, ref ph1, low0, low1, w4, w5, w6, w7);
            Set(out e0, out f0, out g0, out h0, out e1, out f1, out g1, out h1, pe0, pf0, pg0, ph0, pe1, pf1, pg1, ph1);

            Tile.Step(ref a0, ref b0, ref c0, ref d0, ref e0, ref f0, ref g0, ref h0, ref a1, ref b1, ref c1, ref d1, ref e1, ref f1, ref g1, ref h1,
                x, y, weights, 1);
            Tile.Step(ref a0, ref b0, ref c0, ref d0, ref e0, ref f0, ref g0, ref h0, ref a1, ref b1, ref c1, ref d1, ref e1, ref f1, ref g1, ref h1,
                x, y, weights, 2);
            scale.StoreTwo(sums, output, outputStride);
            output += forward;
            forward = 2 * outputStride;
            Tile.Step(ref a0, ref b0, ref c0, ref d0, ref e0, ref f0, ref g0, ref h0, ref a1, ref b1, ref c1, ref d1, ref e1, ref f1, ref g1, ref h1,
                x, y, weights, 3);
            weights += LeastSteps * Tile.StepBytes;
            x += LeastSteps * Tile.Taps;
            y += LeastSteps * Tile.Taps;
            nint steps = segments.Steps - LeastSteps;
            for (int s = 1; ; s++)
            {
                Tile.Run(ref a0, ref b0, ref c0, ref d0, ref e0, ref f0, ref g0, ref h0, ref a1, ref b1, ref c1, ref d1, ref e1, ref f1, ref g1, ref h1,
                    x, y, ref weights, steps);
                if (s == segments.Count)
                {
                    break;
                }

                x = (sbyte*)rows[0] + segments.Offsets[s];
                y = (sbyte*)rows[1] + segments.Offsets[s];
                steps = segments.Steps;
            }
        }

        Tile.StoreSums(ref a0, b0, ref c0, d0, ref e0, f0, ref g0, h0, ref a1, b1, ref c1, d1, ref e1, f1, ref g1, h1, panel, sums);
        scale.StoreTwo(sums, output, outputStride);
    }

    /// <summary>The first sums of two rows of four channels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Set(out Vector128<int> a0, out Vector128<int> b0, out Vector128<int> c0, out Vector128<int> d0,
        out Vector128<int> a1, out Vector128<int> b1, out Vector128<int> c1, out Vector128<int> d1,
        Vector128<short> pa0, Vector128<short> pb0, Vector128<short> pc0, Vector128<short> pd0,
        Vector128<short> pa1, Vector128<short> pb1, Vector128<short> pc1, Vector128<short> pd1)
    {
        a0 = AdvSimd.AddPairwiseWidening(pa0);
        a1 = AdvSimd.AddPairwiseWidening(pa1);
        b0 = AdvSimd.AddPairwiseWidening(pb0);
        b1 = AdvSimd.AddPairwiseWidening(pb1);
        c0 = AdvSimd.AddPairwiseWidening(pc0);
        c1 = AdvSimd.AddPairwiseWidening(pc1);
        d0 = AdvSimd.AddPairwiseWidening(pd0);
        d1 = AdvSimd.AddPairwiseWidening(pd1);
    }
}
