using EdgeConv.Converters.Graphs;

namespace EdgeConv.Converters;

/// <summary>How many pictures a conversion takes when nobody says: as many as are useful, or fewer where each takes long.</summary>
/// <param name="Macs">Multiplications of one picture.</param>
/// <param name="CalibrationImages">Pictures to calibrate with.</param>
/// <param name="ComparedImages">Pictures on which layers are compared.</param>
public sealed record Effort(long Macs, int CalibrationImages, int ComparedImages)
{
    /// <summary>Beyond that, more calibration pictures hardly move a range.</summary>
    public const int UsefulImages = 500;

    private const int UsefulComparisons = 100, FewestImages = 16, FewestComparisons = 8;

    // About half a minute, and a quarter, on two cores that do eight giga of them a second each.
    private const double CalibrationMacs = 500e9, ComparisonMacs = 250e9;

    /// <summary>For a network that is quick.</summary>
    public static Effort Most { get; } = new(0, UsefulImages, UsefulComparisons);

    /// <summary>For a network.</summary>
    public static Effort For(Graph graph)
    {
        Dictionary<string, Value> values = graph.Values();
        long macs = graph.Nodes.Sum(n => MacsOf(n, values));
        return new Effort(macs, Images(CalibrationMacs, macs, FewestImages, UsefulImages),
            Images(ComparisonMacs, macs, FewestComparisons, UsefulComparisons));
    }

    private static int Images(double budget, long macs, int fewest, int most) => (int)Math.Clamp(budget / Math.Max(1, macs), fewest, most);

    private static long MacsOf(Node node, Dictionary<string, Value> values) => node.Operation switch
    {
        Conv2D c => (long)node.Output.Length * (c.Weights.Length / c.Bias.Length),
        FullyConnected f => f.Weights.Length,
        TransposeConv t => (long)values[node.Inputs[0]].Length * (t.Weights.Length / values[node.Inputs[0]].Shape[^1]),
        _ => 0,
    };
}
