namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// Depthwise convolution: packs the weights in panels of eight channels and walks the rows of the output.
/// <see cref="DepthwiseRow{TKernel, TTaps, TSums}"/> computes a row of a panel.
/// </summary>
internal sealed unsafe class VectorDepthwise<TKernel, TTaps, TSums> : DepthwiseLayer
    where TKernel : struct, IDepthwiseKernel<TTaps, TSums>
{
    private readonly NativeBuffer _weights;
    private readonly NativeBuffer _panels;
    private readonly bool _pairsFit = true;
    private sbyte* _staging;   // what the threads work at

    public VectorDepthwise(Conv2DOp op, KernelContext context)
        : base(op, context)
    {
        // [panel][tap][8 channels]; channels beyond the last stay 0
        int panels = Panel.Count(Channels), taps = Window.KernelH * Window.KernelW;
        _weights = new NativeBuffer((long)panels * Taps * Panel.Channels);
        _panels = new NativeBuffer((long)panels * Panel.Ints * sizeof(int));
        ReadOnlySpan<sbyte> weights = context.Model.Weights(op.Weights);
        for (int c = 0; c < Channels; c++)
        {
            ReadOnlySpan<sbyte> filter = weights.Slice(c * taps, taps);
            _pairsFit &= DepthwiseRow<TKernel, TTaps, TSums>.PairsFit(filter);
            sbyte* packed = WeightsOf(c / Panel.Channels) + c % Panel.Channels;
            for (int t = 0; t < taps; t++)
            {
                packed[t * Panel.Channels] = filter[t];
            }

            int bias = FoldedBias.Of(filter, context.Model.Int32Data(op.Bias)[c], 0, context.Info(op.Input).ZeroPoint);
            Panel.Set(PanelOf(c / Panel.Channels), c % Panel.Channels, bias,
                context.Model.Int32Data(op.Multipliers)[c], context.Model.Int32Data(op.Shifts)[c]);
        }
    }

    /// <summary>The padded image, and a row of one panel for each thread where pixels cannot be stored eight bytes at a time.</summary>
    public override long ScratchBytes => base.ScratchBytes + (NeedsStaging ? (long)Workers.Threads * StagedPixels * Panel.Channels : 0);

    public override long PackedBytes => base.PackedBytes + _weights.Length + _panels.Length;

    private bool NeedsStaging => Channels % Panel.Channels != 0 || Width < StagedPixels;

    private int StagedPixels => Math.Max(Width, DepthwiseRow<TKernel, TTaps, TSums>.Pixels);

    public override KernelChoice Choice => new(
        Window is { KernelH: 3, KernelW: 3, DilationW: 1, StrideW: 1 or 2 } ? "depthwise by rows, 3x3" : "depthwise by rows, any window",
        _pairsFit ? "one filter a channel; two taps' products fit int16" : "one filter a channel; two taps' products may pass int16, so each is widened");

    public override void Dispose()
    {
        base.Dispose();
        _weights.Dispose();
        _panels.Dispose();
    }

    protected override void Begin(sbyte* scratch) => _staging = scratch;

    protected override void Rows(int first, int rows, sbyte* x, nint inputRow, sbyte* y, int lane)
    {
        for (int row = 0; row < rows; row++)
        {
            Row(x + row * inputRow, y + (nint)row * Width * Channels, _staging + (nint)lane * StagedPixels * Panel.Channels);
        }
    }

    private void Row(sbyte* image, sbyte* y, sbyte* staging)
    {
        int width = Width;
        for (int first = 0; first < Channels; first += Panel.Channels)
        {
            int real = Math.Min(Panel.Channels, Channels - first);
            bool inPlace = real == Panel.Channels && width >= DepthwiseRow<TKernel, TTaps, TSums>.Pixels;
            var line = new DepthwiseLine
            {
                Input = image + first,
                InputRow = InputRow,
                InputPixel = Channels,
                StrideW = Window.StrideW,
                Weights = WeightsOf(first / Panel.Channels),
                Panel = PanelOf(first / Panel.Channels),
                Stage = Stage,
                Output = inPlace ? y + first : staging,
                OutputPixel = inPlace ? Channels : Panel.Channels,
                Count = width,
            };
            Run(line);
            if (!inPlace)
            {
                Panel.CopyChannels(staging, y + first, Channels, width, real);
            }
        }
    }

    private void Run(in DepthwiseLine line)
    {
        bool is3x3 = Window is { KernelH: 3, KernelW: 3, DilationW: 1 } && _pairsFit && line.Count >= DepthwiseRow<TKernel, TTaps, TSums>.Pixels;
        switch (is3x3 ? Window.StrideW : 0)
        {
            case 1:
                DepthwiseRow<TKernel, TTaps, TSums>.Run3x3(line);
                break;
            case 2:
                DepthwiseRow<TKernel, TTaps, TSums>.Run3x3By2(line);
                break;
            default:
                DepthwiseRow<TKernel, TTaps, TSums>.RunAny(line, Offsets, Taps, _pairsFit);
                break;
        }
    }

    private sbyte* WeightsOf(int panel) => (sbyte*)_weights.Pointer + (nint)panel * Taps * Panel.Channels;

    private int* PanelOf(int panel) => (int*)_panels.Pointer + panel * Panel.Ints;
}
