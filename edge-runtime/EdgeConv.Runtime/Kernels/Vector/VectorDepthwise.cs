using EdgeConv.Runtime.Threading;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>Convolutions with one filter a channel.</summary>
internal static class Depthwise
{
    /// <summary>Whether a convolution is of this kind.</summary>
    public static bool CanRun(Conv2DOp op, KernelContext context) =>
        op.Groups == context.Info(op.Input).Shape[3] && op.Groups == context.Info(op.Output).Shape[3] && op.Groups > 1;
}

/// <summary>
/// Depthwise convolution: packs the weights in panels of eight channels and walks the rows of the output.
/// <see cref="DepthwiseRow{TKernel, TTaps, TSums}"/> computes a row of a panel.
/// </summary>
internal sealed unsafe class VectorDepthwise<TKernel, TTaps, TSums> : Kernel, ISplitWork
    where TKernel : struct, IDepthwiseKernel<TTaps, TSums>
{
    private readonly Window _window;
    private readonly sbyte* _x;
    private readonly sbyte* _y;
    private readonly TensorInfo _input;
    private readonly TensorInfo _output;
    private readonly int _channels;
    private readonly int _taps;
    private readonly PaddedImage<PlainInput> _image;
    private readonly OutputStage _stage;
    private readonly NativeBuffer _weights;
    private readonly NativeBuffer _panels;
    private readonly NativeBuffer _offsets;
    private readonly bool _pairsFit = true;
    private readonly WorkerPool _workers;
    private sbyte* _from;   // what the threads work at
    private sbyte* _to;
    private sbyte* _staging;

    public VectorDepthwise(Conv2DOp op, KernelContext context)
    {
        _window = op.Window;
        _input = context.Info(op.Input);
        _output = context.Info(op.Output);
        _x = context.Activation(op.Input);
        _y = context.Activation(op.Output);
        _channels = _input.Shape[3];
        _workers = context.Workers;
        _image = new PaddedImage<PlainInput>(_input, new ImageFrame(_window.PadTop, _window.PadLeft, _window.PadBottom, _window.PadRight), context.Workers);
        _stage = new OutputStage(context.Model.Int32Data(op.Shifts), _output.ZeroPoint, op.Min, op.Max);

        // an odd tap has a partner that reads the first pixel and weighs nothing
        int taps = _window.KernelH * _window.KernelW;
        _taps = taps + taps % 2;
        _offsets = new NativeBuffer(_taps * sizeof(nint));
        for (int t = 0; t < taps; t++)
        {
            (int ky, int kx) = (t / _window.KernelW, t % _window.KernelW);
            ((nint*)_offsets.Pointer)[t] = ((nint)ky * _window.DilationH * _image.Width + kx * _window.DilationW) * _channels;
        }

        // [panel][tap][8 channels]; channels beyond the last stay 0
        int panels = (_channels + Panel.Channels - 1) / Panel.Channels;
        _weights = new NativeBuffer((long)panels * _taps * Panel.Channels);
        _panels = new NativeBuffer((long)panels * Panel.Ints * sizeof(int));
        ReadOnlySpan<sbyte> weights = context.Model.Weights(op.Weights);
        for (int c = 0; c < _channels; c++)
        {
            ReadOnlySpan<sbyte> filter = weights.Slice(c * taps, taps);
            _pairsFit &= DepthwiseRow<TKernel, TTaps, TSums>.PairsFit(filter);
            sbyte* packed = WeightsOf(c / Panel.Channels) + c % Panel.Channels;
            for (int t = 0; t < taps; t++)
            {
                packed[t * Panel.Channels] = filter[t];
            }

            int bias = FoldedBias.Of(filter, context.Model.Int32Data(op.Bias)[c], 0, _input.ZeroPoint);
            Panel.Set(PanelOf(c / Panel.Channels), c % Panel.Channels, bias,
                context.Model.Int32Data(op.Multipliers)[c], context.Model.Int32Data(op.Shifts)[c]);
        }
    }

    /// <summary>The padded image, and a row of one panel for each thread where pixels cannot be stored eight bytes at a time.</summary>
    public override long ScratchBytes => _image.Bytes + (NeedsStaging ? (long)_workers.Threads * StagedPixels * Panel.Channels : 0);

    public override long PackedBytes => _weights.Length + _panels.Length + _offsets.Length;

    private bool NeedsStaging => _channels % Panel.Channels != 0 || _output.Shape[2] < StagedPixels;

    private int StagedPixels => Math.Max(_output.Shape[2], DepthwiseRow<TKernel, TTaps, TSums>.Pixels);

    public override KernelChoice Choice => new(
        _window is { KernelH: 3, KernelW: 3, DilationW: 1, StrideW: 1 or 2 } ? "depthwise by rows, 3x3" : "depthwise by rows, any window",
        _pairsFit ? "one filter a channel; two taps' products fit int16" : "one filter a channel; two taps' products may pass int16, so each is widened");

    public override void Run(byte* scratch)
    {
        nint imageBytes = (nint)_input.Shape[1] * _input.Shape[2] * _channels;
        (int rows, nint rowBytes) = (_output.Shape[1], (nint)_output.Shape[2] * _channels);
        _staging = (sbyte*)scratch + _image.Bytes;
        for (int n = 0; n < _input.Shape[0]; n++)
        {
            _from = (sbyte*)_image.Load(_x + n * imageBytes, scratch);
            _to = _y + n * rows * rowBytes;
            _workers.Split(this, rows, (long)SplitCost.DepthwiseTap * _window.KernelH * _window.KernelW * rows * rowBytes);
        }
    }

    void ISplitWork.Run(int first, int end, int lane)
    {
        nint inputRow = (nint)_window.StrideH * _image.Width * _channels, rowBytes = (nint)_output.Shape[2] * _channels;
        for (int oy = first; oy < end; oy++)
        {
            Row(_from + oy * inputRow, _to + oy * rowBytes, _staging + (nint)lane * StagedPixels * Panel.Channels);
        }
    }

    public override void Dispose()
    {
        _weights.Dispose();
        _panels.Dispose();
        _offsets.Dispose();
    }

    private void Row(sbyte* image, sbyte* y, sbyte* staging)
    {
        int width = _output.Shape[2];
        for (int first = 0; first < _channels; first += Panel.Channels)
        {
            int real = Math.Min(Panel.Channels, _channels - first);
            bool inPlace = real == Panel.Channels && width >= DepthwiseRow<TKernel, TTaps, TSums>.Pixels;
            var line = new DepthwiseLine
            {
                Input = image + first,
                InputRow = (nint)_window.DilationH * _image.Width * _channels,
                InputPixel = _channels,
                StrideW = _window.StrideW,
                Weights = WeightsOf(first / Panel.Channels),
                Panel = PanelOf(first / Panel.Channels),
                Stage = _stage,
                Output = inPlace ? y + first : staging,
                OutputPixel = inPlace ? _channels : Panel.Channels,
                Count = width,
            };
            Run(line);
            if (!inPlace)
            {
                Panel.CopyChannels(staging, y + first, _channels, width, real);
            }
        }
    }

    private void Run(in DepthwiseLine line)
    {
        bool is3x3 = _window is { KernelH: 3, KernelW: 3, DilationW: 1 } && _pairsFit && line.Count >= DepthwiseRow<TKernel, TTaps, TSums>.Pixels;
        switch (is3x3 ? _window.StrideW : 0)
        {
            case 1:
                DepthwiseRow<TKernel, TTaps, TSums>.Run3x3(line);
                break;
            case 2:
                DepthwiseRow<TKernel, TTaps, TSums>.Run3x3By2(line);
                break;
            default:
                DepthwiseRow<TKernel, TTaps, TSums>.RunAny(line, (nint*)_offsets.Pointer, _taps, _pairsFit);
                break;
        }
    }

    private sbyte* WeightsOf(int panel) => (sbyte*)_weights.Pointer + (nint)panel * _taps * Panel.Channels;

    private int* PanelOf(int panel) => (int*)_panels.Pointer + panel * Panel.Ints;
}
