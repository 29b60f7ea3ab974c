using System.Globalization;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// What a layer is estimated to take, in cycles of a Cortex-A53 as tests/arm64-bench models it; an A72 is quicker in nearly all of it by about
/// the same factor. Memory is in it where weights do not fit the cache: each of them is read once a picture.
/// </summary>
/// <param name="Four">By F(4x4, 3x3).</param>
/// <param name="Two">By F(2x2, 3x3).</param>
/// <param name="Direct">By the plain rule.</param>
internal sealed record WinogradCost(double Four, double Two, double Direct)
{
    private const double TileCycles = 16;      // eight input by eight output channels of a tile at one position: that many multiplications
    private const double GroupCycles = 16;     // the same for any number of tiles at once: loads of weights, 20 on the A53, which an A72 hides
    private const double CallCycles = 45;      // for all groups at once: the first of them, the sums' stores, the loop
    private const double LayerCycles = 8000;   // whatever its size
    private const double DirectRate = 3.5;     // multiply-accumulates a cycle of the direct kernel
    private const double CyclesAByte = 0.5;    // of weights that come from memory
    private const long CacheBytes = WinogradPlan.StripBytes;
    private const double LeastGain = 0.9;      // of the direct kernel's cycles: the weights take four or eight times the memory

    /// <summary>Cycles of a plan.</summary>
    public static double Of(WinogradPlan plan, Conv2DOp op, KernelContext context)
    {
        TensorInfo output = context.Info(op.Output);
        (double into, double outOf, double part) = plan.Tile is WinogradFour ? (330.0, 700.0, 900.0) : (125.0, 180.0, 160.0);   // of eight channels of a tile
        int rows = plan.Tiles(op, output.Shape[1]), columns = plan.Tiles(op, output.Shape[2]);
        double tiles = (double)rows * columns, strip = (double)plan.StripRows * plan.StripColumns, strips = tiles / strip;
        double panels = (double)op.Groups * Panel.Count(output.Shape[3] / op.Groups), depth = (double)plan.Depth * plan.Pieces.Count;
        double calls = Math.Ceiling(strip / TileProduct.MaxTiles);
        double position = depth * (strip * TileCycles + calls * GroupCycles) + plan.Parts.Length * calls * CallCycles;
        double multiply = panels * plan.Tile.Positions * strips * position;
        int vectors = (plan.Depth * op.Groups + 1) / 2 * 2;   // transformed two by two
        double weights = panels * plan.Tile.Positions * depth * Panel.Channels * Panel.Channels * sizeof(short);
        double store = plan.Parts.Length == 1 ? outOf : outOf + plan.Parts.Length * part;
        return LayerCycles + AtLeast(multiply, weights) + tiles * (vectors * plan.Pieces.Count * into + panels * store);
    }

    /// <summary>Cycles without any of it.</summary>
    public static double OfDirect(Conv2DOp op, KernelContext context)
    {
        TensorInfo output = context.Info(op.Output);
        double weights = (double)op.Window.KernelH * op.Window.KernelW * (context.Info(op.Input).Shape[3] / op.Groups) * output.Shape[3];
        return AtLeast(weights * op.Pool.Pixels * output.Shape[1] * output.Shape[2] / DirectRate, weights);
    }

    /// <summary>What of the two is less; null where the plain rule is.</summary>
    public WinogradTile? Best => Math.Min(Four, Two) > LeastGain * Direct ? null : Two < Four ? WinogradTile.Two : WinogradTile.Four;

    /// <summary>As explanations give it.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"thousands of A53 cycles estimated: {WinogradTile.Four} {Four / 1000:F0}, {WinogradTile.Two} {Two / 1000:F0}, direct {Direct / 1000:F0}");

    private static double AtLeast(double cycles, double weightBytes) => weightBytes > CacheBytes ? Math.Max(cycles, weightBytes * CyclesAByte) : cycles;
}
