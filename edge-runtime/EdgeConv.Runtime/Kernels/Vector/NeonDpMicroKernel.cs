using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>NEON with dot product (Cortex-A76): SDOT on the input where it lies. A step is four taps of eight channels.</summary>
internal unsafe struct NeonDpMicroKernel : IMicroKernel
{
    private const int StepBytes = 32;

    public static string Name => "NeonDp";

    public static bool IsSupported => Dp.IsSupported;

    public static int TileRows => 8;

    public static int StepTaps => 4;

    public static int AdjacentTaps => 4;

    public static int InputBytes => 1;

    public static int InputOffset => 0;

    public static void LoadInput(sbyte* source, byte* destination, nint count) => Buffer.MemoryCopy(source, destination, count, count);

    public static void Tile(byte** rows, int count, Segments segments, sbyte* weights, int* panel, int* accumulators)
    {
        byte* r0 = rows[0], r1 = rows[1], r2 = rows[2], r3 = rows[3], r4 = rows[4], r5 = rows[5], r6 = rows[6], r7 = rows[7];
        Vector128<int> l0 = AdvSimd.LoadVector128(panel + Panel.Bias), h0 = AdvSimd.LoadVector128(panel + Panel.Bias + 4), l1 = l0, h1 = h0, l2 = l0, h2 = h0, l3 = l0, h3 = h0;
        Vector128<int> l4 = l0, h4 = h0, l5 = l0, h5 = h0, l6 = l0, h6 = h0, l7 = l0, h7 = h0;
        for (int s = 0; s < segments.Count; s++)
        {
            nint at = segments.Offsets[s], end = at + segments.Steps * 4;
            for (; at < end; at += 4, weights += StepBytes)
            {
                Vector128<sbyte> low = AdvSimd.LoadVector128(weights), high = AdvSimd.LoadVector128(weights + 16);
                Multiply(ref l0, ref h0, low, high, r0 + at);
                Multiply(ref l1, ref h1, low, high, r1 + at);
                Multiply(ref l2, ref h2, low, high, r2 + at);
                Multiply(ref l3, ref h3, low, high, r3 + at);
                Multiply(ref l4, ref h4, low, high, r4 + at);
                Multiply(ref l5, ref h5, low, high, r5 + at);
                Multiply(ref l6, ref h6, low, high, r6 + at);
                Multiply(ref l7, ref h7, low, high, r7 + at);
            }
        }

        Store(accumulators, l0, h0);
        Store(accumulators + 8, l1, h1);
        Store(accumulators + 16, l2, h2);
        Store(accumulators + 24, l3, h3);
        Store(accumulators + 32, l4, h4);
        Store(accumulators + 40, l5, h5);
        Store(accumulators + 48, l6, h6);
        Store(accumulators + 56, l7, h7);
    }

    public static void Row(byte* row, Segments segments, sbyte* weights, int* panel, int* accumulators)
    {
        // two chains a half hide the instruction's latency
        Vector128<int> l0 = AdvSimd.LoadVector128(panel + Panel.Bias), h0 = AdvSimd.LoadVector128(panel + Panel.Bias + 4), l1 = default, h1 = default;
        for (int s = 0; s < segments.Count; s++)
        {
            nint at = segments.Offsets[s], end = at + segments.Steps * 4;
            for (; at + 8 <= end; at += 8, weights += 2 * StepBytes)
            {
                Multiply(ref l0, ref h0, AdvSimd.LoadVector128(weights), AdvSimd.LoadVector128(weights + 16), row + at);
                Multiply(ref l1, ref h1, AdvSimd.LoadVector128(weights + 32), AdvSimd.LoadVector128(weights + 48), row + at + 4);
            }

            if (at < end)
            {
                Multiply(ref l0, ref h0, AdvSimd.LoadVector128(weights), AdvSimd.LoadVector128(weights + 16), row + at);
                weights += StepBytes;
            }
        }

        Store(accumulators, AdvSimd.Add(l0, l1), AdvSimd.Add(h0, h1));
    }

    public static void Requantize(int* accumulators, int rows, int* panel, OutputStage stage, sbyte* output, nint outputStride) =>
        NeonRequantize.Rows(accumulators, rows, panel, stage, output, outputStride);

    public static Kernel Depthwise(Conv2DOp op, KernelContext context) => NeonRounding.Depthwise(op, context);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Multiply(ref Vector128<int> low, ref Vector128<int> high, Vector128<sbyte> wLow, Vector128<sbyte> wHigh, byte* x)
    {
        Vector128<sbyte> quad = Vector128.Create(*(int*)x).AsSByte();
        low = Dp.DotProduct(low, wLow, quad);
        high = Dp.DotProduct(high, wHigh, quad);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(int* accumulators, Vector128<int> low, Vector128<int> high)
    {
        AdvSimd.Store(accumulators, low);
        AdvSimd.Store(accumulators + 4, high);
    }
}
