namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// The driver of all multiplications: rows of input (one an output pixel, found through pointers, so no im2col copy is made) times panels of
/// eight channels, requantized and stored. Convolutions and fully connected layers differ only in where their rows begin.
/// </summary>
internal static unsafe class TiledMultiply<T>
    where T : struct, IMicroKernel
{
    /// <summary>No micro-kernel has more.</summary>
    public const int MaxTileRows = 8;

    /// <summary>Rows that one call may have: whole tiles of every micro-kernel.</summary>
    public const int BlockRows = 96;

    /// <summary>Entries that a list of rows has: behind the real ones there is a whole tile more.</summary>
    public const int RowEntries = BlockRows + MaxTileRows;

    /// <summary>Repeats the last real row, so that a tile may begin anywhere.</summary>
    public static void Complete(byte** rows, int count)
    {
        for (int i = 0; i < MaxTileRows; i++)
        {
            rows[count + i] = rows[count - 1];
        }
    }

    /// <summary>Computes some output pixels for all channels of the packed weights.</summary>
    /// <param name="rows">First input byte of each row, made complete by <see cref="Complete"/>.</param>
    /// <param name="count">Rows that are real, at most <see cref="BlockRows"/>.</param>
    /// <param name="segments">Runs that a row reads.</param>
    /// <param name="weights">Packed channels.</param>
    /// <param name="stage">Zero point and clamp of the output.</param>
    /// <param name="output">First byte of the first pixel's first channel.</param>
    /// <param name="outputStride">Bytes from one pixel to the next.</param>
    /// <param name="mayOverrun">Whether bytes behind these pixels may be spoilt, since they are still to be written.</param>
    /// <param name="corrections">Added to each row's accumulators, or null.</param>
    public static void Rows(byte** rows, int count, Segments segments, PackedWeights<T> weights, OutputStage stage,
        sbyte* output, nint outputStride, bool mayOverrun, int* corrections = null) =>
        Panels(0, weights.PanelCount, rows, count, segments, weights, stage, output, outputStride, mayOverrun, corrections);

    /// <summary>
    /// The same for the channels of panels [start, end) only. A panel's weights are read for all rows before the next one's, so that they
    /// are in the nearest cache for all but the first.
    /// </summary>
    public static void Panels(int start, int end, byte** rows, int count, Segments segments, PackedWeights<T> weights, OutputStage stage,
        sbyte* output, nint outputStride, bool mayOverrun, int* corrections = null)
    {
        int panel = start;
        if (T.PairRows > 0 && corrections == null && count > 1)
        {
            for (; panel + 2 <= end && (panel + 2) * Panel.Channels <= weights.Channels; panel += 2)
            {
                Pair(panel, rows, count, segments, weights, stage, output + panel * Panel.Channels, outputStride);
            }
        }

        for (; panel < end; panel++)
        {
            bool isWhole = (panel + 1) * Panel.Channels <= weights.Channels && corrections == null;
            int done = isWhole ? WholeTiles(panel, rows, count, segments, weights, stage, output + panel * Panel.Channels, outputStride) : 0;
            for (int first = done; first < count; first += T.TileRows)
            {
                Tile(panel, rows + first, Math.Min(T.TileRows, count - first), segments, weights, stage,
                    output + first * outputStride, outputStride, mayOverrun, corrections == null ? null : corrections + first);
            }
        }
    }

    /// <summary>Two whole panels.</summary>
    private static void Pair(int panel, byte** rows, int count, Segments segments, PackedWeights<T> weights, OutputStage stage,
        sbyte* output, nint outputStride)
    {
        int* accumulators = stackalloc int[2 * RowEntries * Panel.Channels];
        int* second = accumulators + RowEntries * Panel.Channels;
        int* numbers = weights.PanelAt(panel);
        for (int first = 0; first < count; first += T.PairRows)
        {
            int at = first * Panel.Channels;
            T.TilePair(rows + first, segments, weights.Weights(panel), weights.PanelBytes, numbers, accumulators + at, second + at);
        }

        T.Requantize(accumulators, count, numbers, stage, output, outputStride);
        T.Requantize(second, count, numbers + Panel.Ints, stage, output + Panel.Channels, outputStride);
    }

    /// <summary>A whole panel for all tiles that have only real rows: the common case, with nothing to look at. Returns the rows done.</summary>
    private static int WholeTiles(int panel, byte** rows, int count, Segments segments, PackedWeights<T> weights, OutputStage stage,
        sbyte* output, nint outputStride)
    {
        int* accumulators = stackalloc int[(MaxTileRows + 1) * Panel.Channels];
        int* numbers = weights.PanelAt(panel);
        sbyte* taps = weights.Weights(panel);
        int tiles = count / T.TileRows, done = tiles * T.TileRows;
        if (T.FinishesTiles(numbers) && tiles > 0)
        {
            T.TilesToBytes(rows, tiles, segments, taps, numbers, stage, output, outputStride);
            return done;
        }

        for (int first = 0; first < done; first += T.TileRows, output += T.TileRows * outputStride)
        {
            T.Tile(rows + first, T.TileRows, segments, taps, numbers, accumulators);
            T.Requantize(accumulators, T.TileRows, numbers, stage, output, outputStride);
        }

        return done;
    }

    private static void Tile(int panel, byte** rows, int count, Segments segments, PackedWeights<T> weights, OutputStage stage,
        sbyte* output, nint outputStride, bool mayOverrun, int* corrections)
    {
        int* numbers = weights.PanelAt(panel);
        int first = panel * Panel.Channels, channels = Math.Min(Panel.Channels, weights.Channels - first);
        int* accumulators = stackalloc int[(MaxTileRows + 1) * Panel.Channels];   // requantization may read a row more
        sbyte* partial = stackalloc sbyte[MaxTileRows * Panel.Channels];
        if (count == 1)
        {
            T.Row(rows[0], segments, weights.Weights(panel), numbers, accumulators);
        }
        else
        {
            T.Tile(rows, count, segments, weights.Weights(panel), numbers, accumulators);
        }

        if (corrections != null)
        {
            Correct(accumulators, corrections, count);
        }

        if (channels == Panel.Channels || (mayOverrun && weights.PanelCount == 1))
        {
            T.Requantize(accumulators, count, numbers, stage, output + first, outputStride);
        }
        else
        {
            T.Requantize(accumulators, count, numbers, stage, partial, Panel.Channels);
            Panel.CopyChannels(partial, output + first, outputStride, count, channels);
        }
    }

    private static void Correct(int* accumulators, int* corrections, int count)
    {
        for (int i = 0; i < count * Panel.Channels; i++)
        {
            accumulators[i] += corrections[i / Panel.Channels];
        }
    }
}
