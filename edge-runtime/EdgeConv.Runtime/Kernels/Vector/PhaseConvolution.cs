namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>One of the ordinary convolutions that a transposed one is made of: which pixels it computes, and its share of the kernel.</summary>
internal sealed unsafe class PhaseConvolution<T> : IDisposable
    where T : struct, IMicroKernel
{
    private readonly NativeBuffer _offsets;

    public PhaseConvolution(TransposeConvOp op, KernelContext context, ReadOnlySpan<sbyte> weights, TransposedPhase rows, TransposedPhase columns,
        ImageFrame frame, int paddedWidth)
    {
        (Rows, Columns) = (rows, columns);
        TensorInfo input = context.Info(op.Input);
        int channels = input.Shape[3], outputs = context.Info(op.Output).Shape[3], taps = rows.Taps.Length * columns.Taps.Length * channels;
        nint pixel = (nint)channels * T.InputBytes;
        Start = ((nint)(rows.Source + frame.Top) * paddedWidth + columns.Source + frame.Left) * pixel;
        int acrossRuns = columns.Dilation == 1 ? 1 : columns.Taps.Length, runs = rows.Taps.Length * acrossRuns;
        _offsets = new NativeBuffer(runs * sizeof(nint));
        nint* offsets = (nint*)_offsets.Pointer;
        for (int i = 0; i < runs; i++)
        {
            offsets[i] = ((nint)(i / acrossRuns) * rows.Dilation * paddedWidth + (nint)(i % acrossRuns) * columns.Dilation) * pixel;
        }

        sbyte[] share = Share(op.Window, weights, rows.Taps, columns.Taps, channels, outputs);
        Weights = new PackedWeights<T>(share, taps, runs, 0, outputs);
        for (int o = 0; o < outputs; o++)
        {
            int bias = FoldedBias.Of(share.AsSpan(o * taps, taps), context.Model.Int32Data(op.Bias)[o], T.InputOffset, input.ZeroPoint);
            Weights.SetChannel(o, bias, context.Model.Int32Data(op.Multipliers)[o], context.Model.Int32Data(op.Shifts)[o]);
        }

        Segments = new Segments(offsets, runs, Weights.Steps);
    }

    public TransposedPhase Rows { get; }

    public TransposedPhase Columns { get; }

    /// <summary>Bytes from the padded image's first byte to what the first pixel reads.</summary>
    public nint Start { get; }

    public PackedWeights<T> Weights { get; }

    public Segments Segments { get; }

    public long Bytes => Weights.Bytes + _offsets.Length;

    public void Dispose()
    {
        Weights.Dispose();
        _offsets.Dispose();
    }

    /// <summary>The weights of some rows and columns of the kernel, OHWI.</summary>
    private static sbyte[] Share(Window window, ReadOnlySpan<sbyte> weights, int[] rows, int[] columns, int channels, int outputs)
    {
        sbyte[] share = new sbyte[outputs * rows.Length * columns.Length * channels];
        Span<sbyte> to = share;
        for (int o = 0; o < outputs; o++)
        {
            foreach (int ky in rows)
            {
                foreach (int kx in columns)
                {
                    weights.Slice(((o * window.KernelH + ky) * window.KernelW + kx) * channels, channels).CopyTo(to);
                    to = to[channels..];
                }
            }
        }

        return share;
    }
}
