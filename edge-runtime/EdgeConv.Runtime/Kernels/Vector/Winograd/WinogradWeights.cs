using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// Transformed weights in the order in which they are multiplied, [panel][position][group of 8 input channels][piece of the kernel][input
/// channels][channel][adjacent input channels], and bias and multipliers. A panel here is <see cref="WinogradProcessor.Outputs"/> channels: one
/// <see cref="Panel"/> or several.
/// </summary>
internal sealed unsafe class WinogradWeights : IDisposable
{
    private readonly NativeBuffer _weights;
    private readonly NativeBuffer _panels;
    private readonly nint _panelWeights;
    private readonly nint _position;
    private readonly WinogradTile _tile;
    private readonly WinogradProcessor _processor;
    private readonly Window _window;
    private readonly WinogradPieces _pieces;

    public WinogradWeights(Conv2DOp op, KernelContext context, WinogradPlan plan)
    {
        int outputs = context.Info(op.Output).Shape[3], groupOut = outputs / op.Groups;
        PanelsOfGroup = plan.Panels(op, context.Info(op.Output));
        (_tile, _processor, _window, _pieces) = (plan.Tile, plan.Processor, op.Window, plan.Pieces);
        _position = (nint)plan.Depth * plan.Pieces.Count * GroupWeights;
        _panelWeights = _tile.Positions * _position;
        _weights = new NativeBuffer(op.Groups * PanelsOfGroup * _panelWeights * sizeof(short));
        _panels = new NativeBuffer((long)op.Groups * PanelsOfGroup * PanelInts * sizeof(int));

        ReadOnlySpan<sbyte> weights = context.Model.Weights(op.Weights);
        ReadOnlySpan<int> bias = context.Model.Int32Data(op.Bias), multipliers = context.Model.Int32Data(op.Multipliers), shifts = context.Model.Int32Data(op.Shifts);
        int taps = weights.Length / outputs, zeroPoint = context.Info(op.Input).ZeroPoint;
        var stage = new OutputStage(shifts, context.Info(op.Output).ZeroPoint, op.Min, op.Max);
        var scales = new WinogradScale?[_tile.DividesLast && _processor.HasOneStep && plan.Parts.Length == 1 ? outputs : 0];
        for (int c = 0; c < outputs; c++)
        {
            ReadOnlySpan<sbyte> filter = weights.Slice(c * taps, taps);
            (int panel, int lane) = (c / groupOut * PanelsOfGroup + c % groupOut / _processor.Outputs, c % groupOut % _processor.Outputs);
            Pack(filter, taps / (_window.KernelH * _window.KernelW), (short*)_weights.Pointer + panel * _panelWeights + lane * _processor.AdjacentInputs);
            int start = FoldedBias.Of(filter, bias[c], 0, zeroPoint);
            start = plan.Parts.Length == 1 ? unchecked(_tile.Scale * start) : start;   // a bias that goes with the sums is scaled as they are
            Panel.Set(NumbersOf(PanelAt(panel), lane), lane % Panel.Channels, start, multipliers[c], shifts[c]);
            if (scales.Length > 0)
            {
                (long least, long most) = AccumulatorBound.Range(filter, 0, zeroPoint);
                scales[c] = WinogradScale.Solve(_tile, multipliers[c], shifts[c], stage, bias[c] + least, bias[c] + most);
            }
        }

        for (int first = 0; first < scales.Length; first += groupOut)
        {
            for (int c = 0; c < groupOut; c += _processor.Outputs)
            {
                int panel = first / groupOut * PanelsOfGroup + c / _processor.Outputs;
                OneStepPanels += SetScales(PanelAt(panel), scales.AsSpan(first + c, Math.Min(_processor.Outputs, groupOut - c)));
            }
        }

        context.Model.Forget(weights);
    }

    /// <summary>Panels of one group of the convolution.</summary>
    public int PanelsOfGroup { get; }

    /// <summary>Panels for which a <see cref="WinogradScale"/> was found.</summary>
    public int OneStepPanels { get; }

    public long Bytes => _weights.Length + _panels.Length;

    public int* PanelAt(int panel) => (int*)_panels.Pointer + panel * PanelInts;

    /// <summary>Elements from one position of a panel to the next.</summary>
    public nint Position => _position;

    /// <summary>Weights of a panel from a group of eight input channels on.</summary>
    public short* At(int panel, int group) => (short*)_weights.Pointer + panel * _panelWeights + (nint)group * _pieces.Count * GroupWeights;

    private int PanelInts => _processor.Outputs / Panel.Channels * Panel.Ints;

    /// <summary>Weights of eight input channels and a panel.</summary>
    private int GroupWeights => Panel.Channels * _processor.Outputs;

    public void Dispose()
    {
        _weights.Dispose();
        _panels.Dispose();
    }

    /// <summary>Numbers of the eight channels that a channel is of.</summary>
    private static int* NumbersOf(int* panel, int lane) => panel + lane / Panel.Channels * Panel.Ints;

    /// <summary>What becomes of the sums of a panel that is not split: one step where all of its channels have one. Returns 1 for it, else 0.</summary>
    private int SetScales(int* panel, ReadOnlySpan<WinogradScale?> scales)
    {
        panel[Panel.IsOneStep] = scales.Contains(null) ? 0 : 1;
        for (int lane = 0; lane < scales.Length; lane++)
        {
            int* numbers = NumbersOf(panel, lane) + lane % Panel.Channels;
            if (panel[Panel.IsOneStep] == 0)
            {
                numbers[Panel.LeftShift] -= _tile.ScaleShift;   // the division's shift and the left shift are one
                continue;
            }

            (int factor, int start, int multiplier) = scales[lane]!.Value;
            numbers[Panel.Bias] = unchecked(numbers[Panel.Bias] + start);
            numbers[Panel.LeftShift] = factor;
            numbers[Panel.Multiplier] = multiplier;
        }

        return panel[Panel.IsOneStep];
    }

    /// <summary>One output channel into its lane. Input channels beyond the last stay 0, whatever the kernel reads for them.</summary>
    private void Pack(ReadOnlySpan<sbyte> filter, int inputs, short* lane)
    {
        short* transformed = stackalloc short[_tile.Positions * Panel.Channels];
        sbyte* piece = stackalloc sbyte[WinogradTile.Taps * WinogradTile.Taps * Panel.Channels];
        fixed (sbyte* taps = filter)
        {
            for (int first = 0; first < inputs; first += Panel.Channels)
            {
                int real = Math.Min(Panel.Channels, inputs - first);
                for (int i = 0; i < _pieces.Count; i++, lane += GroupWeights)
                {
                    if (real == Panel.Channels && _window is { KernelH: WinogradTile.Taps, KernelW: WinogradTile.Taps })
                    {
                        _tile.TransformWeights(taps + first, inputs, transformed);
                    }
                    else
                    {
                        CopyPiece(filter[first..], inputs, real, WinogradTile.Taps * (i / _pieces.Across), WinogradTile.Taps * (i % _pieces.Across), piece);
                        _tile.TransformWeights(piece, Panel.Channels, transformed);
                    }

                    Scatter(transformed, lane);
                }
            }
        }
    }

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

    private void Scatter(short* transformed, short* lane)
    {
        (int outputs, int adjacent) = (_processor.Outputs, _processor.AdjacentInputs);
        for (int position = 0; position < _tile.Positions; position++, lane += _position)
        {
            for (short* to = lane; to < lane + GroupWeights; to += outputs * adjacent)
            {
                for (int i = 0; i < adjacent; i++)
                {
                    to[i] = *transformed++;
                }
            }
        }
    }
}
