namespace EdgeConv.Converters.Graphs;

/// <summary>Questions that several passes ask of a graph.</summary>
internal static class GraphQueries
{
    /// <summary>Every value by its name, the input included.</summary>
    public static Dictionary<string, Value> Values(this Graph graph) =>
        graph.Nodes.Select(n => n.Output).Prepend(graph.Input).ToDictionary(v => v.Name);

    /// <summary>How many nodes read each value; the caller's reading of the output counts too.</summary>
    public static Dictionary<string, int> ReaderCounts(this Graph graph) =>
        graph.Nodes.SelectMany(n => n.Inputs).Append(graph.Output).CountBy(name => name).ToDictionary();
}
