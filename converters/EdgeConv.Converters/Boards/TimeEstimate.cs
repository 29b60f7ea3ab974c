using EdgeConv.Runtime;

namespace EdgeConv.Converters.Boards;

/// <summary>How long one inference may take: a range, never a promise.</summary>
/// <param name="LowSeconds">At the best rate that is plausible.</param>
/// <param name="HighSeconds">At the worst rate that is plausible.</param>
/// <param name="SlowestLayer">The layer with the largest share.</param>
/// <param name="SlowestShare">That share, 0 to 1.</param>
/// <param name="Source">The measurements behind it.</param>
public sealed record TimeEstimate(double LowSeconds, double HighSeconds, string SlowestLayer, double SlowestShare, string Source)
{
    /// <summary>The middle of the range, as a factor: as far below the high end as above the low one.</summary>
    public double Seconds => Math.Sqrt(LowSeconds * HighSeconds);

    /// <summary>The error bar: the middle divided or multiplied by this reaches the ends.</summary>
    public double Factor => Math.Sqrt(HighSeconds / LowSeconds);

    /// <summary>Estimates a model that the interpreter runs on one core of a board.</summary>
    /// <param name="layers">The model's.</param>
    /// <param name="board">One with <see cref="BoardSpeed.Rates"/>.</param>
    public static TimeEstimate Of(IReadOnlyList<LayerCost> layers, Board board)
    {
        LayerRates rates = KnownBoards.Speed(board).Rates!;
        return Of(layers.Select(layer => (layer.Name, new Rate(
            layer.Macs / rates.Of(layer.Kind).High + layer.Elements / rates.Elements.High,
            layer.Macs / rates.Of(layer.Kind).Low + layer.Elements / rates.Elements.Low))), board);
    }

    /// <summary>Estimates generated code on one core of a board.</summary>
    /// <param name="steps">Of each layer, by its name: what <see cref="BoardSpeed.CyclesAStep"/> counts.</param>
    /// <param name="board">One that has it.</param>
    public static TimeEstimate Of(IEnumerable<(string Layer, long Steps)> steps, Board board)
    {
        Rate cycles = KnownBoards.Speed(board).CyclesAStep!;
        return Of(steps.Select(layer => (layer.Layer, new Rate(layer.Steps * cycles.Low, layer.Steps * cycles.High))), board);
    }

    private static TimeEstimate Of(IEnumerable<(string Layer, Rate Cycles)> layers, Board board)
    {
        (double low, double high, string slowest, double most) = (0, 0, "", 0);
        foreach ((string layer, Rate cycles) in layers)
        {
            low += cycles.Low;
            high += cycles.High;
            double middle = Math.Sqrt(cycles.Low * cycles.High);
            (slowest, most) = middle > most ? (layer, middle) : (slowest, most);
        }

        return new TimeEstimate(low / board.ClockHz, high / board.ClockHz, slowest, most / Math.Sqrt(low * high), KnownBoards.Speed(board).Source);
    }
}
