using EdgeConv.Runtime;

namespace EdgeConv.Converters.Boards;

/// <summary>How long one inference may take: a range, never a promise.</summary>
/// <param name="LowSeconds">At the best rate that is plausible.</param>
/// <param name="HighSeconds">At the worst rate that is plausible.</param>
/// <param name="SlowestLayer">The layer with the largest share.</param>
/// <param name="SlowestShare">That share, 0 to 1.</param>
/// <param name="Source">The measurements behind the rates.</param>
public sealed record TimeEstimate(double LowSeconds, double HighSeconds, string SlowestLayer, double SlowestShare, string Source)
{
    /// <summary>The middle of the range, as a factor: as far below the high end as above the low one.</summary>
    public double Seconds => Math.Sqrt(LowSeconds * HighSeconds);

    /// <summary>The error bar: the middle divided or multiplied by this reaches the ends.</summary>
    public double Factor => Math.Sqrt(HighSeconds / LowSeconds);

    /// <summary>Estimates a model on one core of a board.</summary>
    public static TimeEstimate Of(IReadOnlyList<LayerCost> layers, Board board)
    {
        BoardSpeed speed = KnownBoards.Speed(board);
        double low = 0, high = 0;
        (LayerCost? Layer, double Seconds) slowest = (null, 0);
        foreach (LayerCost layer in layers)
        {
            Rate rate = layer.Kind switch
            {
                LayerKind.Depthwise => speed.Depthwise,
                LayerKind.FullyConnected => speed.FullyConnected,
                LayerKind.Plain => speed.Plain,
                _ => speed.Convolution,
            };
            double atBest = (layer.Macs / rate.High + layer.Elements / speed.Elements.High) / board.ClockHz;
            double atWorst = (layer.Macs / rate.Low + layer.Elements / speed.Elements.Low) / board.ClockHz;
            low += atBest;
            high += atWorst;
            double middle = Math.Sqrt(atBest * atWorst);
            slowest = middle > slowest.Seconds ? (layer, middle) : slowest;
        }

        return new TimeEstimate(low, high, slowest.Layer?.Name ?? "", slowest.Seconds / Math.Sqrt(low * high), speed.Source);
    }
}
