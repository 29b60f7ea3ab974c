using System.Globalization;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// What a layer is estimated to take, in cycles of a kind of processor. Memory is in it where weights do not fit the cache: each of them is
/// read once a picture.
/// </summary>
/// <param name="Processor">Which kind.</param>
/// <param name="Four">By F(4x4, 3x3).</param>
/// <param name="Two">By F(2x2, 3x3).</param>
/// <param name="Direct">By the plain rule.</param>
internal sealed record WinogradCost(WinogradProcessor Processor, double Four, double Two, double Direct)
{
    private const double LeastGain = 0.9;   // of the direct kernel's cycles: kept weights take four or eight times the memory

    /// <summary>Cycles of a plan.</summary>
    public static double Of(WinogradPlan plan, Conv2DOp op, KernelContext context)
    {
        TensorInfo output = context.Info(op.Output);
        WinogradProcessor processor = plan.Processor;
        (double into, double outOf, double part, double staged) = plan.Tile is WinogradFour ? processor.Four : processor.Two!;
        int rows = plan.Tiles(op, output.Shape[1]), columns = plan.Tiles(op, output.Shape[2]);
        double tiles = (double)rows * columns, strip = (double)plan.StripRows * plan.StripColumns, strips = tiles / strip;
        double panels = (double)op.Groups * plan.Panels(op, output), depth = (double)plan.Depth * plan.Pieces.Count;
        double calls = Math.Ceiling(strip / processor.TilesAtOnce);
        // pairs of input channels that are not there are left out
        int inputs = processor.AdjacentInputs > 1 ? WinogradPlan.RealInputs(context.Info(op.Input).Shape[3]) : Panel.Channels;
        double real = (double)inputs / Panel.Channels;
        double position = real * depth * (strip * processor.TileCycles + calls * processor.GroupCycles) + plan.Parts.Length * calls * processor.CallCycles;
        double multiply = panels * plan.Tile.Positions * strips * position;
        int vectors = (plan.Depth * op.Groups + processor.GroupsAtOnce - 1) / processor.GroupsAtOnce * processor.GroupsAtOnce;
        double weights = plan.KeepsWeights ? plan.TransformedBytes(op, output) : panels * depth * Panel.Channels * processor.Outputs * WinogradTile.Taps * WinogradTile.Taps;
        double transform = plan.KeepsWeights ? 0 : Math.Ceiling(strips) * panels * depth * processor.WeightCycles;
        double store = plan.Parts.Length == 1 ? outOf : outOf + plan.Parts.Length * part;
        double whole = output.Shape[3] / op.Groups % processor.Outputs == 0 ? (double)(output.Shape[1] / plan.TilePixels(op)) * (output.Shape[2] / plan.TilePixels(op)) : 0;
        store += staged * (tiles - whole) / tiles;
        return processor.LayerCycles + transform + AtLeast(processor, multiply, weights) + tiles * (vectors * plan.Pieces.Count * into + panels * store);
    }

    /// <summary>Cycles without any of it.</summary>
    public static double OfDirect(Conv2DOp op, KernelContext context, WinogradProcessor processor)
    {
        TensorInfo output = context.Info(op.Output);
        double weights = (double)op.Window.KernelH * op.Window.KernelW * (context.Info(op.Input).Shape[3] / op.Groups) * output.Shape[3];
        double pixels = (double)op.Pool.Pixels * output.Shape[1] * output.Shape[2];
        double outputs = (double)output.Shape[1] * output.Shape[2] * output.Shape[3];
        return processor.DirectLayerCycles + AtLeast(processor, pixels * weights / processor.DirectRate, weights) + processor.DirectOutputCycles * outputs;
    }

    /// <summary>What of the two is less; null where the plain rule is.</summary>
    public WinogradTile? Best => Math.Min(Four, Two) > LeastGain * Direct ? null : Two < Four ? WinogradTile.Two : WinogradTile.Four;

    /// <summary>As explanations give it.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"thousands of {Processor.Name} cycles estimated: {WinogradTile.Four} {Four / 1000:F0}, {(Processor.Two is null ? "" : $"{WinogradTile.Two} {Two / 1000:F0}, ")}direct {Direct / 1000:F0}");

    private static double AtLeast(WinogradProcessor processor, double cycles, double weightBytes) =>
        weightBytes > processor.CacheBytes ? Math.Max(cycles, weightBytes * processor.CyclesAByte) : cycles;
}
