using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// The kernel, filled up with zeros, in pieces of three by three taps. Each piece reads the picture from where it lies in the kernel on, as if
/// that were so many channels more; their sums are one.
/// </summary>
internal readonly record struct WinogradPieces(int Down, int Across)
{
    /// <summary>Those of a window.</summary>
    public static WinogradPieces Of(Window window) => new((window.KernelH + 2) / WinogradTile.Taps, (window.KernelW + 2) / WinogradTile.Taps);

    public int Count => Down * Across;
}

/// <summary>Input channels whose products are summed together, in groups of eight.</summary>
/// <param name="First">First group.</param>
/// <param name="Count">Groups.</param>
internal readonly record struct WinogradPart(int First, int Count);

/// <summary>
/// Whether and how a convolution is computed by Winograd's algorithm: the proof that it is exact for this layer's weights, and what it costs.
/// </summary>
/// <param name="Processor">Whose kernels run it.</param>
/// <param name="Tile">Which of the algorithms.</param>
/// <param name="Depth">Groups of eight input channels that an output channel sees.</param>
/// <param name="Pieces">The pieces of three by three taps that the kernel is cut into.</param>
/// <param name="Parts">
/// Usually one. Where a channel's accumulator might pass <see cref="WinogradTile.AccumulatorLimit"/>, input channels are split in parts
/// that cannot, and the parts are added once they are divided.
/// </param>
/// <param name="StripRows">Rows of tiles that are transformed together.</param>
/// <param name="StripColumns">Columns of tiles that are transformed together.</param>
internal sealed record WinogradPlan(WinogradProcessor Processor, WinogradTile Tile, int Depth, WinogradPieces Pieces, WinogradPart[] Parts, int StripRows, int StripColumns)
{
    private const int MaxKernel = 9;   // eight channels of one have accumulators below the limit

    /// <summary>The pooling that can be fused.</summary>
    private static readonly Pooling _tilePool = new(2, 2, 2, 2);

    /// <summary>Whether transformed weights are kept, or made anew for each strip.</summary>
    public bool KeepsWeights { get; init; } = true;

    /// <summary>What the choice was made by, where there was one.</summary>
    public WinogradCost? Cost { get; private init; }

    /// <summary>The quickest plan for a layer, or null where the plain sum is quicker or the layer is of another kind.</summary>
    public static WinogradPlan? Choose(Conv2DOp op, KernelContext context, WinogradProcessor processor)
    {
        if (!CanRun(op, context))
        {
            return null;
        }

        WinogradPlan? four = Make(op, context, processor, WinogradTile.Four);
        // Its limit is higher.
        WinogradPlan? two = processor.Two is null ? null
            : four?.Parts.Length == 1 ? Make(op, context, processor, WinogradTile.Two, 1, int.MaxValue, keepsWeights: true) : Make(op, context, processor, WinogradTile.Two);
        var cost = new WinogradCost(processor, Cycles(four), Cycles(two), WinogradCost.OfDirect(op, context, processor));
        return cost.Best switch
        {
            null => null,
            WinogradTwo => two! with { Cost = cost },
            _ => four! with { Cost = cost },
        };

        double Cycles(WinogradPlan? plan) => plan is null ? double.PositiveInfinity : WinogradCost.Of(plan, op, context);
    }

    /// <summary>
    /// 3x3 or larger, stride 1, no dilation; the input channels of several groups in whole vectors; no pooling, or one whose windows divide a tile.
    /// </summary>
    public static bool CanRun(Conv2DOp op, KernelContext context) =>
        op.Window is { KernelH: >= WinogradTile.Taps and <= MaxKernel, KernelW: >= WinogradTile.Taps and <= MaxKernel, StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1 }
        && (!op.IsPooled || op.Pool == _tilePool)
        && (op.Groups == 1 || context.Info(op.Input).Shape[3] / op.Groups % Panel.Channels == 0);

    /// <summary>
    /// A plan that is exact, whether it pays or not; null where there is none: eight channels never pass the limit, but their bias may.
    /// </summary>
    /// <param name="op">One that <see cref="CanRun"/>.</param>
    /// <param name="context">Its model.</param>
    /// <param name="processor">Whose kernels are to run it.</param>
    /// <param name="tile">Of which algorithm.</param>
    /// <param name="maxTiles">For tests, which want several strips of a small picture.</param>
    /// <param name="keepsWeights">For tests: false where the kernels can transform weights.</param>
    public static WinogradPlan? Make(
        Conv2DOp op, KernelContext context, WinogradProcessor processor, WinogradTile tile, int maxTiles = int.MaxValue, bool keepsWeights = true) =>
        FewestParts(op, context, tile) is int parts ? Make(op, context, processor, tile, parts, maxTiles, keepsWeights) : null;

    /// <summary>Rows and columns of a tile that are stored: pooling halves them.</summary>
    public int TilePixels(Conv2DOp op) => TilePixels(Tile, op);

    /// <summary>Tiles that cover so many rows or columns of the output.</summary>
    public int Tiles(Conv2DOp op, int pixels) => Tiles(Tile, op, pixels);

    /// <summary>Times that output channels of a group are multiplied: <see cref="WinogradProcessor.Outputs"/> together.</summary>
    public int Panels(Conv2DOp op, TensorInfo output) => (output.Shape[3] / op.Groups + Processor.Outputs - 1) / Processor.Outputs;

