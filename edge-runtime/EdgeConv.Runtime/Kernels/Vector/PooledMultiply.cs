using System.Runtime.Intrinsics;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// The driver of convolutions with a fused pooling: the accumulators of a few windows' pixels, the maximum of each window, and only that is
/// requantized and stored. Requantization is monotone, so the bytes are those of a pooling afterwards.
/// </summary>
/// <param name="pool">The windows.</param>
/// <param name="columns">Pooled columns.</param>
/// <param name="stepY">Bytes from one convolved row's first input byte to the next one's.</param>
/// <param name="stepX">Bytes from one convolved pixel's first input byte to the next one's.</param>
internal readonly unsafe struct PooledMultiply<T>(Pooling pool, int columns, nint stepY, nint stepX)
    where T : struct, IMicroKernel
{
    /// <summary>Pixels whose accumulators are held at once.</summary>
    private const int BlockPixels = 72;

    /// <summary>Windows that are requantized at once.</summary>
    private const int BlockWindows = 24;

    /// <summary>Of one panel; requantization may read a row more.</summary>
    private const int MaximaInts = (BlockWindows + 1) * Panel.Channels;

    /// <summary>Windows of a kind that are computed together.</summary>
    public static int WindowsAtOnce(Pooling pool) => Math.Clamp(BlockPixels / pool.Pixels, 1, BlockWindows);

    /// <summary>Pools windows [start, end) of a picture, row by row of the pooled one.</summary>
    /// <param name="input">First input byte of the first convolved pixel.</param>
    /// <param name="segments">Runs that a pixel reads.</param>
    /// <param name="weights">Packed channels.</param>
    /// <param name="firstPanel">First panel of channels.</param>
    /// <param name="endPanel">The one behind the last.</param>
    /// <param name="stage">Zero point and clamp of the output.</param>
    /// <param name="start">First window.</param>
    /// <param name="end">The one behind the last.</param>
    /// <param name="output">First byte of the picture's first window.</param>
    /// <param name="outputStride">Bytes from one window to the next.</param>
    public void Run(byte* input, Segments segments, PackedWeights<T> weights, int firstPanel, int endPanel, OutputStage stage,
        int start, int end, sbyte* output, nint outputStride)
    {
        byte** rows = stackalloc byte*[BlockPixels + TiledMultiply<T>.MaxTileRows];
        int* maxima = stackalloc int[2 * MaximaInts];
        int block = WindowsAtOnce(pool);
        for (int first = start; first < end; first += block)
        {
            int windows = Math.Min(block, end - first);
            int together;
            for (int panel = firstPanel; panel < endPanel; panel += together)
            {
                together = T.PairRows > 0 && panel + 2 <= endPanel ? 2 : 1;

                // a window of more pixels than a block holds comes in several parts
                for (int from = 0; from < pool.Pixels; from += BlockPixels)
                {
                    int part = Math.Min(BlockPixels, pool.Pixels - from);
                    if (panel == firstPanel || pool.Pixels > BlockPixels)
                    {
                        Locate(rows, input, first, windows, from, part);
                        TiledMultiply<T>.Complete(rows, windows * part);
                    }

                    Maxima(rows, windows, part, segments, weights, panel, together, maxima, isFirst: from == 0);
                }

                for (int i = 0; i < together; i++)
                {
                    Store(maxima + i * MaximaInts, windows, weights, panel + i, stage, output + first * outputStride, outputStride);
                }
            }
        }
    }

    /// <summary>First input bytes of pixels [from, from + part) of each window.</summary>
    private void Locate(byte** rows, byte* input, int first, int windows, int from, int part)
    {
        nint* offsets = stackalloc nint[BlockPixels + 1];
        (int py, int px) = Math.DivRem(from, pool.KernelW);
        for (int i = 0; i < part; i++)
        {
            offsets[i] = py * stepY + px * stepX;
            if (++px == pool.KernelW)
            {
                px = 0;
                py++;
            }
        }

        (int oy, int ox) = Math.DivRem(first, columns);
        nint down = pool.StrideH * stepY, right = pool.StrideW * stepX;
        byte* window = input + oy * down + ox * right;
        for (int w = 0; w < windows; w++, window += right)
        {
            if (ox++ == columns)
            {
                ox = 1;
                window += down - columns * right;
            }

            // two at a time; what is one too many the next window overwrites
            Vector128<nint> at = Vector128.Create((nint)window);
            for (int i = 0; i < part; i += 2)
            {
                (at + Vector128.Load(offsets + i)).Store((nint*)rows + i);
            }

            rows += part;
        }
    }

    /// <summary>The largest accumulators of each window, of those before and of the pixels of this part, for one panel or for two.</summary>
    private static void Maxima(byte** rows, int windows, int part, Segments segments, PackedWeights<T> weights, int panel, int together,
        int* maxima, bool isFirst)
    {
        const int room = (BlockPixels + TiledMultiply<T>.MaxTileRows) * Panel.Channels;
        int* accumulators = stackalloc int[2 * room];
        int* numbers = weights.PanelAt(panel);
        sbyte* packed = weights.Weights(panel);
        int count = windows * part, tile = together == 2 ? T.PairRows : T.TileRows;
        for (int first = 0; first < count; first += tile)
        {
            int* at = accumulators + first * Panel.Channels;
            if (together == 2)
            {
                T.TilePair(rows + first, segments, packed, weights.PanelBytes, numbers, at, at + room);
            }
            else
            {
                T.Tile(rows + first, Math.Min(tile, count - first), segments, packed, numbers, at);
            }
        }

        for (int i = 0; i < together; i++)
        {
            Fold(accumulators + i * room, windows, part, maxima + i * MaximaInts, isFirst);
        }
    }

    private static void Fold(int* accumulators, int windows, int part, int* maxima, bool isFirst)
    {
        for (int* end = maxima + windows * Panel.Channels; maxima < end; maxima += Panel.Channels)
        {
            int* next = accumulators + part * Panel.Channels;
            Vector128<int> low = Vector128.Load(accumulators), high = Vector128.Load(accumulators + 4);
            for (accumulators += Panel.Channels; accumulators < next; accumulators += Panel.Channels)
            {
                low = Vector128.Max(low, Vector128.Load(accumulators));
                high = Vector128.Max(high, Vector128.Load(accumulators + 4));
            }

            if (!isFirst)
            {
                low = Vector128.Max(low, Vector128.Load(maxima));
                high = Vector128.Max(high, Vector128.Load(maxima + 4));
            }

            low.Store(maxima);
            high.Store(maxima + 4);
        }
    }

    private static void Store(int* maxima, int windows, PackedWeights<T> weights, int panel, OutputStage stage, sbyte* output, nint outputStride)
    {
        sbyte* partial = stackalloc sbyte[BlockWindows * Panel.Channels];
        int first = panel * Panel.Channels, channels = Math.Min(Panel.Channels, weights.Channels - first);
        if (channels == Panel.Channels)
        {
            T.Requantize(maxima, windows, weights.PanelAt(panel), stage, output + first, outputStride);
            return;
        }

        T.Requantize(maxima, windows, weights.PanelAt(panel), stage, partial, Panel.Channels);
        Panel.CopyChannels(partial, output + first, outputStride, windows, channels);
    }
}
