using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// Bias, multipliers and shifts of a layer's panels. A panel here is <see cref="WinogradProcessor.Outputs"/> channels: one <see cref="Panel"/> or several.
/// </summary>
internal sealed unsafe class WinogradNumbers : IDisposable
{
    private readonly NativeBuffer _panels;
    private readonly WinogradTile _tile;
    private readonly int _panelOutputs;

    /// <param name="op">The layer.</param>
    /// <param name="context">Its model.</param>
    /// <param name="plan">How it is computed.</param>
    /// <param name="weights">Its weights, OHWI.</param>
    public WinogradNumbers(Conv2DOp op, KernelContext context, WinogradPlan plan, ReadOnlySpan<sbyte> weights)
    {
        TensorInfo output = context.Info(op.Output);
        int outputs = output.Shape[3], groupOut = outputs / op.Groups;
        PanelsOfGroup = plan.Panels(op, output);
        (_tile, _panelOutputs) = (plan.Tile, plan.Processor.Outputs);
        _panels = new NativeBuffer((long)op.Groups * PanelsOfGroup * PanelInts * sizeof(int));

        ReadOnlySpan<int> bias = context.Model.Int32Data(op.Bias), multipliers = context.Model.Int32Data(op.Multipliers), shifts = context.Model.Int32Data(op.Shifts);
        int taps = weights.Length / outputs, zeroPoint = context.Info(op.Input).ZeroPoint;
        var stage = new OutputStage(shifts, output.ZeroPoint, op.Min, op.Max);
        var scales = new WinogradScale?[_tile.DividesLast && plan.Processor.HasOneStep && plan.Parts.Length == 1 ? outputs : 0];
        for (int c = 0; c < outputs; c++)
        {
            ReadOnlySpan<sbyte> filter = weights.Slice(c * taps, taps);
            (int panel, int lane) = plan.Place(op, output, c);
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
            for (int c = 0; c < groupOut; c += _panelOutputs)
            {
                int* panel = PanelAt(plan.Place(op, output, first + c).Panel);
                OneStepPanels += SetScales(panel, scales.AsSpan(first + c, Math.Min(_panelOutputs, groupOut - c)));
            }
        }
    }

    /// <summary>Panels of one group of the convolution.</summary>
    public int PanelsOfGroup { get; }

    /// <summary>Panels for which a <see cref="WinogradScale"/> was found.</summary>
    public int OneStepPanels { get; }

    public long Bytes => _panels.Length;

    private int PanelInts => _panelOutputs / Panel.Channels * Panel.Ints;

    public int* PanelAt(int panel) => (int*)_panels.Pointer + panel * PanelInts;

    public void Dispose() => _panels.Dispose();

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
}
