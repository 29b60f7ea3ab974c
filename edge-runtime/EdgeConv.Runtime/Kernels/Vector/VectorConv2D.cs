using EdgeConv.Runtime.Quantization;
using EdgeConv.Runtime.Threading;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// Convolution as an implicit matrix product. The image is copied once, with its padding, into the form that the micro-kernel reads
/// (or read where it lies when that is the same); a row of the product is one output pixel, and what it reads is a few runs of
/// consecutive bytes: a kernel row each, or a kernel tap each when taps do not touch (groups, dilation).
/// </summary>
internal sealed unsafe class VectorConv2D<T> : Kernel, ISplitWork, IHandsOn
    where T : struct, IMicroKernel
{
    /// <summary>Pixels that go to one thread together.</summary>
    private const int UnitPixels = 24;

    /// <summary>More weights than a core's own cache is sure to hold are shared out, not read by every thread.</summary>
    private const int ManyWeightBytes = 512 * 1024;

    private readonly Conv2DOp _op;
    private readonly sbyte* _x;
    private readonly sbyte* _y;
    private readonly int _batch;
    private readonly int _height;
    private readonly int _width;
    private readonly int _channels;
    private readonly int _outH;
    private readonly int _outW;
    private readonly int _outputs;
    private readonly int _inputZeroPoint;
    private readonly PaddedImage<T> _image;
    private readonly ColumnImage<T>? _columns;   // where the image is read from, if it pays
    private readonly OutputStage _stage;
    private readonly PackedWeights<T>[] _groups;
    private readonly NativeBuffer _offsets;
    private readonly Segments _segments;
    private readonly WorkerPool _workers;
    private readonly int _piece;   // output pixels that are computed together
    private readonly long _groupCost;
    private int _fused;   // panels that have a FusedScale
    private PackedWeights<T>? _group;   // what the threads work at
    private byte* _from;
    private sbyte* _to;
    private IFollower? _follower;
    private nint _before;   // elements of the pictures before this one

    public VectorConv2D(Conv2DOp op, KernelContext context)
    {
        (TensorInfo input, TensorInfo output) = (context.Info(op.Input), context.Info(op.Output));
        _op = op;
        _x = context.Activation(op.Input);
        _y = context.Activation(op.Output);
        (_batch, _height, _width, _channels) = (input.Shape[0], input.Shape[1], input.Shape[2], input.Shape[3]);
        (_outH, _outW, _outputs) = (output.Shape[1], output.Shape[2], output.Shape[3]);
        _inputZeroPoint = input.ZeroPoint;
        Window w = op.Window;
        _image = new PaddedImage<T>(input, ImageFrame.Of(w), context.Workers);
        _stage = new OutputStage(context.Model.Int32Data(op.Shifts), output.ZeroPoint, op.Min, op.Max);

        int groupIn = _channels / op.Groups, groupOut = _outputs / op.Groups, taps = w.KernelH * w.KernelW * groupIn;
        bool rowIsOneRun = op.Groups == 1 && w.DilationW == 1;
        int runs = rowIsOneRun ? w.KernelH : w.KernelH * w.KernelW;
        ReadOnlySpan<sbyte> weights = context.Model.Weights(op.Weights);
        if (ColumnImage<T>.Pays(w, op.Groups, input, _image.Width))
        {
            _columns = new ColumnImage<T>(_image, w, _channels, w.OutputH(_height));
            weights = ColumnImage<T>.ByColumns(weights, w, _channels);
            runs = 1;
        }

        _offsets = new NativeBuffer(runs * sizeof(nint));
        nint* offsets = (nint*)_offsets.Pointer;
        for (int i = 0; i < runs; i++)
        {
            (int ky, int kx) = rowIsOneRun ? (i, 0) : (i / w.KernelW, i % w.KernelW);
            offsets[i] = ((nint)ky * w.DilationH * _image.Width + kx * w.DilationW) * _channels * T.InputBytes;
        }

        _groups = new PackedWeights<T>[op.Groups];
        for (int g = 0; g < op.Groups; g++)
        {
            _groups[g] = Pack(context.Model, weights, taps, runs, g * groupOut, groupOut);
        }

        _segments = new Segments(offsets, runs, _groups[0].Steps);
        _workers = context.Workers;
        _piece = op.IsPooled ? PooledMultiply<T>.WindowsAtOnce(op.Pool) : UnitPixels;
        _groupCost = (long)_outH * _outW * op.Pool.Pixels * groupOut * taps;
    }

    public override long ScratchBytes => _columns?.Bytes ?? _image.Bytes;

    public override long PackedBytes => _groups.Sum(g => g.Bytes);

    public override KernelChoice Choice => new(
        $"implicit matrix product, {_segments.Count} run{(_segments.Count == 1 ? "" : "s")} of input a pixel"
            + (_op.IsPooled ? ", the maximum of each window's accumulators is requantized" : "")
            + (_fused > 0 ? $"; both roundings in one step in {_fused} of {_groups.Sum(g => g.PanelCount)} panels" : ""),
        _groups.Length > 1 ? "direct: each group reads its own channels"
        : _columns is null ? "direct: pixels are read where they lie, no im2col copy"
        : "direct: rows of the kernel lie side by side, since short runs would leave steps half empty");

    private bool SplitsChannels => _groups[0].Bytes > ManyWeightBytes;

    /// <summary>Whether a piece of pixels has all of its channels when it is done.</summary>
    private bool HandsOnPieces => !SplitsChannels && _groups.Length == 1;

    public override void Run(byte* scratch)
    {
        for (int n = 0; n < _batch; n++)
        {
            _before = (nint)n * _outH * _outW * _outputs;
            sbyte* x = _x + (nint)n * _height * _width * _channels;
            sbyte* y = _y + (nint)n * _outH * _outW * _outputs;
            byte* image = _columns is null ? _image.Load(x, scratch) : _columns.Load(x, scratch);
            for (int g = 0; g < _groups.Length; g++)
            {
                int group = g * (_channels / _groups.Length) * T.InputBytes;
                _group = _groups[g];
                _from = image + group;
                _to = y + g * (_outputs / _groups.Length);
                _workers.Split(this, SplitsChannels ? (_group.PanelCount + 1) / 2 : (_outH * _outW + _piece - 1) / _piece, _groupCost);
            }

            if (!HandsOnPieces)
            {
                _follower?.Elements(_before, (nint)_outH * _outW * _outputs);
            }
        }
    }

    public void Run(byte* scratch, IFollower follower)
    {
        _follower = follower;
        Run(scratch);
        _follower = null;
    }

    void ISplitWork.Run(int first, int end, int lane)
    {
        int panels = _group!.PanelCount, pixels = _outH * _outW;
        if (SplitsChannels)
        {
            Multiply(0, pixels, 2 * first, Math.Min(2 * end, panels));
        }
        else
        {
            Multiply(first * _piece, Math.Min(end * _piece, pixels), 0, panels);
        }
    }

    public override void Dispose()
    {
        foreach (PackedWeights<T> group in _groups)
        {
            group.Dispose();
        }

        _offsets.Dispose();
    }

    private PackedWeights<T> Pack(Model model, ReadOnlySpan<sbyte> weights, int taps, int runs, int first, int count)
    {
        var packed = new PackedWeights<T>(weights, taps, runs, first, count, model);
        for (int c = 0; c < count; c++)
        {
            int bias = FoldedBias.OfSum(packed.Sums[c], taps, model.Int32Data(_op.Bias)[first + c], T.InputOffset, _inputZeroPoint);
            packed.SetChannel(c, bias, model.Int32Data(_op.Multipliers)[first + c], model.Int32Data(_op.Shifts)[first + c]);
        }

        for (int panel = 0; T.TakesFusedScale(packed.Steps, _op.IsPooled) && panel < packed.PanelCount; panel++)
        {
            int c = panel * Panel.Channels;
            ReadOnlySpan<sbyte> read = weights.Slice((first + c) * taps, Math.Min(Panel.Channels, count - c) * taps);
            _fused += Fuse(packed.PanelAt(panel), model, read, taps, first + c) ? 1 : 0;
            model.Forget(read);
        }

        return packed;
    }

    /// <summary>Gives a panel the numbers of a <see cref="FusedScale"/> if all of its channels have one.</summary>
    private bool Fuse(int* panel, Model model, ReadOnlySpan<sbyte> weights, int taps, int first)
    {
        Span<FusedScale> scales = stackalloc FusedScale[weights.Length / taps];
        bool misses = false;
        for (int c = 0; c < scales.Length; c++)
        {
            (long least, long most) = AccumulatorBound.Range(weights.Slice(c * taps, taps), 0, _inputZeroPoint);
            int bias = model.Int32Data(_op.Bias)[first + c];
            if (FusedScale.Solve(model.Int32Data(_op.Multipliers)[first + c], model.Int32Data(_op.Shifts)[first + c], _stage, bias + least, bias + most)
                is not { } scale)
            {
                return false;
            }

            scales[c] = scale;
            misses |= scale.Missed != 0;
        }

        for (int c = 0; c < scales.Length; c++)
        {
            scales[c].Set(panel, c);
        }

        panel[Panel.Fused] = (int)(misses ? FusedSums.AllButOne : FusedSums.All);
        return true;
    }

    /// <summary>Output pixels [start, end) of one group, for the channels of panels [firstPanel, endPanel).</summary>
    private void Multiply(int start, int end, int firstPanel, int endPanel)
    {
        nint pixel = _columns?.ColumnBytes ?? (nint)_channels * T.InputBytes, stepX = pixel * _op.Window.StrideW;
        nint stepY = _columns?.RowBytes ?? pixel * _image.Width * _op.Window.StrideH;
        if (_op.IsPooled)
        {
            new PooledMultiply<T>(_op.Pool, _outW, stepY, stepX)
                .Run(_from, _segments, _group!, firstPanel, endPanel, _stage, start, end, _to, _outputs);
            return;
        }

        byte** rows = stackalloc byte*[TiledMultiply<T>.RowEntries];
        (int oy, int ox) = Math.DivRem(start, _outW);
        byte* line = _from + oy * stepY;
        byte* next = line + ox * stepX;
        for (int first = start; first < end; first += TiledMultiply<T>.BlockRows)
        {
            int count = Math.Min(TiledMultiply<T>.BlockRows, end - first);
            for (int i = 0; i < count; i++)
            {
                rows[i] = next;
                next += stepX;
                if (++ox == _outW)
                {
                    ox = 0;
                    line += stepY;
                    next = line;
                }
            }

            TiledMultiply<T>.Complete(rows, count);

            // the last pixel's eight bytes may spill only as far as later pixels of this thread will overwrite them
            bool mayOverrun = _groups.Length == 1 && (long)(end - first - count + 1) * _outputs >= Panel.Channels;
            TiledMultiply<T>.Panels(firstPanel, endPanel, rows, count, _segments, _group!, _stage, _to + (nint)first * _outputs, _outputs, mayOverrun);
            if (HandsOnPieces)
            {
                _follower?.Elements(_before + (nint)first * _outputs, (nint)count * _outputs);
            }
        }
    }
}
