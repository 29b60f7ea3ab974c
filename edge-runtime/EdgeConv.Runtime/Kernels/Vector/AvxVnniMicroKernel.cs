using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// AVX-VNNI: VPDPBUSD multiplies unsigned by signed bytes, so the input is shifted by 128 (a flip of the top bit) and the bias takes
/// 128 times the sum of the weights back; everything modulo 2^32. A step is four taps of eight channels.
/// </summary>
/// <remarks>The loops are compiled at their best from the first call on, so that the first inference is as fast as the others.</remarks>
internal unsafe struct AvxVnniMicroKernel : IMicroKernel
{
    private const int StepBytes = 32;

    public static string Name => "AvxVnni";

    public static bool IsSupported => AvxVnni.IsSupported;

    public static int TileRows => 8;

    public static int StepTaps => 4;

    public static int AdjacentTaps => 4;

    public static int InputBytes => 1;

    public static int InputOffset => 128;

    public static void LoadInput(sbyte* source, byte* destination, nint count)
    {
        Vector256<sbyte> topBit = Vector256.Create(sbyte.MinValue);
        nint i = 0;
        for (; i + 32 <= count; i += 32)
        {
            (Vector256.Load(source + i) ^ topBit).Store((sbyte*)destination + i);
        }

        for (; i < count; i++)
        {
            destination[i] = (byte)(source[i] + 128);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tile(byte** rows, int count, Segments segments, sbyte* weights, int* panel, int* accumulators)
    {
        byte* r0 = rows[0], r1 = rows[1], r2 = rows[2], r3 = rows[3], r4 = rows[4], r5 = rows[5], r6 = rows[6], r7 = rows[7];
        Vector256<int> a0 = Vector256.Load(panel + Panel.Bias), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
        for (int s = 0; s < segments.Count; s++)
        {
            nint at = segments.Offsets[s], end = at + segments.Steps * 4;
            for (; at < end; at += 4, weights += StepBytes)
            {
                Vector256<sbyte> w = Vector256.Load(weights);
                a0 = AvxVnni.MultiplyWideningAndAdd(a0, Quad(r0 + at), w);
                a1 = AvxVnni.MultiplyWideningAndAdd(a1, Quad(r1 + at), w);
                a2 = AvxVnni.MultiplyWideningAndAdd(a2, Quad(r2 + at), w);
                a3 = AvxVnni.MultiplyWideningAndAdd(a3, Quad(r3 + at), w);
                a4 = AvxVnni.MultiplyWideningAndAdd(a4, Quad(r4 + at), w);
                a5 = AvxVnni.MultiplyWideningAndAdd(a5, Quad(r5 + at), w);
                a6 = AvxVnni.MultiplyWideningAndAdd(a6, Quad(r6 + at), w);
                a7 = AvxVnni.MultiplyWideningAndAdd(a7, Quad(r7 + at), w);
            }
        }

        a0.Store(accumulators);
        a1.Store(accumulators + 8);
        a2.Store(accumulators + 16);
        a3.Store(accumulators + 24);
        a4.Store(accumulators + 32);
        a5.Store(accumulators + 40);
        a6.Store(accumulators + 48);
        a7.Store(accumulators + 56);
    }

    public static int PairRows => 6;

    /// <summary>Twelve sums, two vectors of weights and one of input: all but one of the registers, and fewer loads than multiplications.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TilePair(byte** rows, Segments segments, sbyte* weights, nint nextPanel, int* panel, int* first, int* second)
    {
        byte* r0 = rows[0], r1 = rows[1], r2 = rows[2], r3 = rows[3], r4 = rows[4], r5 = rows[5];
        Vector256<int> a0 = Vector256.Load(panel + Panel.Bias), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0;
        Vector256<int> b0 = Vector256.Load(panel + Panel.Ints + Panel.Bias), b1 = b0, b2 = b0, b3 = b0, b4 = b0, b5 = b0;
        for (int s = 0; s < segments.Count; s++)
        {
            nint at = segments.Offsets[s], end = at + segments.Steps * 4;
            for (; at < end; at += 4, weights += StepBytes)
            {
                Vector256<sbyte> v = Vector256.Load(weights), w = Vector256.Load(weights + nextPanel);
                Vector256<byte> x;
                x = Quad(r0 + at);
                a0 = AvxVnni.MultiplyWideningAndAdd(a0, x, v);
                b0 = AvxVnni.MultiplyWideningAndAdd(b0, x, w);
                x = Quad(r1 + at);
                a1 = AvxVnni.MultiplyWideningAndAdd(a1, x, v);
                b1 = AvxVnni.MultiplyWideningAndAdd(b1, x, w);
                x = Quad(r2 + at);
                a2 = AvxVnni.MultiplyWideningAndAdd(a2, x, v);
                b2 = AvxVnni.MultiplyWideningAndAdd(b2, x, w);
                x = Quad(r3 + at);
                a3 = AvxVnni.MultiplyWideningAndAdd(a3, x, v);
                b3 = AvxVnni.MultiplyWideningAndAdd(b3, x, w);
                x = Quad(r4 + at);
                a4 = AvxVnni.MultiplyWideningAndAdd(a4, x, v);
                b4 = AvxVnni.MultiplyWideningAndAdd(b4, x, w);
                x = Quad(r5 + at);
                a5 = AvxVnni.MultiplyWideningAndAdd(a5, x, v);
                b5 = AvxVnni.MultiplyWideningAndAdd(b5, x, w);
            }
        }

        a0.Store(first);
        a1.Store(first + 8);
        a2.Store(first + 16);
        a3.Store(first + 24);
        a4.Store(first + 32);
        a5.Store(first + 40);
        b0.Store(second);
        b1.Store(second + 8);
        b2.Store(second + 16);
        b3.Store(second + 24);
        b4.Store(second + 32);
        b5.Store(second + 40);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Row(byte* row, Segments segments, sbyte* weights, int* panel, int* accumulators)
    {
        // four chains hide the instruction's latency
        Vector256<int> a0 = Vector256.Load(panel + Panel.Bias), a1 = default, a2 = default, a3 = default;
        for (int s = 0; s < segments.Count; s++)
        {
            nint at = segments.Offsets[s], end = at + segments.Steps * 4;
            for (; at + 16 <= end; at += 16, weights += 4 * StepBytes)
            {
                a0 = AvxVnni.MultiplyWideningAndAdd(a0, Quad(row + at), Vector256.Load(weights));
                a1 = AvxVnni.MultiplyWideningAndAdd(a1, Quad(row + at + 4), Vector256.Load(weights + StepBytes));
                a2 = AvxVnni.MultiplyWideningAndAdd(a2, Quad(row + at + 8), Vector256.Load(weights + 2 * StepBytes));
                a3 = AvxVnni.MultiplyWideningAndAdd(a3, Quad(row + at + 12), Vector256.Load(weights + 3 * StepBytes));
            }

            for (; at < end; at += 4, weights += StepBytes)
            {
                a0 = AvxVnni.MultiplyWideningAndAdd(a0, Quad(row + at), Vector256.Load(weights));
            }
        }

        (a0 + a1 + (a2 + a3)).Store(accumulators);
    }

    public static void Requantize(int* accumulators, int rows, int* panel, OutputStage stage, sbyte* output, nint outputStride)
    {
        if (Avx512F.IsSupported)
        {
            Avx512Requantize.Rows(accumulators, rows, panel, stage, output, outputStride);
        }
        else
        {
            Avx2Requantize.Rows(accumulators, rows, panel, stage, output, outputStride);
        }
    }

    public static Kernel Depthwise(Conv2DOp op, KernelContext context) => Avx512Depthwise.CanRun(op, context)
        ? new Avx512Depthwise(op, context)
        : new VectorDepthwise<Avx2Depthwise, Vector128<short>, Vector256<int>>(op, context);

    public static Kernel? Winograd(Conv2DOp op, KernelContext context) => X64Winograd.Widest<AvxVnniMicroKernel>(op, context, directRate: 58, directOutputCycles: 0.4);

    public static bool TakesFusedScale(int steps, bool isPooled) => Avx512F.IsSupported;

    /// <summary>Four input bytes in every lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Quad(byte* x) => Vector256.Create(*(int*)x).AsByte();
}
