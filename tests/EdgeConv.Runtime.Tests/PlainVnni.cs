using System.Runtime.Intrinsics.X86;
using EdgeConv.Runtime.Kernels;
using EdgeConv.Runtime.Kernels.Vector;

namespace EdgeConv.Runtime.Tests;

/// <summary>
/// Path AvxVnni with its multiplications in plain loops, so that a processor without VPDPBUSD tests all the rest of it: the input's offset, the order of
/// weights, two panels at once, requantization.
/// </summary>
internal unsafe struct PlainVnni : IMicroKernel
{
    public static string Name => "AvxVnni, multiplied in plain loops";

    public static bool IsSupported => Avx2.IsSupported && !AvxVnniMicroKernel.IsSupported;

    public static int TileRows => AvxVnniMicroKernel.TileRows;

    public static int StepTaps => AvxVnniMicroKernel.StepTaps;

    public static int AdjacentTaps => AvxVnniMicroKernel.AdjacentTaps;

    public static int InputBytes => AvxVnniMicroKernel.InputBytes;

    public static int InputOffset => AvxVnniMicroKernel.InputOffset;

    public static int PairRows => AvxVnniMicroKernel.PairRows;

    /// <summary>It, where this processor needs it.</summary>
    public static IEnumerable<KernelPath> Path => IsSupported ? [new VectorPath<PlainVnni, Avx2WideMicroKernel>()] : [];

    public static void LoadInput(sbyte* source, byte* destination, nint count) => AvxVnniMicroKernel.LoadInput(source, destination, count);

    public static void Tile(byte** rows, int count, Segments segments, sbyte* weights, int* panel, int* accumulators)
    {
        for (int row = 0; row < TileRows; row++)
        {
            Row(rows[row], segments, weights, panel, accumulators + row * Panel.Channels);
        }
    }

    public static void TilePair(byte** rows, Segments segments, sbyte* weights, nint nextPanel, int* panel, int* first, int* second)
    {
        for (int row = 0; row < PairRows; row++)
        {
            Row(rows[row], segments, weights, panel, first + row * Panel.Channels);
            Row(rows[row], segments, weights + nextPanel, panel + Panel.Ints, second + row * Panel.Channels);
        }
    }

    public static void Row(byte* row, Segments segments, sbyte* weights, int* panel, int* accumulators)
    {
        new Span<int>(panel + Panel.Bias, Panel.Channels).CopyTo(new Span<int>(accumulators, Panel.Channels));
        for (int s = 0; s < segments.Count; s++)
        {
            byte* x = row + segments.Offsets[s];
            for (byte* end = x + segments.Steps * StepTaps; x < end; x += StepTaps, weights += StepTaps * Panel.Channels)
            {
                for (int i = 0; i < StepTaps * Panel.Channels; i++)
                {
                    accumulators[i / StepTaps] = unchecked(accumulators[i / StepTaps] + x[i % StepTaps] * weights[i]);
                }
            }
        }
    }

    public static void Requantize(int* accumulators, int rows, int* panel, OutputStage stage, sbyte* output, nint outputStride) =>
        AvxVnniMicroKernel.Requantize(accumulators, rows, panel, stage, output, outputStride);

    public static bool TakesFusedScale(int steps, bool isPooled) => AvxVnniMicroKernel.TakesFusedScale(steps, isPooled);

    public static Kernel Depthwise(Conv2DOp op, KernelContext context) => AvxVnniMicroKernel.Depthwise(op, context);

    public static Kernel? Winograd(Conv2DOp op, KernelContext context) => AvxVnniMicroKernel.Winograd(op, context);
}
