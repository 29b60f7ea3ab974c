namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>The runs of a row, cut into blocks of at most <see cref="IWideMicroKernel.MostTaps"/> taps; what a block sums fits int32.</summary>
internal sealed unsafe class WideBlocks<T> : IDisposable
    where T : struct, IWideMicroKernel
{
    private const int MaxTileRows = 8;
    private readonly NativeBuffer _offsets;
    private readonly List<(Segments Segments, nint Weights)> _blocks = [];

    /// <summary>Cuts runs that all have the same number of steps.</summary>
    /// <param name="runs">Bytes from a row's first byte to each run.</param>
    /// <param name="steps">Steps of a run, as <see cref="PackedWeights{T}.Steps"/> has them.</param>
    public WideBlocks(IReadOnlyList<nint> runs, int steps)
    {
        const int MostTaps = IWideMicroKernel.MostTaps;
        int pieceSteps = Math.Min(steps, MostTaps / T.StepTaps), pieces = (steps + pieceSteps - 1) / pieceSteps;
        int together = pieces == 1 ? MostTaps / (steps * T.StepTaps) : 1;
        _offsets = new NativeBuffer((long)runs.Count * pieces * sizeof(nint));
        nint* offsets = (nint*)_offsets.Pointer;
        nint weights = 0;
        for (int run = 0; run < runs.Count; run += together)
        {
            int count = Math.Min(together, runs.Count - run);
            for (int piece = 0; piece < pieces; piece++)
            {
                int first = piece * pieceSteps, length = Math.Min(pieceSteps, steps - first);
                for (int i = 0; i < count; i++)
                {
                    offsets[i] = runs[run + i] + first * T.StepTaps * sizeof(short);
                }

                _blocks.Add((new Segments(offsets, count, length), weights));
                offsets += count;
                weights += (nint)count * length * T.StepTaps * Panel.Channels;
            }
        }
    }

    /// <summary>sums[row][channel] = sum over all blocks, in 64 bits.</summary>
    /// <param name="rows">First input byte of each row; TileRows entries, the last real one repeated.</param>
    /// <param name="count">Rows that are real.</param>
    /// <param name="weights">A panel.</param>
    /// <param name="sums">TileRows x 8.</param>
    public void Sum(byte** rows, int count, sbyte* weights, long* sums)
    {
        int* part = stackalloc int[MaxTileRows * Panel.Channels];
        new Span<long>(sums, count * Panel.Channels).Clear();
        foreach ((Segments segments, nint at) in _blocks)
        {
            if (count == 1)
            {
                T.Row(rows[0], segments, weights + at, part);
            }
            else
            {
                T.Tile(rows, segments, weights + at, part);
            }

            for (int i = 0; i < count * Panel.Channels; i++)
            {
                sums[i] += part[i];
            }
        }
    }

    public void Dispose() => _offsets.Dispose();
}
