using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// 3x3 depthwise convolution on NEON in blocks of sixteen channels, each with its taps in an order of its own; see <see cref="TapGroups"/>.
/// The last block may overlap the one before it; what both have is computed twice.
/// </summary>
internal sealed unsafe class NeonDepthwiseLayer<TRounding> : DepthwiseLayer
    where TRounding : struct, INeonRounding
{
    private const int Block = 2 * Panel.Channels;
    private const int BlockTaps = 9;
    private readonly NativeBuffer _weights;
    private readonly NativeBuffer _panels;
    private readonly NativeBuffer _offsets;
    private readonly TapGrouping[] _groupings;
    private readonly NeonDepthwiseBlock[] _blocks;
    private int _linear;   // blocks that have a LinearScale

    private NeonDepthwiseLayer(Conv2DOp op, KernelContext context)
        : base(op, context)
    {
        int blocks = (Channels + Block - 1) / Block;
        _weights = new NativeBuffer((long)blocks * BlockTaps * Block);
        _panels = new NativeBuffer((long)blocks * 2 * Panel.Ints * sizeof(int));
        _offsets = new NativeBuffer((long)blocks * BlockTaps * sizeof(nint));
        _groupings = new TapGrouping[blocks];
        _blocks = new NeonDepthwiseBlock[blocks];
        ReadOnlySpan<sbyte> weights = context.Model.Weights(op.Weights);   // once: int4 is unpacked each time
        for (int block = 0; block < blocks; block++)
        {
            Pack(op, context, weights, block);
        }
    }

    public override long PackedBytes => base.PackedBytes + _weights.Length + _panels.Length + _offsets.Length;

    public override KernelChoice Choice => new("depthwise 3x3, sixteen channels of four pixels at a time",
        $"one filter a channel; taps that fit int16 together: three in {Count(TapGrouping.Triples)} blocks, three and else two in "
        + $"{Count(TapGrouping.OneTriple)}, two in {Count(TapGrouping.Pairs)}; both roundings in one step in {_linear}");

    /// <summary>The kernel, or null where <see cref="VectorDepthwise{TKernel, TTaps, TSums}"/> has to do: another window, few channels or pixels, or two taps that do not fit int16.</summary>
    public static Kernel? Create(Conv2DOp op, KernelContext context)
    {
        if (op.Window is not { KernelH: 3, KernelW: 3 } || context.Info(op.Input).Shape[3] < Block
            || context.Info(op.Output).Shape[2] < NeonDepthwiseBlock.Pixels)
        {
            return null;
        }

        var layer = new NeonDepthwiseLayer<TRounding>(op, context);
        if (layer.Count(TapGrouping.Single) == 0)
        {
            return layer;
        }

        layer.Dispose();
        return null;
    }

    public override void Dispose()
    {
        base.Dispose();
        _weights.Dispose();
        _panels.Dispose();
        _offsets.Dispose();
    }

    protected override void Rows(int first, int rows, sbyte* x, nint inputRow, sbyte* y, int lane)
    {
        nint rowBytes = (nint)Width * Channels;
        NeonDepthwiseBlock[] blocks = _blocks;
        for (int row = 0; row < rows; row++, x += inputRow, y += rowBytes)
        {
            for (int i = 0; i < blocks.Length; i++)
            {
                nint at = FirstChannel(i);
                blocks[i].Run(blocks[i], x + at, y + at);
            }
        }
    }

    private static delegate*<in NeonDepthwiseBlock, sbyte*, sbyte*, void> RunOf<T>(TapGrouping grouping)
        where T : struct, INeonRounding => grouping switch
        {
            TapGrouping.Triples => &NeonDepthwise3x3<T>.Triples,
            TapGrouping.OneTriple => &NeonDepthwise3x3<T>.OneTriple,
            _ => &NeonDepthwise3x3<T>.Pairs,
        };

    private void Pack(Conv2DOp op, KernelContext context, ReadOnlySpan<sbyte> weights, int block)
    {
        int first = FirstChannel(block);
        ReadOnlySpan<sbyte> filters = weights.Slice(first * BlockTaps, Block * BlockTaps);
        Span<int> order = stackalloc int[BlockTaps];
        _groupings[block] = TapGroups.Choose(filters, order);
        for (int t = 0; t < BlockTaps; t++)
        {
            OffsetsOf(block)[t] = Offsets[order[t]];
            for (int c = 0; c < Block; c++)
            {
                WeightsOf(block)[t * Block + c] = filters[c * BlockTaps + order[t]];
            }
        }

        Span<LinearScale> scales = stackalloc LinearScale[Block];
        bool isLinear = Stage is { Min: sbyte.MinValue, Max: sbyte.MaxValue } && Solve(op, context, filters, first, scales);
        _linear += isLinear ? 1 : 0;
        _blocks[block] = new NeonDepthwiseBlock
        {
            Run = isLinear ? RunOf<NeonLinear>(_groupings[block]) : RunOf<TRounding>(_groupings[block]),
            InputStep = (nint)Channels * Window.StrideW,
            OutputStep = Channels,
            Offsets = OffsetsOf(block),
            Weights = WeightsOf(block),
            Panels = PanelsOf(block),
            Stage = Stage,
            Floor = short.MinValue,
            Times = (Width + NeonDepthwiseBlock.Pixels - 1) / NeonDepthwiseBlock.Pixels,
            Ahead = (Width - 1) % NeonDepthwiseBlock.Pixels + 1,
        };
        for (int c = 0; c < Block; c++)
        {
            int channel = first + c, lane = c % Panel.Channels;
            int* panel = PanelsOf(block) + c / Panel.Channels * Panel.Ints;
            int bias = FoldedBias.Of(filters.Slice(c * BlockTaps, BlockTaps), context.Model.Int32Data(op.Bias)[channel], 0, context.Info(op.Input).ZeroPoint);
            bias = unchecked(bias + (Groups(_groupings[block]) - 1) * short.MinValue);   // what NeonDepthwise3x3 adds too much
            Panel.Set(panel, lane, bias, context.Model.Int32Data(op.Multipliers)[channel], context.Model.Int32Data(op.Shifts)[channel]);
            if (isLinear)
            {
                scales[c].Set(panel, lane);
            }
        }
    }

    /// <summary>Whether all channels of a block have a <see cref="LinearScale"/>.</summary>
    private bool Solve(Conv2DOp op, KernelContext context, ReadOnlySpan<sbyte> filters, int first, Span<LinearScale> scales)
    {
        for (int c = 0; c < Block; c++)
        {
            (long least, long most) = AccumulatorBound.Range(filters.Slice(c * BlockTaps, BlockTaps), 0, context.Info(op.Input).ZeroPoint);
            int bias = context.Model.Int32Data(op.Bias)[first + c];
            if (LinearScale.Solve(context.Model.Int32Data(op.Multipliers)[first + c], context.Model.Int32Data(op.Shifts)[first + c], Stage, bias + least, bias + most)
                is not { } scale)
            {
                return false;
            }

            scales[c] = scale;
        }

        return true;
    }

    private static int Groups(TapGrouping grouping) => grouping switch
    {
        TapGrouping.Triples => 3,
        TapGrouping.OneTriple => 4,
        _ => 5,
    };

    private int Count(TapGrouping grouping) => _groupings.Count(g => g == grouping);

    private int FirstChannel(int block) => Math.Min(block * Block, Channels - Block);

    private nint* OffsetsOf(int block) => (nint*)_offsets.Pointer + (nint)block * BlockTaps;

    private sbyte* WeightsOf(int block) => (sbyte*)_weights.Pointer + (nint)block * BlockTaps * Block;

    private int* PanelsOf(int block) => (int*)_panels.Pointer + (nint)block * 2 * Panel.Ints;
}
