namespace EdgeConv.Converters.Graphs;

/// <summary>
/// Finds the functions that exporters spell out: x * sigmoid(x), x * clip(x + 3, 0, 6) / 6, x * (1 + erf(x / sqrt 2)) / 2 and so on
/// become one node. They are recognised by what they compute, not by how it is written.
/// </summary>
internal static class FunctionPatterns
{
    private const int MostSteps = 10;
    private const double Tolerance = 1e-5;

    private static readonly Activate[] _known =
    [
        new(Activation.Silu, 1), new(Activation.Silu, 1.702f), new(Activation.HardSwish), new(Activation.Gelu), new(Activation.GeluTanh),
        new(Activation.Mish), new(Activation.HardSigmoid, 1 / 6f, 0.5f), new(Activation.HardSigmoid, 0.2f, 0.5f), new(Activation.Softsign),
    ];

    private static readonly double[] _points = [.. Enumerable.Range(-40, 81).Select(i => i * 0.21)];

    /// <summary>Applies the rewrite and drops what nobody reads any more.</summary>
    public static Graph Apply(Graph graph)
    {
        Dictionary<string, List<Trace>> traces = [];
        Activate[] known = [.. _known, .. Scaled(graph)];
        var nodes = new List<Node>();
        foreach (Node node in graph.Nodes)
        {
            List<Trace> found = Follow(node, traces);

            // What a file quantizes on the way is computed as the file says.
            traces[node.Output.Name] = graph.Given.ContainsKey(node.Output.Name) ? [] : found;
            (string? source, Activate? function) = found.Where(t => t.Steps > 1).Select(t => (t.Source, Function: Match(known, t.Values)))
                .FirstOrDefault(t => t.Function is not null);
            nodes.Add(function is null ? node : node with { Operation = function, Inputs = [source!] });
        }

        return Pruned(graph with { Nodes = nodes });
    }

    // x * sigmoid(alpha * x) with any factor that the network has.
    private static IEnumerable<Activate> Scaled(Graph graph) => graph.Nodes.Select(n => n.Operation).OfType<BatchNormalization>()
        .Select(b => Uniform(b)).Where(u => u is { Scale: > 0, Shift: 0 }).Select(u => new Activate(Activation.Silu, (float)u!.Value.Scale)).Distinct();

    // What a value is of each of its ancestors, at the sample points.
    private static List<Trace> Follow(Node node, Dictionary<string, List<Trace>> traces)
    {
        List<Trace> Of(string value) => [new Trace(value, 0, _points), .. traces.GetValueOrDefault(value) ?? []];
        IEnumerable<Trace> all = node.Operation switch
        {
            Activate a => Of(node.Inputs[0]).Select(t => t.Then(v => Activations.Compute(a, v))),
            BatchNormalization b when Uniform(b) is var (scale, shift) => Of(node.Inputs[0]).Select(t => t.Then(v => (v * scale) + shift)),
            Arithmetic { Other: null, Activation: Activation.None } a =>
                from left in Of(node.Inputs[0])
                from right in Of(node.Inputs[1])
                where left.Source == right.Source
                select left.Combine(right, a.Function),
            _ => [],
        };
        return [.. all.Where(t => t.Steps <= MostSteps)];
    }

    private static (double Scale, double Shift)? Uniform(BatchNormalization b)
    {
        double scale = b.Scale[0] / Math.Sqrt((double)b.Variance[0] + b.Epsilon);
        bool same = Same(b.Scale) && Same(b.Shift) && Same(b.Mean) && Same(b.Variance);
        return same ? (scale, b.Shift[0] - (b.Mean[0] * scale)) : null;
    }

    private static bool Same(float[] values) => Array.TrueForAll(values, v => v == values[0]);

    private static Activate? Match(Activate[] known, double[] values) => Array.Find(known, k => _points.Zip(values).All(
        p => Math.Abs(Activations.Compute(k, p.First) - p.Second) <= Tolerance * Math.Max(1, Math.Abs(p.First))));

    private static Graph Pruned(Graph graph)
    {
        HashSet<string> needed = [graph.Output];
        var live = new List<Node>();
        foreach (Node node in graph.Nodes.Reverse().Where(n => needed.Contains(n.Output.Name)))
        {
            needed.UnionWith(node.Inputs);
            live.Add(node);
        }

        live.Reverse();
        return graph with { Nodes = live };
    }

    private sealed record Trace(string Source, int Steps, double[] Values)
    {
        public Trace Then(Func<double, double> function) => new(Source, Steps + 1, [.. Values.Select(function)]);

        public Trace Combine(Trace other, ArithmeticFunction function) => new(Source, Steps + other.Steps + 1,
            [.. Values.Zip(other.Values, (a, b) => function switch
            {
                ArithmeticFunction.Add => a + b,
                ArithmeticFunction.Sub => a - b,
                _ => a * b,
            })]);
    }
}
