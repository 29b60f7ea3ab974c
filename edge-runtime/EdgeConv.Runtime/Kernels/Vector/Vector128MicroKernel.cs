using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// Portable vectors, on any processor that .NET runs on. A step is one tap of eight channels; int8 products fit int16 (128 * 128 = 2^14),
/// and are widened to int32 sums.
/// </summary>
internal unsafe struct Vector128MicroKernel : IMicroKernel
{
    public static string Name => "Vector128";

    public static bool IsSupported => Vector128.IsHardwareAccelerated;

    public static int TileRows => 4;

    public static int StepTaps => 1;

    public static int AdjacentTaps => 1;

    public static int InputBytes => 1;

    public static int InputOffset => 0;

    public static void LoadInput(sbyte* source, byte* destination, nint count) => Buffer.MemoryCopy(source, destination, count, count);

    public static void Tile(byte** rows, int count, Segments segments, sbyte* weights, int* panel, int* accumulators)
    {
        byte* r0 = rows[0], r1 = rows[1], r2 = rows[2], r3 = rows[3];
        Vector128<int> l0 = Vector128.Load(panel + Panel.Bias), h0 = Vector128.Load(panel + Panel.Bias + 4), l1 = l0, h1 = h0, l2 = l0, h2 = h0, l3 = l0, h3 = h0;
        for (int s = 0; s < segments.Count; s++)
        {
            nint at = segments.Offsets[s], end = at + segments.Steps;
            for (; at < end; at++, weights += Panel.Channels)
            {
                Vector128<short> w = Widen(weights);
                Accumulate(ref l0, ref h0, w, r0 + at);
                Accumulate(ref l1, ref h1, w, r1 + at);
                Accumulate(ref l2, ref h2, w, r2 + at);
                Accumulate(ref l3, ref h3, w, r3 + at);
            }
        }

        Store(accumulators, l0, h0);
        Store(accumulators + 8, l1, h1);
        Store(accumulators + 16, l2, h2);
        Store(accumulators + 24, l3, h3);
    }

    public static void Row(byte* row, Segments segments, sbyte* weights, int* panel, int* accumulators)
    {
        Vector128<int> low = Vector128.Load(panel + Panel.Bias), high = Vector128.Load(panel + Panel.Bias + 4);
        for (int s = 0; s < segments.Count; s++)
        {
            nint at = segments.Offsets[s], end = at + segments.Steps;
            for (; at < end; at++, weights += Panel.Channels)
            {
                Accumulate(ref low, ref high, Widen(weights), row + at);
            }
        }

        Store(accumulators, low, high);
    }

    public static void Requantize(int* accumulators, int rows, int* panel, OutputStage stage, sbyte* output, nint outputStride)
    {
        for (int row = 0; row < rows; row++, accumulators += Panel.Channels, output += outputStride)
        {
            for (int c = 0; c < Panel.Channels; c++)
            {
                int shift = panel[Panel.LeftShift + c] - panel[Panel.RightShift + c];
                output[c] = Requantizer.ToInt8(
                    accumulators[c], panel[Panel.Multiplier + c], shift, stage.ZeroPoint, stage.Min, stage.Max);
            }
        }
    }

    public static Kernel Depthwise(Conv2DOp op, KernelContext context) =>
        new VectorDepthwise<Vector128Depthwise, Vector128<short>, Vector128Depthwise.Sums>(op, context);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> Widen(sbyte* weights) => Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(long*)weights).AsSByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Accumulate(ref Vector128<int> low, ref Vector128<int> high, Vector128<short> weights, byte* x)
    {
        Vector128<short> product = weights * Vector128.Create((short)*(sbyte*)x);
        low += Vector128.WidenLower(product);
        high += Vector128.WidenUpper(product);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(int* accumulators, Vector128<int> low, Vector128<int> high)
    {
        low.Store(accumulators);
        high.Store(accumulators + 4);
    }
}
