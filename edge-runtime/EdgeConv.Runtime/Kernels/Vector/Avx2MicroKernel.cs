using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// AVX2: pairs of int16 products by VPMADDWD, since VPMADDUBSW on int8 saturates. The input is widened once, the weights as they are
/// loaded. A step is two taps of eight channels.
/// </summary>
internal unsafe struct Avx2MicroKernel : IMicroKernel
{
    private const int StepBytes = 16;

    public static string Name => "Avx2";

    public static bool IsSupported => Avx2.IsSupported;

    public static int TileRows => 8;

    public static int StepTaps => 2;

    public static int AdjacentTaps => 2;

    public static int InputBytes => 2;

    public static int InputOffset => 0;

    public static void LoadInput(sbyte* source, byte* destination, nint count)
    {
        short* to = (short*)destination;
        nint i = 0;
        for (; i + 16 <= count; i += 16)
        {
            Avx2.ConvertToVector256Int16(source + i).Store(to + i);
        }

        for (; i < count; i++)
        {
            to[i] = source[i];
        }
    }

    public static void Tile(byte** rows, int count, Segments segments, sbyte* weights, int* panel, int* accumulators)
    {
        byte* r0 = rows[0], r1 = rows[1], r2 = rows[2], r3 = rows[3], r4 = rows[4], r5 = rows[5], r6 = rows[6], r7 = rows[7];
        Vector256<int> a0 = Vector256.Load(panel + Panel.Bias), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
        for (int s = 0; s < segments.Count; s++)
        {
            nint at = segments.Offsets[s], end = at + segments.Steps * 4;
            for (; at < end; at += 4, weights += StepBytes)
            {
                Vector256<short> w = Avx2.ConvertToVector256Int16(weights);
                a0 += Avx2.MultiplyAddAdjacent(Pair(r0 + at), w);
                a1 += Avx2.MultiplyAddAdjacent(Pair(r1 + at), w);
                a2 += Avx2.MultiplyAddAdjacent(Pair(r2 + at), w);
                a3 += Avx2.MultiplyAddAdjacent(Pair(r3 + at), w);
                a4 += Avx2.MultiplyAddAdjacent(Pair(r4 + at), w);
                a5 += Avx2.MultiplyAddAdjacent(Pair(r5 + at), w);
                a6 += Avx2.MultiplyAddAdjacent(Pair(r6 + at), w);
                a7 += Avx2.MultiplyAddAdjacent(Pair(r7 + at), w);
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

    public static void Row(byte* row, Segments segments, sbyte* weights, int* panel, int* accumulators)
    {
        Vector256<int> a0 = Vector256.Load(panel + Panel.Bias), a1 = default;
        for (int s = 0; s < segments.Count; s++)
        {
            nint at = segments.Offsets[s], end = at + segments.Steps * 4;
            for (; at + 8 <= end; at += 8, weights += 2 * StepBytes)
            {
                a0 += Avx2.MultiplyAddAdjacent(Pair(row + at), Avx2.ConvertToVector256Int16(weights));
                a1 += Avx2.MultiplyAddAdjacent(Pair(row + at + 4), Avx2.ConvertToVector256Int16(weights + StepBytes));
            }

            if (at < end)
            {
                a0 += Avx2.MultiplyAddAdjacent(Pair(row + at), Avx2.ConvertToVector256Int16(weights));
                weights += StepBytes;
            }
        }

        (a0 + a1).Store(accumulators);
    }

    public static void Requantize(int* accumulators, int rows, int* panel, OutputStage stage, sbyte* output, nint outputStride) =>
        Avx2Requantize.Rows(accumulators, rows, panel, stage, output, outputStride);

    public static Kernel Depthwise(Conv2DOp op, KernelContext context) =>
        new VectorDepthwise<Avx2Depthwise, Vector128<short>, Vector256<int>>(op, context);

    public static Kernel? Winograd(Conv2DOp op, KernelContext context) => X64Winograd.On256<Avx2MicroKernel>(op, context, directRate: 24, directOutputCycles: 1.5);

    /// <summary>Two widened input elements in every lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Pair(byte* x) => Vector256.Create(*(int*)x).AsInt16();
}
