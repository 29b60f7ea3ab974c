using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// From sums to bytes on 256 bits, eight channels at a time: the accumulators of some tiles by way of memory, which sixteen registers do not hold, and then
/// the requantization that direct convolution has.
/// </summary>
internal static unsafe class Avx2WinogradStore
{
    /// <summary>Output channels of a panel.</summary>
    public const int Channels = 2 * Panel.Channels;

    private const int Rows = WinogradFour.Rows;
    private const int Pixels = Rows * Rows;
    private const int TilesAtOnce = 8;

    /// <summary>As <see cref="IWinogradKernel.Store"/> and, pooled, <see cref="IWinogradKernel.StorePooled"/>.</summary>
    public static void Run(int* sums, int tiles, int* panel, OutputStage stage, sbyte* y, nint row, nint pixel, bool isPooled)
    {
        const int TileSums = WinogradFour.Positions * Channels;
        int size = isPooled ? Rows / 2 : Rows;
        int* accumulators = stackalloc int[TilesAtOnce * Pixels * Panel.Channels];
        for (int done = 0; done < tiles; done += TilesAtOnce, sums += TilesAtOnce * TileSums, y += TilesAtOnce * size * pixel)
        {
            int count = Math.Min(TilesAtOnce, tiles - done), line = count * size * Panel.Channels;
            for (int first = 0; first < Channels; first += Panel.Channels)
            {
                int* numbers = panel + first / Panel.Channels * Panel.Ints;
                Vector256<int> bias = Vector256.Load(numbers + Panel.Bias);
                for (int tile = 0; tile < count; tile++)
                {
                    int* from = sums + tile * TileSums + first, to = accumulators + tile * size * Panel.Channels;
                    if (isPooled)
                    {
                        BackPooled(from, bias, to, line);
                    }
                    else
                    {
                        Back(from, bias, to, line);
                    }
                }

                for (int i = 0; i < size; i++)
                {
                    Avx2Requantize.Rows(accumulators + i * line, count * size, numbers, stage, y + i * row + first, pixel);
                }
            }
        }
    }

    /// <summary>accumulators[pixel][channels] += sums, brought back and divided.</summary>
    public static void Accumulate(int* sums, int* accumulators)
    {
        int* share = stackalloc int[Pixels * Panel.Channels];
        for (int first = 0; first < Channels; first += Panel.Channels)
        {
            Back(sums + first, default, share, Rows * Panel.Channels);
            for (int i = 0; i < Pixels; i++)
            {
                int* to = accumulators + i * Channels + first;
                (Vector256.Load(to) + Vector256.Load(share + i * Panel.Channels)).Store(to);
            }
        }
    }

    /// <summary>Accumulators as they are, by the two-rounding rule.</summary>
    public static void Requantize(int* accumulators, int rows, int* panel, OutputStage stage, sbyte* output, nint outputStride)
    {
        int* eight = stackalloc int[Pixels * Panel.Channels];
        for (int first = 0; first < Channels; first += Panel.Channels)
        {
            for (int i = 0; i < rows; i++)
            {
                Vector256.Load(accumulators + i * Channels + first).Store(eight + i * Panel.Channels);
            }

            Avx2Requantize.Rows(eight, rows, panel + first / Panel.Channels * Panel.Ints, stage, output + first, outputStride);
        }
    }

    /// <summary>One tile's accumulators of eight channels, four rows of four pixels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Back(int* sums, Vector256<int> bias, int* accumulators, nint line)
    {
        int* rows = stackalloc int[(Rows + 2) * Rows * Panel.Channels];
        Along(sums, bias, rows);
        for (int column = 0; column < Rows; column++, rows += Panel.Channels, accumulators += Panel.Channels)
        {
            Pixel4 pixels = Down(rows);
            pixels.P0.Store(accumulators);
            pixels.P1.Store(accumulators + line);
            pixels.P2.Store(accumulators + 2 * line);
            pixels.P3.Store(accumulators + 3 * line);
        }
    }

    /// <summary>The maximum of each two by two pixels: two rows of two.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void BackPooled(int* sums, Vector256<int> bias, int* accumulators, nint line)
    {
        int* rows = stackalloc int[(Rows + 2) * Rows * Panel.Channels];
        Along(sums, bias, rows);
        for (int column = 0; column < Rows; column += 2, rows += 2 * Panel.Channels, accumulators += Panel.Channels)
        {
            Pixel4 left = Down(rows), right = Down(rows + Panel.Channels);
            Vector256.Max(Vector256.Max(left.P0, left.P1), Vector256.Max(right.P0, right.P1)).Store(accumulators);
            Vector256.Max(Vector256.Max(left.P2, left.P3), Vector256.Max(right.P2, right.P3)).Store(accumulators + line);
        }
    }

    /// <summary>A'^T along each of the six rows of positions.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Along(int* sums, Vector256<int> bias, int* rows)
    {
        for (int i = 0; i < Rows + 2; i++, sums += (Rows + 2) * Channels, rows += Rows * Panel.Channels)
        {
            Vector256<int> second = Vector256.Load(sums + Channels);
            second = i == 1 ? second + bias : second;
            var pixels = new Pixel4(Vector256.Load(sums), second, Vector256.Load(sums + 2 * Channels), Vector256.Load(sums + 3 * Channels),
                Vector256.Load(sums + 4 * Channels), Vector256.Load(sums + 5 * Channels));
            pixels.P0.Store(rows);
            pixels.P1.Store(rows + Panel.Channels);
            pixels.P2.Store(rows + 2 * Panel.Channels);
            pixels.P3.Store(rows + 3 * Panel.Channels);
        }
    }

    /// <summary>The same down a column, divided.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Pixel4 Down(int* column)
    {
        const int Row = Rows * Panel.Channels;
        return new Pixel4(Vector256.Load(column), Vector256.Load(column + Row), Vector256.Load(column + 2 * Row), Vector256.Load(column + 3 * Row),
            Vector256.Load(column + 4 * Row), Vector256.Load(column + 5 * Row)).Divided();
    }

    /// <summary>A'^T of six positions: rows [1 1 1 1 1 0] [0 1 -1 2 -2 0] [0 1 1 4 4 0] [0 1 -1 8 -8 8].</summary>
    private readonly struct Pixel4
    {
        public readonly Vector256<int> P0, P1, P2, P3;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Pixel4(Vector256<int> p0, Vector256<int> p1, Vector256<int> p2, Vector256<int> p3, Vector256<int> p4, Vector256<int> p5)
        {
            Vector256<int> s = p1 + p2, d = p1 - p2, u = p3 + p4, w = p3 - p4;
            (P0, P1, P2, P3) = (p0 + s + u, d + w + w, s + (u << 2), d + ((w + p5) << 3));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private Pixel4(Vector256<int> p0, Vector256<int> p1, Vector256<int> p2, Vector256<int> p3) => (P0, P1, P2, P3) = (p0, p1, p2, p3);

        /// <summary>By 576.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Pixel4 Divided()
        {
            Vector256<int> inverse = Vector256.Create(WinogradFour.InverseOfNine);
            return new Pixel4(P0 * inverse >> WinogradFour.Shift, P1 * inverse >> WinogradFour.Shift, P2 * inverse >> WinogradFour.Shift, P3 * inverse >> WinogradFour.Shift);
        }
    }
}
