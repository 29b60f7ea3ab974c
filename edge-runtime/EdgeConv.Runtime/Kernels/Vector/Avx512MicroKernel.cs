using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// AVX-512 without VNNI in reach: VPMADDWD on 512 bits. A step is four taps of eight channels; each channel has two int32 lanes, one a
/// pair of taps, which are added at the end.
/// </summary>
/// <remarks>The loops are compiled at their best from the first call on, so that the first inference is as fast as the others.</remarks>
internal unsafe struct Avx512MicroKernel : IMicroKernel
{
    private const int StepBytes = 32;
    private const int StepInput = 8;

    public static string Name => "Avx512";

    public static bool IsSupported => Avx512BW.IsSupported;

    public static int TileRows => 8;

    public static int StepTaps => 4;

    public static int AdjacentTaps => 4;

    public static int InputBytes => 2;

    public static int InputOffset => 0;

    public static void LoadInput(sbyte* source, byte* destination, nint count) => Avx2MicroKernel.LoadInput(source, destination, count);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tile(byte** rows, int count, Segments segments, sbyte* weights, int* panel, int* accumulators)
    {
        byte* r0 = rows[0], r1 = rows[1], r2 = rows[2], r3 = rows[3], r4 = rows[4], r5 = rows[5], r6 = rows[6], r7 = rows[7];
        Vector512<int> a0 = Start(panel), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
        for (int s = 0; s < segments.Count; s++)
        {
            nint at = segments.Offsets[s], end = at + segments.Steps * StepInput;
            for (; at < end; at += StepInput, weights += StepBytes)
            {
                Vector512<short> w = Avx512BW.ConvertToVector512Int16(Vector256.Load(weights));
                a0 += Avx512BW.MultiplyAddAdjacent(Quad(r0 + at), w);
                a1 += Avx512BW.MultiplyAddAdjacent(Quad(r1 + at), w);
                a2 += Avx512BW.MultiplyAddAdjacent(Quad(r2 + at), w);
                a3 += Avx512BW.MultiplyAddAdjacent(Quad(r3 + at), w);
                a4 += Avx512BW.MultiplyAddAdjacent(Quad(r4 + at), w);
                a5 += Avx512BW.MultiplyAddAdjacent(Quad(r5 + at), w);
                a6 += Avx512BW.MultiplyAddAdjacent(Quad(r6 + at), w);
                a7 += Avx512BW.MultiplyAddAdjacent(Quad(r7 + at), w);
            }
        }

        AddPairs(a0, accumulators);
        AddPairs(a1, accumulators + 8);
        AddPairs(a2, accumulators + 16);
        AddPairs(a3, accumulators + 24);
        AddPairs(a4, accumulators + 32);
        AddPairs(a5, accumulators + 40);
        AddPairs(a6, accumulators + 48);
        AddPairs(a7, accumulators + 56);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Row(byte* row, Segments segments, sbyte* weights, int* panel, int* accumulators)
    {
        Vector512<int> a0 = Start(panel), a1 = default;
        for (int s = 0; s < segments.Count; s++)
        {
            nint at = segments.Offsets[s], end = at + segments.Steps * StepInput;
            for (; at + 2 * StepInput <= end; at += 2 * StepInput, weights += 2 * StepBytes)
            {
                a0 += Avx512BW.MultiplyAddAdjacent(Quad(row + at), Avx512BW.ConvertToVector512Int16(Vector256.Load(weights)));
                a1 += Avx512BW.MultiplyAddAdjacent(Quad(row + at + StepInput), Avx512BW.ConvertToVector512Int16(Vector256.Load(weights + StepBytes)));
            }

            if (at < end)
            {
                a0 += Avx512BW.MultiplyAddAdjacent(Quad(row + at), Avx512BW.ConvertToVector512Int16(Vector256.Load(weights)));
                weights += StepBytes;
            }
        }

        AddPairs(a0 + a1, accumulators);
    }

    public static void Requantize(int* accumulators, int rows, int* panel, OutputStage stage, sbyte* output, nint outputStride) =>
        Avx512Requantize.Rows(accumulators, rows, panel, stage, output, outputStride);

    public static bool FinishesTiles(int* panel) => true;

    /// <summary>All sums, then all bytes: sums that were just stored in halves of 256 bits cannot be loaded as 512 without a wait.</summary>
    public static void TilesToBytes(
        byte** rows, int tiles, Segments segments, sbyte* weights, int* panel, OutputStage stage, sbyte* output, nint outputStride)
    {
        int* sums = stackalloc int[TiledMultiply<Avx512MicroKernel>.BlockRows * Panel.Channels];
        int count = tiles * TileRows;
        for (int first = 0; first < count; first += TileRows)
        {
            Tile(rows + first, TileRows, segments, weights, panel, sums + first * Panel.Channels);
        }

        Requantize(sums, count, panel, stage, output, outputStride);
    }

    public static Kernel Depthwise(Conv2DOp op, KernelContext context) => Avx512Depthwise.CanRun(op, context)
        ? new Avx512Depthwise(op, context)
        : new VectorDepthwise<Avx2Depthwise, Vector128<short>, Vector256<int>>(op, context);

    public static Kernel? Winograd(Conv2DOp op, KernelContext context) => X64Winograd.Widest<Avx512MicroKernel>(op, context, directRate: 42, directOutputCycles: 1.1);

    public static bool TakesFusedScale(int steps, bool isPooled) => true;

    /// <summary>The bias in one of each channel's two lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Start(int* panel) => Avx512F.ConvertToVector512Int64(Vector256.Load((uint*)panel + Panel.Bias)).AsInt32();

    /// <summary>Four widened input elements, once for each channel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> Quad(byte* x) => Vector512.Create(*(long*)x).AsInt16();

    /// <summary>Adds neighbouring lanes: each odd lane comes down beside its even one, and the even ones are kept.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddPairs(Vector512<int> sums, int* accumulators)
    {
        Vector512<int> pairs = sums + Avx512F.ShiftRightLogical(sums.AsInt64(), 32).AsInt32();
        Avx512F.ConvertToVector256Int32(pairs.AsInt64()).Store(accumulators);
    }
}
