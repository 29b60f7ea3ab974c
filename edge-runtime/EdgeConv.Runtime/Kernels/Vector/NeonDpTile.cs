using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// Eight rows times eight channels by SDOT: sixteen sums and sixteen taps of each row stay in registers while the weights go by. A load
/// of a row serves four steps, so that the A76, which decodes four instructions a cycle, finds little else than multiplications.
/// </summary>
internal static unsafe class NeonDpTile<TOutput>
    where TOutput : struct, INeonOutput
{
    private const int StepBytes = 4 * Panel.Channels;
    private const int StepsALoad = 4;

    /// <summary>Multiplies tiles of rows by a panel, one tile after the other, and leaves the sums to the output.</summary>
    public static void Multiply(byte** rows, int tiles, Segments segments, sbyte* panelWeights, int* panel, OutputStage stage, void* output, nint outputStride)
    {
        for (; tiles > 0; tiles--, rows += NeonDpMicroKernel.TileRows, output = (byte*)output + NeonDpMicroKernel.TileRows * outputStride)
        {
            sbyte* weights = panelWeights;
            sbyte* r0 = (sbyte*)rows[0], r1 = (sbyte*)rows[1], r2 = (sbyte*)rows[2], r3 = (sbyte*)rows[3];
            sbyte* r4 = (sbyte*)rows[4], r5 = (sbyte*)rows[5], r6 = (sbyte*)rows[6], r7 = (sbyte*)rows[7];
            Vector128<int> l0 = AdvSimd.LoadVector128(panel + Panel.Bias), h0 = AdvSimd.LoadVector128(panel + Panel.Bias + 4);
            Vector128<int> l1 = l0, h1 = h0, l2 = l0, h2 = h0, l3 = l0, h3 = h0, l4 = l0, h4 = h0, l5 = l0, h5 = h0, l6 = l0, h6 = h0, l7 = l0, h7 = h0;
            for (int s = 0; s < segments.Count; s++)
            {
                nint at = segments.Offsets[s], steps = segments.Steps;
                for (; steps >= StepsALoad; steps -= StepsALoad, at += StepsALoad * 4, weights += StepsALoad * StepBytes)
                {
                    Vector128<sbyte> x0 = AdvSimd.LoadVector128(r0 + at), x1 = AdvSimd.LoadVector128(r1 + at), x2 = AdvSimd.LoadVector128(r2 + at);
                    Vector128<sbyte> x3 = AdvSimd.LoadVector128(r3 + at), x4 = AdvSimd.LoadVector128(r4 + at), x5 = AdvSimd.LoadVector128(r5 + at);
                    Vector128<sbyte> x6 = AdvSimd.LoadVector128(r6 + at), x7 = AdvSimd.LoadVector128(r7 + at);
                    Step(ref l0, ref l1, ref l2, ref l3, ref l4, ref l5, ref l6, ref l7, ref h0, ref h1, ref h2, ref h3, ref h4, ref h5, ref h6, ref h7,
                        x0, x1, x2, x3, x4, x5, x6, x7, weights, 0);
                    Step(ref l0, ref l1, ref l2, ref l3, ref l4, ref l5, ref l6, ref l7, ref h0, ref h1, ref h2, ref h3, ref h4, ref h5, ref h6, ref h7,
                        x0, x1, x2, x3, x4, x5, x6, x7, weights + StepBytes, 1);
                    Step(ref l0, ref l1, ref l2, ref l3, ref l4, ref l5, ref l6, ref l7, ref h0, ref h1, ref h2, ref h3, ref h4, ref h5, ref h6, ref h7,
                        x0, x1, x2, x3, x4, x5, x6, x7, weights + 2 * StepBytes, 2);
                    Step(ref l0, ref l1, ref l2, ref l3, ref l4, ref l5, ref l6, ref l7, ref h0, ref h1, ref h2, ref h3, ref h4, ref h5, ref h6, ref h7,
                        x0, x1, x2, x3, x4, x5, x6, x7, weights + 3 * StepBytes, 3);
                }

                if (steps > 0)
                {
                    // what is read behind the run is not multiplied
                    Vector128<sbyte> x0 = AdvSimd.LoadVector128(r0 + at), x1 = AdvSimd.LoadVector128(r1 + at), x2 = AdvSimd.LoadVector128(r2 + at);
                    Vector128<sbyte> x3 = AdvSimd.LoadVector128(r3 + at), x4 = AdvSimd.LoadVector128(r4 + at), x5 = AdvSimd.LoadVector128(r5 + at);
                    Vector128<sbyte> x6 = AdvSimd.LoadVector128(r6 + at), x7 = AdvSimd.LoadVector128(r7 + at);
                    Step(ref l0, ref l1, ref l2, ref l3, ref l4, ref l5, ref l6, ref l7, ref h0, ref h1, ref h2, ref h3, ref h4, ref h5, ref h6, ref h7,
                        x0, x1, x2, x3, x4, x5, x6, x7, weights, 0);
                    if (steps > 1)
                    {
                        Step(ref l0, ref l1, ref l2, ref l3, ref l4, ref l5, ref l6, ref l7, ref h0, ref h1, ref h2, ref h3, ref h4, ref h5, ref h6, ref h7,
                            x0, x1, x2, x3, x4, x5, x6, x7, weights + StepBytes, 1);
                    }

                    if (steps > 2)
                    {
                        Step(ref l0, ref l1, ref l2, ref l3, ref l4, ref l5, ref l6, ref l7, ref h0, ref h1, ref h2, ref h3, ref h4, ref h5, ref h6, ref h7,
                            x0, x1, x2, x3, x4, x5, x6, x7, weights + 2 * StepBytes, 2);
                    }

                    weights += steps * StepBytes;
                }
            }

            TOutput.Store(new(l0, h0), new(l1, h1), new(l2, h2), new(l3, h3), new(l4, h4), new(l5, h5), new(l6, h6), new(l7, h7),
                panel, stage, output, outputStride);
        }
    }

    /// <summary>Four taps, at one of the four places of what was loaded, times eight channels of eight rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step(ref Vector128<int> l0, ref Vector128<int> l1, ref Vector128<int> l2, ref Vector128<int> l3,
        ref Vector128<int> l4, ref Vector128<int> l5, ref Vector128<int> l6, ref Vector128<int> l7,
        ref Vector128<int> h0, ref Vector128<int> h1, ref Vector128<int> h2, ref Vector128<int> h3,
        ref Vector128<int> h4, ref Vector128<int> h5, ref Vector128<int> h6, ref Vector128<int> h7,
        Vector128<sbyte> x0, Vector128<sbyte> x1, Vector128<sbyte> x2, Vector128<sbyte> x3,
        Vector128<sbyte> x4, Vector128<sbyte> x5, Vector128<sbyte> x6, Vector128<sbyte> x7, sbyte* weights, [ConstantExpected(Max = (byte)3)] byte place)
    {
        Vector128<sbyte> low = AdvSimd.LoadVector128(weights), high = AdvSimd.LoadVector128(weights + 16);
        l0 = Dp.DotProductBySelectedQuadruplet(l0, low, x0, place);
        l1 = Dp.DotProductBySelectedQuadruplet(l1, low, x1, place);
        l2 = Dp.DotProductBySelectedQuadruplet(l2, low, x2, place);
        l3 = Dp.DotProductBySelectedQuadruplet(l3, low, x3, place);
        l4 = Dp.DotProductBySelectedQuadruplet(l4, low, x4, place);
        l5 = Dp.DotProductBySelectedQuadruplet(l5, low, x5, place);
        l6 = Dp.DotProductBySelectedQuadruplet(l6, low, x6, place);
        l7 = Dp.DotProductBySelectedQuadruplet(l7, low, x7, place);
        h0 = Dp.DotProductBySelectedQuadruplet(h0, high, x0, place);
        h1 = Dp.DotProductBySelectedQuadruplet(h1, high, x1, place);
        h2 = Dp.DotProductBySelectedQuadruplet(h2, high, x2, place);
        h3 = Dp.DotProductBySelectedQuadruplet(h3, high, x3, place);
        h4 = Dp.DotProductBySelectedQuadruplet(h4, high, x4, place);
        h5 = Dp.DotProductBySelectedQuadruplet(h5, high, x5, place);
        h6 = Dp.DotProductBySelectedQuadruplet(h6, high, x6, place);
        h7 = Dp.DotProductBySelectedQuadruplet(h7, high, x7, place);
    }
}
