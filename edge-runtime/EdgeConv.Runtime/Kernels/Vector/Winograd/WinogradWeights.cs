using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// Transformed weights in the order in which they are multiplied, [panel of 8 channels][position][group of 8 input channels][input
/// channel][8 channels], and the panels of bias and multipliers.
/// </summary>
internal sealed unsafe class WinogradWeights : IDisposable
{
    private readonly NativeBuffer _weights;
    private readonly NativeBuffer _panels;
    private readonly nint _panelWeights;
    private readonly nint _position;

    public WinogradWeights(Conv2DOp op, KernelContext context, WinogradPlan plan)
    {
        int outputs = context.Info(op.Output).Shape[3], groupOut = outputs / op.Groups;
        PanelsOfGroup = Panel.Count(groupOut);
        _position = (nint)plan.Depth * Panel.Channels * Panel.Channels;
        _panelWeights = Winograd.Positions * _position;
        _weights = new NativeBuffer(op.Groups * PanelsOfGroup * _panelWeights * sizeof(short));
        _panels = new NativeBuffer((long)op.Groups * PanelsOfGroup * Panel.Ints * sizeof(int));

        ReadOnlySpan<sbyte> weights = context.Model.Weights(op.Weights);
        ReadOnlySpan<int> bias = context.Model.Int32Data(op.Bias), multipliers = context.Model.Int32Data(op.Multipliers), shifts = context.Model.Int32Data(op.Shifts);
        int taps = weights.Length / outputs, zeroPoint = context.Info(op.Input).ZeroPoint;
        for (int c = 0; c < outputs; c++)
        {
            ReadOnlySpan<sbyte> filter = weights.Slice(c * taps, taps);
            (int panel, int lane) = (c / groupOut * PanelsOfGroup + c % groupOut / Panel.Channels, c % groupOut % Panel.Channels);
            Pack(filter, taps / 9, (short*)_weights.Pointer + panel * _panelWeights + lane);
            int folded = FoldedBias.Of(filter, bias[c], 0, zeroPoint);
            Panel.Set(PanelAt(panel), lane, folded, multipliers[c], shifts[c]);
            if (plan.Parts.Length == 1)
            {
                // the division's shift and the left shift are one; a bias that goes with the sums is scaled as they are
                PanelAt(panel)[Panel.Bias + lane] = unchecked(Winograd.Scale * folded);
                PanelAt(panel)[Panel.LeftShift + lane] -= Winograd.ScaleShift;
            }
        }

        context.Model.Forget(weights);
    }

    /// <summary>Panels of one group of the convolution.</summary>
    public int PanelsOfGroup { get; }

    public long Bytes => _weights.Length + _panels.Length;

    public int* PanelAt(int panel) => (int*)_panels.Pointer + panel * Panel.Ints;

    /// <summary>Elements from one position of a panel to the next.</summary>
    public nint Position => _position;

    /// <summary>Weights of a panel from a group of eight input channels on.</summary>
    public short* At(int panel, int group) => (short*)_weights.Pointer + panel * _panelWeights + (nint)group * Panel.Channels * Panel.Channels;

    public void Dispose()
    {
        _weights.Dispose();
        _panels.Dispose();
    }

    /// <summary>One output channel into its lane. Input channels beyond the last stay 0, whatever the kernel reads for them.</summary>
    private void Pack(ReadOnlySpan<sbyte> filter, int inputs, short* lane)
    {
        short* transformed = stackalloc short[Winograd.Positions * Panel.Channels];
        sbyte* rest = stackalloc sbyte[9 * Panel.Channels];
        fixed (sbyte* taps = filter)
        {
            for (int first = 0; first < inputs; first += Panel.Channels, lane += Panel.Channels * Panel.Channels)
            {
                int real = Math.Min(Panel.Channels, inputs - first);
                if (real == Panel.Channels)
                {
                    Winograd.TransformWeights(taps + first, inputs, transformed);
                }
                else
                {
                    for (int tap = 0; tap < 9; tap++)
                    {
                        var eight = new Span<sbyte>(rest + tap * Panel.Channels, Panel.Channels);
                        eight.Clear();
                        filter.Slice(tap * inputs + first, real).CopyTo(eight);
                    }

                    Winograd.TransformWeights(rest, Panel.Channels, transformed);
                }

                Scatter(transformed, lane);
            }
        }
    }

    private void Scatter(short* transformed, short* lane)
    {
        for (int position = 0; position < Winograd.Positions; position++, lane += _position)
        {
            for (int i = 0; i < Panel.Channels; i++)
            {
                lane[i * Panel.Channels] = *transformed++;
            }
        }
    }
}
