using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>Portable vectors on int16 activations: one tap of eight channels a step, multiplied in int32.</summary>
internal unsafe struct Vector128WideMicroKernel : IWideMicroKernel
{
    public static int TileRows => 4;

    public static int StepTaps => 1;

    public static int AdjacentTaps => 1;

    public static int DepthwiseAdjacentTaps => 1;

    public static void Tile(byte** rows, Segments segments, sbyte* weights, int* accumulators)
    {
        byte* r0 = rows[0], r1 = rows[1], r2 = rows[2], r3 = rows[3];
        Vector128<int> l0 = default, h0 = default, l1 = default, h1 = default, l2 = default, h2 = default, l3 = default, h3 = default;
        for (int s = 0; s < segments.Count; s++)
        {
            nint at = segments.Offsets[s], end = at + segments.Steps * sizeof(short);
            for (; at < end; at += sizeof(short), weights += Panel.Channels)
            {
                (Vector128<int> low, Vector128<int> high) = Widen(weights);
                Accumulate(ref l0, ref h0, low, high, r0 + at);
                Accumulate(ref l1, ref h1, low, high, r1 + at);
                Accumulate(ref l2, ref h2, low, high, r2 + at);
                Accumulate(ref l3, ref h3, low, high, r3 + at);
            }
        }

        Store(accumulators, l0, h0);
        Store(accumulators + 8, l1, h1);
        Store(accumulators + 16, l2, h2);
        Store(accumulators + 24, l3, h3);
    }

    public static void Row(byte* row, Segments segments, sbyte* weights, int* accumulators)
    {
        Vector128<int> sumLow = default, sumHigh = default;
        for (int s = 0; s < segments.Count; s++)
        {
            nint at = segments.Offsets[s], end = at + segments.Steps * sizeof(short);
            for (; at < end; at += sizeof(short), weights += Panel.Channels)
            {
                (Vector128<int> low, Vector128<int> high) = Widen(weights);
                Accumulate(ref sumLow, ref sumHigh, low, high, row + at);
            }
        }

        Store(accumulators, sumLow, sumHigh);
    }

    public static void Depthwise(short* x, nint* offsets, int taps, short* weights, int* accumulators)
    {
        Vector128<int> low = default, high = default;
        for (int t = 0; t < taps; t++, weights += Panel.Channels)
        {
            (Vector128<int> a, Vector128<int> b) = Vector128.Widen(Vector128.Load(x + offsets[t]));
            (Vector128<int> v, Vector128<int> w) = Vector128.Widen(Vector128.Load(weights));
            low += a * v;
            high += b * w;
        }

        Store(accumulators, low, high);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector128<int> Low, Vector128<int> High) Widen(sbyte* weights) =>
        Vector128.Widen(Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(long*)weights).AsSByte()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Accumulate(ref Vector128<int> low, ref Vector128<int> high, Vector128<int> weightsLow, Vector128<int> weightsHigh, byte* x)
    {
        Vector128<int> a = Vector128.Create((int)*(short*)x);
        low += a * weightsLow;
        high += a * weightsHigh;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(int* accumulators, Vector128<int> low, Vector128<int> high)
    {
        low.Store(accumulators);
        high.Store(accumulators + 4);
    }
}
