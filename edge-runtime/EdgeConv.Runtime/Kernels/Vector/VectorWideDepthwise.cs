namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>16x8 depthwise convolution with one filter a channel, eight channels at a time.</summary>
internal sealed unsafe class VectorWideDepthwise<T> : Kernel
    where T : struct, IWideMicroKernel
{
    private readonly WideStage _stage;
    private readonly WideImage _image;
    private readonly short* _y;
    private readonly int _channels;
    private readonly int _outW;
    private readonly int _pixels;
    private readonly int _taps;
    private readonly NativeBuffer _offsets;
    private readonly NativeBuffer _weights;

    public VectorWideDepthwise(Conv2DOp op, KernelContext context)
    {
        TensorInfo output = context.Info(op.Output);
        _stage = new WideStage(context.Model, op.Bias, op.Multipliers, op.Shifts, op.Min, op.Max);
        _image = new WideImage(op, context);
        _y = (short*)context.Activation(op.Output);
        (_outW, _channels) = (output.Shape[2], output.Shape[3]);
        _pixels = output.Shape[1] * _outW;
        int taps = op.Window.KernelH * op.Window.KernelW, adjacent = T.DepthwiseAdjacentTaps;
        _taps = (taps + adjacent - 1) / adjacent * adjacent;   // what is added has weight 0 and reads the first tap's pixel
        _offsets = new NativeBuffer((long)_taps * sizeof(nint));
        for (int t = 0; t < taps; t++)
        {
            ((nint*)_offsets.Pointer)[t] = _image.Offset(t);
        }

        int panels = Panel.Count(_channels);
        _weights = new NativeBuffer((long)panels * _taps * Panel.Channels * sizeof(short));
        ReadOnlySpan<sbyte> weights = context.Model.Weights(op.Weights);
        for (int i = 0; i < weights.Length; i++)
        {
            (int c, int t) = (i / taps, i % taps);
            int group = c / Panel.Channels * _taps / adjacent + t / adjacent;
            ((short*)_weights.Pointer)[(group * Panel.Channels + c % Panel.Channels) * adjacent + t % adjacent] = weights[i];
        }
    }

    public override long ScratchBytes => _image.ScratchBytes;

    public override long PackedBytes => _weights.Length + _stage.Bytes;

    public override KernelChoice Choice => new("depthwise on int16", "one filter a channel; summed in blocks that fit 32 bits, then in 64");

    public override void Run(byte* scratch)
    {
        long* sums = stackalloc long[Panel.Channels];
        short* y = _y;
        for (int n = 0; n < _image.Batch; n++)
        {
            short* image = _image.Load(n, scratch);
            for (int pixel = 0; pixel < _pixels; pixel++, y += _channels)
            {
                short* x = image + _image.Pixel(pixel / _outW, pixel % _outW);
                for (int c = 0; c < _channels; c += Panel.Channels)
                {
                    Sum(x + c, (short*)_weights.Pointer + (nint)c * _taps, sums);
                    _stage.Finish(c, Math.Min(Panel.Channels, _channels - c), sums, y + c);
                }
            }
        }
    }

    public override void Dispose()
    {
        _stage.Dispose();
        _offsets.Dispose();
        _weights.Dispose();
    }

    private void Sum(short* x, short* weights, long* sums)
    {
        int* part = stackalloc int[Panel.Channels];
        new Span<long>(sums, Panel.Channels).Clear();
        for (int t = 0; t < _taps; t += IWideMicroKernel.MostTaps)
        {
            int count = Math.Min(IWideMicroKernel.MostTaps, _taps - t);
            T.Depthwise(x, (nint*)_offsets.Pointer + t, count, weights + (nint)t * Panel.Channels, part);
            for (int i = 0; i < Panel.Channels; i++)
            {
                sums[i] += part[i];
            }
        }
    }
}
