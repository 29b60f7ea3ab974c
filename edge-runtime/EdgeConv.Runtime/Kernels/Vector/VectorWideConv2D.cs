namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>16x8 convolution: the implicit matrix product of <see cref="VectorConv2D{T}"/> on int16 pixels, summed block by block in 64 bits.</summary>
internal sealed unsafe class VectorWideConv2D<T> : Kernel
    where T : struct, IWideMicroKernel
{
    private readonly WideStage _stage;
    private readonly WideImage _image;
    private readonly short* _y;
    private readonly int _channels;
    private readonly int _outW;
    private readonly int _pixels;
    private readonly int _outputs;
    private readonly PackedWeights<T>[] _groups;
    private readonly WideBlocks<T> _blocks;

    public VectorWideConv2D(Conv2DOp op, KernelContext context)
    {
        TensorInfo output = context.Info(op.Output);
        _stage = new WideStage(context.Model, op.Bias, op.Multipliers, op.Shifts, op.Min, op.Max);
        _image = new WideImage(op, context);
        _y = (short*)context.Activation(op.Output);
        _channels = context.Info(op.Input).Shape[3];
        (_outW, _outputs) = (output.Shape[2], output.Shape[3]);
        _pixels = output.Shape[1] * _outW;

        Window w = op.Window;
        int groupIn = _channels / op.Groups, groupOut = _outputs / op.Groups, taps = w.KernelH * w.KernelW * groupIn;
        bool rowIsOneRun = op.Groups == 1 && w.DilationW == 1;
        int runs = rowIsOneRun ? w.KernelH : w.KernelH * w.KernelW;
        nint[] offsets = [.. Enumerable.Range(0, runs).Select(i => sizeof(short) * _image.Offset(rowIsOneRun ? i * w.KernelW : i))];
        ReadOnlySpan<sbyte> weights = context.Model.Weights(op.Weights);
        _groups = new PackedWeights<T>[op.Groups];
        for (int g = 0; g < op.Groups; g++)
        {
            _groups[g] = new PackedWeights<T>(weights, taps, runs, g * groupOut, groupOut);
        }

        _blocks = new WideBlocks<T>(offsets, _groups[0].Steps);
    }

    public override long ScratchBytes => _image.ScratchBytes;

    public override long PackedBytes => _groups.Sum(g => g.Bytes) + _stage.Bytes;

    public override KernelChoice Choice => new("implicit matrix product on int16", "summed in blocks that fit 32 bits, then in 64");

    public override void Run(byte* scratch)
    {
        short* y = _y;
        for (int n = 0; n < _image.Batch; n++, y += (nint)_pixels * _outputs)
        {
            short* image = _image.Load(n, scratch);
            for (int g = 0; g < _groups.Length; g++)
            {
                Multiply(image + g * (_channels / _groups.Length), g, y);
            }
        }
    }

    public override void Dispose()
    {
        _stage.Dispose();
        foreach (PackedWeights<T> group in _groups)
        {
            group.Dispose();
        }

        _blocks.Dispose();
    }

    private void Multiply(short* image, int group, short* y)
    {
        PackedWeights<T> weights = _groups[group];
        byte** rows = stackalloc byte*[T.TileRows];
        long* sums = stackalloc long[T.TileRows * Panel.Channels];
        for (int first = 0; first < _pixels; first += T.TileRows)
        {
            int count = Math.Min(T.TileRows, _pixels - first);
            for (int i = 0; i < T.TileRows; i++)
            {
                (int row, int column) = Math.DivRem(first + Math.Min(i, count - 1), _outW);
                rows[i] = (byte*)(image + _image.Pixel(row, column));
            }

            for (int panel = 0; panel < weights.PanelCount; panel++)
            {
                _blocks.Sum(rows, count, weights.Weights(panel), sums);
                int channel = group * weights.Channels + panel * Panel.Channels;
                int channels = Math.Min(Panel.Channels, weights.Channels - panel * Panel.Channels);
                for (int i = 0; i < count; i++)
                {
                    _stage.Finish(channel, channels, sums + i * Panel.Channels, y + (nint)(first + i) * _outputs + channel);
                }
            }
        }
    }
}
