using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// NEON without dot product (Cortex-A53, A72), on the bytes as they are: two products of int8 are added in int16 and pairs of such sums in
/// int32, three instructions for sixteen multiplications. A step is 16 taps of eight channels: [channel][tap].
/// </summary>
internal unsafe struct NeonMicroKernel : IMicroKernel
{
    public static string Name => "Neon";

    public static bool IsSupported => AdvSimd.Arm64.IsSupported;

    public static int TileRows => 8;

    public static int StepTaps => 16;

    public static int AdjacentTaps => 16;

    public static int InputBytes => 1;

    public static int InputOffset => 0;

    public static void LoadInput(sbyte* source, byte* destination, nint count) => PlainInput.LoadInput(source, destination, count);

    /// <summary>
    /// Tap t of a step meets tap t + 8 in an int16 sum: 2 * 128 * 127 fits. Only two weights of -128 that both meet an input of -128
    /// do not.
    /// </summary>
    public static bool FitsShortSums(sbyte* packed, nint length)
    {
        Vector128<sbyte> least = Vector128.Create(sbyte.MinValue), found = default;
        for (sbyte* end = packed + length; packed < end; packed += StepTaps)
        {
            Vector128<sbyte> isLeast = Vector128.Equals(Vector128.Load(packed), least);   // packed on any processor, to know the size
            found |= isLeast & Vector128.Create(isLeast.GetUpper(), isLeast.GetLower());
        }

        return found == default;
    }

    public static void Tile(byte** rows, int count, Segments segments, sbyte* weights, int* panel, int* accumulators)
    {
        if (panel[Panel.FitsShortSums] == 0)
        {
            NeonTile<NeonLongSums, NeonEightChannels>.Multiply(rows, count, segments, weights, panel, accumulators);
        }
        else if (panel[Panel.RealChannels] > NeonSixChannels.Count)
        {
            NeonTile<NeonShortSums, NeonEightChannels>.Multiply(rows, count, segments, weights, panel, accumulators);
        }
        else if (panel[Panel.RealChannels] > NeonFourChannels.Count)
        {
            NeonTile<NeonShortSums, NeonSixChannels>.Multiply(rows, count, segments, weights, panel, accumulators);
        }
        else
        {
            NeonTile<NeonShortSums, NeonFourChannels>.Multiply(rows, count, segments, weights, panel, accumulators);
        }
    }

    public static void Row(byte* row, Segments segments, sbyte* weights, int* panel, int* accumulators)
    {
        if (panel[Panel.FitsShortSums] != 0)
        {
            NeonTile<NeonShortSums, NeonEightChannels>.MultiplyRow(row, segments, weights, panel, accumulators);
        }
        else
        {
            NeonTile<NeonLongSums, NeonEightChannels>.MultiplyRow(row, segments, weights, panel, accumulators);
        }
    }

    public static void Requantize(int* accumulators, int rows, int* panel, OutputStage stage, sbyte* output, nint outputStride) =>
        NeonRequantize.Rows(accumulators, rows, panel, stage, output, outputStride);

    public static bool TakesFusedScale(int steps, bool isPooled) => !isPooled && steps >= NeonFusedTile<NeonAllSums>.LeastSteps;

    public static bool FinishesTiles(int* panel) => panel[Panel.Fused] != (int)FusedSums.None && panel[Panel.FitsShortSums] != 0;

    public static void TilesToBytes(
        byte** rows, int tiles, Segments segments, sbyte* weights, int* panel, OutputStage stage, sbyte* output, nint outputStride)
    {
        if (panel[Panel.Fused] == (int)FusedSums.AllButOne)
        {
            NeonFusedTile<NeonAllSumsButOne>.Multiply(rows, tiles * TileRows, segments, weights, panel, output, outputStride);
        }
        else
        {
            NeonFusedTile<NeonAllSums>.Multiply(rows, tiles * TileRows, segments, weights, panel, output, outputStride);
        }
    }

    public static Kernel Depthwise(Conv2DOp op, KernelContext context) => NeonRounding.Depthwise(op, context, dotProducts: false);

    public static Kernel? Winograd(Conv2DOp op, KernelContext context) => WinogradPlan.Choose(op, context, WinogradProcessor.CortexA53) switch
    {
        null => null,
        { Tile: WinogradTwo } plan => new WinogradConv2D<NeonWinogradTwo>(op, context, plan),
        { } plan => new WinogradConv2D<NeonWinograd>(op, context, plan),
    };
}
