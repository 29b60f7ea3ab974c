using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// NEON with dot product (Cortex-A76): SDOT by element on the input where it lies. A step is four taps of eight channels,
/// [channel][tap]; a load of a row serves four steps.
/// </summary>
internal unsafe struct NeonDpMicroKernel : IMicroKernel
{
    private const int StepBytes = 32;
    private const int StepsALoad = 4;

    public static string Name => "NeonDp";

    public static bool IsSupported => Dp.IsSupported;

    public static int TileRows => 8;

    public static int StepTaps => 4;

    public static int AdjacentTaps => 4;

    public static int InputBytes => 1;

    public static int InputOffset => 0;

    public static void LoadInput(sbyte* source, byte* destination, nint count) => PlainInput.LoadInput(source, destination, count);

    public static void Tile(byte** rows, int count, Segments segments, sbyte* weights, int* panel, int* accumulators) =>
        NeonDpTile<NeonAccumulators>.Multiply(rows, 1, segments, weights, panel, default, accumulators, sizeof(int) * Panel.Channels);

    public static void Row(byte* row, Segments segments, sbyte* weights, int* panel, int* accumulators)
    {
        // four chains a half hide the instruction's latency
        Vector128<int> l0 = AdvSimd.LoadVector128(panel + Panel.Bias), h0 = AdvSimd.LoadVector128(panel + Panel.Bias + 4);
        Vector128<int> l1 = default, h1 = default, l2 = default, h2 = default, l3 = default, h3 = default;
        for (int s = 0; s < segments.Count; s++)
        {
            sbyte* x = (sbyte*)row + segments.Offsets[s];
            nint steps = segments.Steps;
            for (; steps >= StepsALoad; steps -= StepsALoad, x += StepsALoad * 4, weights += StepsALoad * StepBytes)
            {
                Vector128<sbyte> sixteen = AdvSimd.LoadVector128(x);
                Multiply(ref l0, ref h0, weights, sixteen, 0);
                Multiply(ref l1, ref h1, weights + StepBytes, sixteen, 1);
                Multiply(ref l2, ref h2, weights + 2 * StepBytes, sixteen, 2);
                Multiply(ref l3, ref h3, weights + 3 * StepBytes, sixteen, 3);
            }

            for (; steps > 0; steps--, x += 4, weights += StepBytes)
            {
                Multiply(ref l0, ref h0, weights, AdvSimd.LoadVector128(x), 0);
            }
        }

        Store(accumulators, AdvSimd.Add(AdvSimd.Add(l0, l1), AdvSimd.Add(l2, l3)), AdvSimd.Add(AdvSimd.Add(h0, h1), AdvSimd.Add(h2, h3)));
    }

    public static void Requantize(int* accumulators, int rows, int* panel, OutputStage stage, sbyte* output, nint outputStride) =>
        NeonRequantize.Rows(accumulators, rows, panel, stage, output, outputStride);

    public static bool FinishesTiles(int* panel) => true;

    public static void TilesToBytes(
        byte** rows, int tiles, Segments segments, sbyte* weights, int* panel, OutputStage stage, sbyte* output, nint outputStride)
    {
        switch ((FusedSums)panel[Panel.Fused])
        {
            case FusedSums.All:
                NeonDpTile<NeonFusedBytes<NeonAllSums>>.Multiply(rows, tiles, segments, weights, panel, stage, output, outputStride);
                break;
            case FusedSums.AllButOne:
                NeonDpTile<NeonFusedBytes<NeonAllSumsButOne>>.Multiply(rows, tiles, segments, weights, panel, stage, output, outputStride);
                break;
            default:
                var finished = new FinishedTiles(rows, tiles, segments, weights, panel, stage, output, outputStride);
                NeonRounding.Choose(stage.Rounding, ref finished);
                break;
        }
    }

    public static bool TakesFusedScale(int steps, bool isPooled) => !isPooled;

    public static Kernel Depthwise(Conv2DOp op, KernelContext context) => NeonRounding.Depthwise(op, context, dotProducts: true);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Multiply(ref Vector128<int> low, ref Vector128<int> high, sbyte* weights, Vector128<sbyte> x, [ConstantExpected(Max = (byte)3)] byte place)
    {
        low = Dp.DotProductBySelectedQuadruplet(low, AdvSimd.LoadVector128(weights), x, place);
        high = Dp.DotProductBySelectedQuadruplet(high, AdvSimd.LoadVector128(weights + 16), x, place);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(int* accumulators, Vector128<int> low, Vector128<int> high)
    {
        AdvSimd.Store(accumulators, low);
        AdvSimd.Store(accumulators + 4, high);
    }

    private readonly struct FinishedTiles(
        byte** rows, int tiles, Segments segments, sbyte* weights, int* panel, OutputStage stage, sbyte* output, nint outputStride) : INeonRounded
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Run<TRounding>()
            where TRounding : struct, INeonRounding =>
            NeonDpTile<NeonBytes<TRounding>>.Multiply(rows, tiles, segments, weights, panel, stage, output, outputStride);
    }
}
