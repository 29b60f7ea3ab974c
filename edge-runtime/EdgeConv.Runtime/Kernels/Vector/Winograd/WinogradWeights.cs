namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// The weights of a layer, of which a panel's are asked for when it is multiplied: transformed, in the order [position][group of 8 input channels][piece
/// of the kernel][input channels][channel][adjacent input channels]. A panel is <see cref="WinogradProcessor.Outputs"/> channels.
/// </summary>
internal abstract unsafe class WinogradWeights : IDisposable
{
    private readonly Window _window;
    private readonly WinogradPieces _pieces;

    protected WinogradWeights(Conv2DOp op, KernelContext context, WinogradPlan plan)
    {
        (_window, _pieces) = (op.Window, plan.Pieces);
        GroupWeights = Panel.Channels * plan.Processor.Outputs;
        PanelGroups = plan.Depth * plan.Pieces.Count;
        Panels = op.Groups * plan.Panels(op, context.Info(op.Output));
    }

    /// <summary>Of all panels, in whichever form.</summary>
    public abstract long Bytes { get; }

    /// <summary>Memory that a thread needs for those of one panel.</summary>
    public virtual long RoomBytes => 0;

    /// <summary>Elements from one position of a panel to the next.</summary>
    public abstract nint Position { get; }

    /// <summary>Transformed weights of eight input channels, of one piece, and a panel, at a position.</summary>
    protected int GroupWeights { get; }

    /// <summary>How many of them a panel has.</summary>
    protected int PanelGroups { get; }

    /// <summary>Of all groups of the convolution.</summary>
    protected int Panels { get; }

    /// <summary>Those of a panel.</summary>
    /// <param name="panel">Which.</param>
    /// <param name="room"><see cref="RoomBytes"/> of this thread.</param>
    public abstract short* Of(int panel, byte* room);

    /// <summary>Elements from a panel's first weights to those of a group of eight input channels.</summary>
    public nint From(int group) => (nint)group * _pieces.Count * GroupWeights;

    public abstract void Dispose();

    /// <summary>Deals out the filters of a layer, each in pieces of nine taps of eight input channels; what is not there is 0.</summary>
    /// <param name="op">The layer.</param>
    /// <param name="context">Its model.</param>
    /// <param name="plan">How it is computed.</param>
    /// <param name="weights">Its weights, OHWI.</param>
    protected void Fill(Conv2DOp op, KernelContext context, WinogradPlan plan, ReadOnlySpan<sbyte> weights)
    {
        TensorInfo output = context.Info(op.Output);
        int outputs = output.Shape[3], taps = weights.Length / outputs, inputs = taps / (_window.KernelH * _window.KernelW);
        sbyte* piece = stackalloc sbyte[WinogradTile.Taps * WinogradTile.Taps * Panel.Channels];
        fixed (sbyte* all = weights)
        {
            for (int c = 0; c < outputs; c++)
            {
                sbyte* filter = all + (nint)c * taps;
                (int panel, int lane) = plan.Place(op, output, c);
                for (int first = 0, group = 0; first < inputs; first += Panel.Channels)
                {
                    int real = Math.Min(Panel.Channels, inputs - first);
                    for (int i = 0; i < _pieces.Count; i++, group++)
                    {
                        if (real == Panel.Channels && _window is { KernelH: WinogradTile.Taps, KernelW: WinogradTile.Taps })
                        {
                            Put(panel, lane, group, filter + first, inputs);
                        }
                        else
                        {
                            CopyPiece(weights[(c * taps + first)..((c + 1) * taps)], inputs, real, WinogradTile.Taps * (i / _pieces.Across), WinogradTile.Taps * (i % _pieces.Across), piece);
                            Put(panel, lane, group, piece, Panel.Channels);
                        }
                    }
                }
            }
        }
    }

    /// <summary>Nine taps of eight input channels and one output channel into their place.</summary>
    /// <param name="panel">Which panel.</param>
    /// <param name="lane">Which of its channels.</param>
    /// <param name="group">Which input channels and piece, counted in a panel.</param>
    /// <param name="piece">Tap (0, 0) of the first input channel.</param>
    /// <param name="tap">Bytes from one tap to the next.</param>
    protected abstract void Put(int panel, int lane, int group, sbyte* piece, nint tap);

    /// <summary>Nine taps of up to eight channels; what the kernel or the channels do not have is 0.</summary>
    private void CopyPiece(ReadOnlySpan<sbyte> filter, int inputs, int channels, int top, int left, sbyte* piece)
    {
        for (int tap = 0; tap < WinogradTile.Taps * WinogradTile.Taps; tap++)
        {
            var eight = new Span<sbyte>(piece + tap * Panel.Channels, Panel.Channels);
            eight.Clear();
            (int ky, int kx) = (top + tap / WinogradTile.Taps, left + tap % WinogradTile.Taps);
            if (ky < _window.KernelH && kx < _window.KernelW)
            {
                filter.Slice((ky * _window.KernelW + kx) * inputs, channels).CopyTo(eight);
            }
        }
    }
}

/// <summary>All weights transformed once, when the model is loaded.</summary>
internal sealed unsafe class KeptWeights : WinogradWeights
{
    private readonly NativeBuffer _weights;
    private readonly WinogradTile _tile;
    private readonly int _adjacent;     // input channels that lie side by side for each output channel

    public KeptWeights(Conv2DOp op, KernelContext context, WinogradPlan plan, ReadOnlySpan<sbyte> weights)
        : base(op, context, plan)
    {
        _tile = plan.Tile;
        _adjacent = plan.Processor.AdjacentInputs;
        _weights = new NativeBuffer(Panels * PanelWeights * sizeof(short));
        Fill(op, context, plan, weights);
    }

    public override long Bytes => _weights.Length;

    public override nint Position => (nint)PanelGroups * GroupWeights;

    private nint PanelWeights => _tile.Positions * Position;

    public override short* Of(int panel, byte* room) => (short*)_weights.Pointer + panel * PanelWeights;

    public override void Dispose() => _weights.Dispose();

    protected override void Put(int panel, int lane, int group, sbyte* piece, nint tap)
    {
        short* transformed = stackalloc short[_tile.Positions * Panel.Channels];
        _tile.TransformWeights(piece, tap, transformed);
        short* to = Of(panel, null) + (nint)group * GroupWeights + lane * _adjacent;
        int next = GroupWeights * _adjacent / Panel.Channels;
        for (int position = 0; position < _tile.Positions; position++, to += Position)
        {
            for (short* pair = to; pair < to + GroupWeights; pair += next)
            {
                for (int i = 0; i < _adjacent; i++)
                {
                    pair[i] = *transformed++;
                }
            }
        }
    }
}