    /// <summary>Where an output channel's numbers and weights are: which panel, counted through all groups, and which place in it.</summary>
    public (int Panel, int Lane) Place(Conv2DOp op, TensorInfo output, int channel)
    {
        (int group, int inGroup) = Math.DivRem(channel, output.Shape[3] / op.Groups);
        return (group * Panels(op, output) + inGroup / Processor.Outputs, inGroup % Processor.Outputs);
    }

    /// <summary><see cref="TileProduct.RealInputs"/> of a picture with so many channels.</summary>
    public static int RealInputs(int channels) => channels <= Panel.Channels / 2 ? Panel.Channels / 2 : Panel.Channels;

    /// <summary>Bytes of all weights once they are transformed.</summary>
    public long TransformedBytes(Conv2DOp op, TensorInfo output) => (long)op.Groups * Panels(op, output) * Tile.Positions * Depth * Pieces.Count * Panel.Channels * Processor.Outputs * sizeof(short);

    private static WinogradPlan Make(
        Conv2DOp op, KernelContext context, WinogradProcessor processor, WinogradTile tile, int parts, int maxTiles, bool keepsWeights)
    {
        TensorInfo output = context.Info(op.Output);
        int channels = context.Info(op.Input).Shape[3], depth = Groups(op, context);
        int rows = Tiles(tile, op, output.Shape[1]), columns = Tiles(tile, op, output.Shape[2]);
        var pieces = WinogradPieces.Of(op.Window);
        int tileBytes = tile.Positions * (pieces.Count * Panel.Count(channels) * Panel.Channels * sizeof(short) + parts * processor.Outputs * sizeof(int));
        var plan = new WinogradPlan(processor, tile, depth, pieces, Split(depth, parts), rows, columns);
        plan = plan with { KeepsWeights = keepsWeights && plan.TransformedBytes(op, output) <= processor.MostKeptBytes };
        int tiles = Math.Clamp((plan.KeepsWeights ? processor.StripBytes : processor.LongStripBytes) / tileBytes, 1, maxTiles);
        return plan with { StripRows = Even(rows, Math.Max(1, tiles / columns)), StripColumns = Even(columns, tiles) };
    }

    private static int TilePixels(WinogradTile tile, Conv2DOp op) => op.IsPooled ? tile.Output / 2 : tile.Output;

    private static int Tiles(WinogradTile tile, Conv2DOp op, int pixels) => (pixels + TilePixels(tile, op) - 1) / TilePixels(tile, op);

    /// <summary>The fewest parts that are exact, none of them empty.</summary>
    private static int? FewestParts(Conv2DOp op, KernelContext context, WinogradTile tile)
    {
        ReadOnlySpan<sbyte> weights = context.Model.Weights(op.Weights);   // once: int4 is unpacked here
        int depth = Groups(op, context);
        for (int count = 1; count <= depth; count++)
        {
            if (IsExact(op, context, tile, weights, Split(depth, count)))
            {
                return count;
            }
        }

        return null;
    }

    private static int Groups(Conv2DOp op, KernelContext context) => Panel.Count(context.Info(op.Input).Shape[3] / op.Groups);

    /// <summary>
    /// Whether no sum of any channel that is divided passes the limit, over all inputs, with these parts. A single part takes bias and zero point with
    /// it: that is the accumulator. With several they are added outside, where the reader has proven that the whole sum fits int32.
    /// </summary>
    private static bool IsExact(Conv2DOp op, KernelContext context, WinogradTile tile, ReadOnlySpan<sbyte> weights, WinogradPart[] parts)
    {
        ReadOnlySpan<int> bias = context.Model.Int32Data(op.Bias);
        int taps = weights.Length / bias.Length, area = op.Window.KernelH * op.Window.KernelW, inputs = taps / area;
        bool isOne = parts.Length == 1;
        int zeroPoint = isOne ? context.Info(op.Input).ZeroPoint : 0;
        for (int c = 0; c < bias.Length; c++)
        {
            foreach (WinogradPart part in parts)
            {
                (long least, long most) = isOne ? (bias[c], bias[c]) : (0, 0);
                int first = part.First * Panel.Channels, channels = Math.Min(inputs - first, part.Count * Panel.Channels);
                int runs = channels == inputs ? 1 : area;   // all channels of all taps lie side by side
                for (int run = 0; run < runs; run++)
                {
                    (long low, long high) = AccumulatorBound.Range(weights.Slice(c * taps + run * inputs + first, channels * area / runs), 0, zeroPoint);
                    least += low;
                    most += high;
                }

                if (least < -tile.AccumulatorLimit || most >= tile.AccumulatorLimit)
                {
                    return false;
                }
            }
        }

        return true;
    }

    private static WinogradPart[] Split(int depth, int count)
    {
        var parts = new WinogradPart[count];
        for (int i = 0; i < count; i++)
        {
            parts[i] = new WinogradPart(depth * i / count, depth * (i + 1) / count - depth * i / count);
        }

        return parts;
    }

    /// <summary>Length of a piece when so many are cut into pieces of nearly one length, none longer than the given one.</summary>
    private static int Even(int length, int atMost)
    {
        int pieces = (length + atMost - 1) / atMost;
        return (length + pieces - 1) / pieces;
    }
}
