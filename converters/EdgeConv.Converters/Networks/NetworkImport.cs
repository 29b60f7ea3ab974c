using EdgeConv.Converters.Graphs;

namespace EdgeConv.Converters.Networks;

/// <summary>
/// The way back from a graph to layers that can be trained: the inverse of <see cref="NetworkGraph"/>, for networks of any origin as far
/// as the layers here express them.
/// </summary>
public static class NetworkImport
{
    /// <summary>Reads a float graph.</summary>
    /// <param name="graph">Of any importer, before fusion.</param>
    /// <exception cref="NetworkException">A node has no layer here; the message names it.</exception>
    public static TrainedNetwork FromGraph(Graph graph)
    {
        if (graph.IsQuantized)
            throw new NetworkException($"{graph.Name} holds integers or scales; a float network is expected, since only that can learn.");
        var layers = new List<ImportedLayer>();
        var shapes = new Dictionary<string, IReadOnlyList<int>> { [graph.Input.Name] = graph.Input.Shape };
        // Which layer a value comes from; -1 is the picture.
        var origin = new Dictionary<string, int> { [graph.Input.Name] = -1 };
        foreach (Node node in graph.Nodes)
        {
            int[] sources = [.. node.Inputs.Select(input => origin[input])];
            IReadOnlyList<int> shape = shapes[node.Inputs[0]];
            foreach (ImportedLayer layer in NodeLayers.Of(node, shape, isLast: node.Output.Name == graph.Output))
            {
                layers.Add(layer with { Sources = sources });
                sources = [layers.Count - 1];
            }
            // Reshape and the last softmax leave no layer behind.
            origin[node.Output.Name] = sources[0];
            // A flattened picture is still one: fully connected weights follow its rows, columns and channels.
            shapes[node.Output.Name] = node.Output.Shape.Count == 4 || node.Operation is FullyConnected ? node.Output.Shape : shape;
        }
        if (origin[graph.Output] != layers.Count - 1) throw new NetworkException($"{graph.Name} has layers behind its output {graph.Output}.");
        var network = new NetworkDescription(graph.Name, Size(graph.Input), Connect(layers));
        network.Place();
        return new TrainedNetwork(
            network, [.. layers.SelectMany(l => l.Parameters).SelectMany(p => p)], [.. layers.SelectMany(l => l.Statistics)], graph.Picture);
    }

    private static FeatureShape Size(Value input) => input.Shape.Count == 4
        ? new FeatureShape(input.Shape[1], input.Shape[2], input.Shape[3])
        : throw new NetworkException($"The network's input {input.Name} has {input.Shape.Count} dimensions; pictures are expected, which have 4.");

    // Layers read the one before; whoever else is read gets a name.
    private static List<Layer> Connect(List<ImportedLayer> layers)
    {
        var names = new Dictionary<int, string> { [-1] = NetworkText.Picture };
        var result = new List<Layer>();
        for (int i = 0; i < layers.Count; i++)
        {
            (Layer layer, IReadOnlyList<int> sources) = (layers[i].Layer, layers[i].Sources);
            if (layer is JoinLayer)
            {
                // A sum has no order.
                if (layer is AddLayer && sources[0] != i - 1) sources = [.. sources.Reverse()];
                if (sources[0] != i - 1)
                {
                    throw new NetworkException(
                        $"The node {layers[i].Node} joins layers in another order than they are computed in; that cannot be trained here.");
                }
                layer = layer with { From = [.. sources.Skip(1).Select(NameOf)] };
            }
            else if (sources[0] != i - 1)
            {
                layer = layer with { From = [NameOf(sources[0])] };
            }
            result.Add(layer);
        }
        foreach ((int index, string name) in names.Where(n => n.Key >= 0)) result[index] = result[index] with { Name = name };
        return result;

        string NameOf(int index)
        {
            if (!names.TryGetValue(index, out string? name)) names[index] = name = $"trunk{names.Count}";
            return name;
        }
    }
}

/// <summary>A layer with what it has learnt.</summary>
/// <param name="Node">Where it comes from.</param>
/// <param name="Layer">Without inputs and name.</param>
/// <param name="Parameters">In the order of <see cref="Layer.ParameterShapes"/>.</param>
/// <param name="Statistics">Means, then variances.</param>
internal sealed record ImportedLayer(string Node, Layer Layer, float[][] Parameters, float[] Statistics)
{
    /// <summary>Indices of the layers that it reads.</summary>
    public IReadOnlyList<int> Sources { get; init; } = [];
}
