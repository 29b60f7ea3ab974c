using EdgeConv.Runtime.Format;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// Transposed convolution as up to stride * stride ordinary ones (sub-pixel convolution: Shi et al. 2016, "Is the deconvolution layer the
/// same as a convolutional layer?"). Each computes the output pixels of one remainder modulo the stride, from its own share of the kernel;
/// all read the same padded copy of the image.
/// </summary>
internal sealed unsafe class VectorTransposeConv<T> : Kernel
    where T : struct, IMicroKernel
{
    private readonly sbyte* _x;
    private readonly sbyte* _y;
    private readonly int _batch;
    private readonly int _inputImage;
    private readonly int _outH;
    private readonly int _outW;
    private readonly int _outputs;
    private readonly nint _pixel;
    private readonly Window _window;
    private readonly OutputStage _stage;
    private readonly PaddedImage<T> _image;
    private readonly PhaseConvolution<T>[] _phases;
    private readonly sbyte[]? _untouched;

    public VectorTransposeConv(TransposeConvOp op, KernelContext context)
    {
        (TensorInfo input, TensorInfo output) = (context.Info(op.Input), context.Info(op.Output));
        _x = context.Activation(op.Input);
        _y = context.Activation(op.Output);
        _window = op.Window;
        _batch = input.Shape[0];
        _inputImage = input.Length / _batch;
        (_outH, _outW, _outputs) = (output.Shape[1], output.Shape[2], output.Shape[3]);
        _pixel = (nint)input.Shape[3] * T.InputBytes;
        _stage = new OutputStage(context.Model.Int32Data(op.Shifts), output.ZeroPoint, op.Min, op.Max);
        (TransposedPhase[] rows, TransposedPhase[] columns) = Phases(op, context);
        ImageFrame frame = FrameOf(rows, columns, input);
        _image = new PaddedImage<T>(input, frame, context.Workers);
        ReadOnlySpan<sbyte> weights = context.Model.Weights(op.Weights);
        _phases = new PhaseConvolution<T>[rows.Length * columns.Length];
        for (int i = 0; i < _phases.Length; i++)
        {
            _phases[i] = new PhaseConvolution<T>(op, context, weights, rows[i / columns.Length], columns[i % columns.Length], frame, _image.Width);
        }

        long reached = (long)rows.Sum(p => p.Count) * columns.Sum(p => p.Count);
        _untouched = reached < (long)_outH * _outW ? UntouchedPixel(op, context.Model) : null;
    }

    public override long ScratchBytes => _image.Bytes + TileBytes;

    public override long PackedBytes => _phases.Sum(p => p.Bytes);

    /// <summary>Pixels wait here until they are copied to where they belong, so that a tile may go on in the next line.</summary>
    private long TileBytes => ((long)T.TileRows * _outputs + Panel.Channels + 63) / 64 * 64;

    /// <summary>Whether the padded image keeps to the size that an arena may have; a strange window can make it enormous.</summary>
    public static bool CanRun(TransposeConvOp op, KernelContext context)
    {
        TensorInfo input = context.Info(op.Input);
        (TransposedPhase[] rows, TransposedPhase[] columns) = Phases(op, context);
        ImageFrame frame = FrameOf(rows, columns, input);
        return (double)(input.Shape[1] + (long)frame.Top + frame.Bottom) * (input.Shape[2] + (long)frame.Left + frame.Right) * input.Shape[3]
            <= FormatLayout.MaxArenaBytes;
    }

    public override KernelChoice Choice => new(
        $"transposed convolution as {_phases.Length} ordinary ones", "sub-pixel form: no product with an inserted zero");

    public override void Run(byte* scratch)
    {
        byte* copy = scratch + TileBytes;
        for (int n = 0; n < _batch; n++)
        {
            byte* image = _image.Load(_x + (nint)n * _inputImage, copy);
            sbyte* y = _y + (nint)n * _outH * _outW * _outputs;
            FillUntouched(y);
            foreach (PhaseConvolution<T> phase in _phases)
            {
                Multiply(phase, image, y, (sbyte*)scratch);
            }
        }
    }

    public override void Dispose()
    {
        foreach (PhaseConvolution<T> phase in _phases)
        {
            phase.Dispose();
        }
    }

    private void Multiply(PhaseConvolution<T> phase, byte* image, sbyte* y, sbyte* tile)
    {
        byte** rows = stackalloc byte*[TiledMultiply<T>.RowEntries];
        (int lines, int width) = (phase.Rows.Count, phase.Columns.Count);
        nint line = _image.Width * _pixel;
        byte* from = image + phase.Start;
        int r = 0, c = 0, atR = 0, atC = 0;
        for (int done = 0; done < lines * width; done += T.TileRows)
        {
            int count = Math.Min(T.TileRows, lines * width - done);
            for (int i = 0; i < count; i++)
            {
                rows[i] = from + r * line + c * _pixel;
                if (++c == width)
                {
                    (r, c) = (r + 1, 0);
                }
            }

            TiledMultiply<T>.Complete(rows, count);
            TiledMultiply<T>.Rows(rows, count, phase.Segments, phase.Weights, _stage, tile, _outputs, mayOverrun: true);
            for (int i = 0; i < count; i++)
            {
                nint row = phase.Rows.First + (nint)atR * _window.StrideH, column = phase.Columns.First + (nint)atC * _window.StrideW;
                Buffer.MemoryCopy(tile + (nint)i * _outputs, y + (row * _outW + column) * _outputs, _outputs, _outputs);
                if (++atC == width)
                {
                    (atR, atC) = (atR + 1, 0);
                }
            }
        }
    }

    /// <summary>Where the stride is larger than the kernel, pixels between hold the bias alone.</summary>
    private void FillUntouched(sbyte* y)
    {
        if (_untouched is not null)
        {
            for (nint i = 0; i < (nint)_outH * _outW; i++)
            {
                _untouched.CopyTo(new Span<sbyte>(y + i * _outputs, _outputs));
            }
        }
    }

    private sbyte[] UntouchedPixel(TransposeConvOp op, Model model)
    {
        sbyte[] pixel = new sbyte[_outputs];
        for (int o = 0; o < _outputs; o++)
        {
            pixel[o] = Requantizer.ToInt8(
                model.Int32Data(op.Bias)[o], model.Int32Data(op.Multipliers)[o], model.Int32Data(op.Shifts)[o], _stage.ZeroPoint, op.Min, op.Max);
        }

        return pixel;
    }

    private static (TransposedPhase[] Rows, TransposedPhase[] Columns) Phases(TransposeConvOp op, KernelContext context)
    {
        (TensorInfo input, TensorInfo output, Window w) = (context.Info(op.Input), context.Info(op.Output), op.Window);
        return (TransposedPhases.Of(input.Shape[1], output.Shape[1], w.KernelH, w.StrideH, w.DilationH, w.PadTop),
            TransposedPhases.Of(input.Shape[2], output.Shape[2], w.KernelW, w.StrideW, w.DilationW, w.PadLeft));
    }

    private static ImageFrame FrameOf(TransposedPhase[] rows, TransposedPhase[] columns, TensorInfo input)
    {
        return new ImageFrame(Before(rows), Before(columns), Behind(rows, input.Shape[1]), Behind(columns, input.Shape[2]));
        static int Before(TransposedPhase[] phases) => phases.Length == 0 ? 0 : Math.Max(0, -phases.Min(p => p.Source));
        static int Behind(TransposedPhase[] phases, int size) => phases.Length == 0 ? 0 : Math.Max(0, phases.Max(p => p.LastSource) - (size - 1));
    }
}
