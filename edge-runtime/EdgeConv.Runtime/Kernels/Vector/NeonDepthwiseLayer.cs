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
    private const int WeightBytes = (BlockTaps + NeonDepthwiseBlock.TwiceTaps) * Block;
    private const int MaxLegs = 3;
    private const int CacheBytes = 24 << 10;   // rows that stay near while one block of channels follows the other; the cores have 32 KB
    private readonly NativeBuffer _weights;
    private readonly NativeBuffer _panels;
    private readonly NativeBuffer _offsets;
    private readonly TapGrouping[] _groupings;
    private readonly NeonDepthwiseBlock[] _blocks;   // [kernel rows][block]
    private readonly RowEnds? _ends;
    private readonly KernelRows[] _kernelRows;
    private readonly byte[] _kernelRowsOf;   // for each row of the output
    private readonly int _blockCount;
    private readonly int _rowsAtOnce;
    private sbyte* _scratch;
    private int _linear;   // blocks that have a LinearScale

    private NeonDepthwiseLayer(Conv2DOp op, KernelContext context, bool inPlace)
        : base(op, context, inPlace ? default : ImageFrame.Of(op.Window))
    {
        (TensorInfo input, TensorInfo output) = (context.Info(op.Input), context.Info(op.Output));
        _ends = inPlace ? new RowEnds(input, Window, Width, Workers) : null;
        KernelRows[] rows = [.. Enumerable.Range(0, output.Shape[1]).Select(y => inPlace ? KernelRows.Of(Window, y, input.Shape[1]) : KernelRows.All)];
        _kernelRows = [.. rows.Distinct()];
        _kernelRowsOf = [.. rows.Select(r => (byte)Array.IndexOf(_kernelRows, r))];
        long outputRow = (long)Width * Channels, inputRow = InputRow / Window.DilationH;
        _rowsAtOnce = (int)Math.Max(1, (CacheBytes - (Window.SpanH - Window.StrideH) * inputRow) / (Window.StrideH * inputRow + outputRow));

        _blockCount = (Channels + Block - 1) / Block;
        int blocks = _blockCount * _kernelRows.Length;
        _weights = new NativeBuffer((long)blocks * WeightBytes);
        _panels = new NativeBuffer((long)blocks * 2 * Panel.Ints * sizeof(int));
        _offsets = new NativeBuffer((long)blocks * BlockTaps * sizeof(nint));
        _groupings = new TapGrouping[_blockCount];
        _blocks = new NeonDepthwiseBlock[blocks];
        ReadOnlySpan<sbyte> weights = context.Model.Weights(op.Weights);   // once: int4 is unpacked each time
        for (int block = 0; block < _blockCount; block++)
        {
            Pack(op, context, weights, block);
        }
    }

    /// <summary>The padded image, or what its rows' ends read.</summary>
    public override long ScratchBytes => base.ScratchBytes + (_ends?.Bytes ?? 0);

    public override long PackedBytes => base.PackedBytes + _weights.Length + _panels.Length + _offsets.Length;

    public override KernelChoice Choice => new("depthwise 3x3, sixteen channels of four pixels at a time",
        $"one filter a channel; taps that fit int16 together: three in {Count(TapGrouping.Triples)} blocks, three and else two in "
        + $"{Count(TapGrouping.OneTriple)}, two in {Count(TapGrouping.Pairs)}; both roundings in one step in {_linear}; "
        + (_ends is null ? "padding is copied around the image" : "the image is read in place"));

    /// <summary>The kernel, or null where <see cref="VectorDepthwise{TKernel, TTaps, TSums}"/> has to do: another window, few channels or pixels, or two taps that do not fit int16.</summary>
    public static Kernel? Create(Conv2DOp op, KernelContext context)
    {
        if (op.Window is not { KernelH: 3, KernelW: 3 } || context.Info(op.Input).Shape[3] < Block
            || context.Info(op.Output).Shape[2] < NeonDepthwiseBlock.Pixels)
        {
            return null;
        }

        var layer = new NeonDepthwiseLayer<TRounding>(op, context, IsInPlace(op.Window, context.Info(op.Input), context.Info(op.Output)));
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

    protected override void Begin(sbyte* scratch) => _scratch = scratch;

    protected override void Enter(sbyte* image) => _ends?.Load(image, _scratch);

    protected override void Rows(int first, int rows, sbyte* x, nint inputRow, sbyte* y, int lane)
    {
        NeonDepthwiseLeg* legs = stackalloc NeonDepthwiseLeg[MaxLegs];
        NeonDepthwiseLeg* end = legs + Legs(legs);
        nint outputRow = (nint)Width * Channels;
        x -= _ends is null ? 0 : Window.PadTop * (InputRow / Window.DilationH) + (nint)Window.PadLeft * Channels;
        for (int row = first, last = first + rows, count; row < last; row += count, x += count * inputRow, y += count * outputRow)
        {
            int kernelRows = _kernelRowsOf[row];
            for (count = 1; count < _rowsAtOnce && row + count < last && _kernelRowsOf[row + count] == kernelRows;)
            {
                count++;
            }

            var walk = new NeonDepthwiseWalk { Legs = legs, End = end, Rows = count, InputRow = inputRow, OutputRow = outputRow };
            ReadOnlySpan<NeonDepthwiseBlock> blocks = _blocks.AsSpan(kernelRows * _blockCount, _blockCount);
            for (int i = 0; i < blocks.Length; i++)
            {
                nint at = FirstChannel(i);
                blocks[i].Run(blocks[i], walk, x + at, y + at);
            }
        }
    }

    /// <summary>The way over a row: its ends read elsewhere, and of pixels that are no multiple of four the first are computed twice.</summary>
    private int Legs(NeonDepthwiseLeg* legs)
    {
        const int Pixels = NeonDepthwiseBlock.Pixels;
        bool hasFirst = _ends is { HasFirst: true }, hasLast = _ends is { HasLast: true };
        int tiles = (Width + Pixels - 1) / Pixels, count = 0;
        nint step = (nint)Channels * Window.StrideW;
        for (int tile = 0, times; tile < tiles; tile += times)
        {
            bool isAlone = tile == 0 && (hasFirst || Width % Pixels != 0), endsRow = tile == tiles - 1;
            times = isAlone ? 1 : hasLast && !endsRow ? tiles - 1 - tile : tiles - tile;
            int pixel = tile == 0 ? 0 : Width - Pixels * (tiles - tile);
            nint at = pixel * step;
            legs[count++] = new NeonDepthwiseLeg
            {
                Times = times,
                X0 = tile == 0 && hasFirst ? _ends!.First : at,
                X1 = at + step,
                X2 = at + 2 * step,
                X3 = endsRow && hasLast ? _ends!.Last : at + 3 * step,
                Y = (nint)pixel * Channels,
            };
        }

        return count;
    }

    /// <summary>Whether no pixels but the ends of rows reach beyond the sides of the image, and no row lies in the padding.</summary>
    private static bool IsInPlace(Window window, TensorInfo input, TensorInfo output) =>
        RowEnds.Suffice(window, input.Shape[2], output.Shape[2])
        && Enumerable.Range(0, output.Shape[1]).All(row => !KernelRows.Of(window, row, input.Shape[1]).IsEmpty);

    private static delegate*<in NeonDepthwiseBlock, in NeonDepthwiseWalk, sbyte*, sbyte*, void> RunOf<T>(TapGrouping grouping)
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
        Span<LinearScale> scales = stackalloc LinearScale[Block];
        bool isLinear = Stage is { Min: sbyte.MinValue, Max: sbyte.MaxValue } && Solve(op, context, filters, first, scales);
        _linear += isLinear ? 1 : 0;
        for (int i = 0; i < _kernelRows.Length; i++)
        {
            Pack(op, context, filters, order, isLinear ? scales : default, block, i);
        }
    }

    /// <summary>
    /// A block for the rows of the output that some rows of the kernel reach the image for. The others weigh nothing, as padding does, and read
    /// what one of these reads; accumulators are among those that the whole kernel can give.
    /// </summary>
    private void Pack(Conv2DOp op, KernelContext context, ReadOnlySpan<sbyte> filters, ReadOnlySpan<int> order, ReadOnlySpan<LinearScale> scales, int block, int kernelRows)
    {
        int first = FirstChannel(block), at = kernelRows * _blockCount + block;
        KernelRows rows = _kernelRows[kernelRows];
        for (int t = 0; t < BlockTaps; t++)
        {
            (int ky, int kx) = (order[t] / KernelRows.Count, order[t] % KernelRows.Count);
            OffsetsOf(at)[t] = Offsets[rows.Nearest(ky) * KernelRows.Count + kx];
            for (int c = 0; c < Block; c++)
            {
                WeightsOf(at)[t * Block + c] = rows.Has(ky) ? filters[c * BlockTaps + order[t]] : (sbyte)0;
            }
        }

        var packed = new Span<sbyte>(WeightsOf(at), WeightBytes);
        packed[..(BlockTaps * Block)][^(NeonDepthwiseBlock.TwiceTaps * Block)..].CopyTo(packed[(BlockTaps * Block)..]);

        TapGrouping grouping = _groupings[block];
        _blocks[at] = new NeonDepthwiseBlock
        {
            Run = scales.IsEmpty ? RunOf<TRounding>(grouping) : RunOf<NeonLinear>(grouping),
            InputStep = (nint)Channels * Window.StrideW,
            OutputStep = Channels,
            Offsets = OffsetsOf(at),
            Weights = WeightsOf(at),
            Panels = PanelsOf(at),
            Stage = Stage,
            Floor = short.MinValue,
        };
        for (int c = 0; c < Block; c++)
        {
            int channel = first + c, lane = c % Panel.Channels;
            int* panel = PanelsOf(at) + c / Panel.Channels * Panel.Ints;
            int bias = FoldedBias.Of(rows.Of(filters.Slice(c * BlockTaps, BlockTaps)), context.Model.Int32Data(op.Bias)[channel], 0, context.Info(op.Input).ZeroPoint);
            bias = unchecked(bias + (Groups(grouping) - 1) * short.MinValue);   // what NeonDepthwise3x3 adds too much
            Panel.Set(panel, lane, bias, context.Model.Int32Data(op.Multipliers)[channel], context.Model.Int32Data(op.Shifts)[channel]);
            if (!scales.IsEmpty)
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

    private sbyte* WeightsOf(int block) => (sbyte*)_weights.Pointer + (nint)block * WeightBytes;

    private int* PanelsOf(int block) => (int*)_panels.Pointer + (nint)block * 2 * Panel.Ints;
}
