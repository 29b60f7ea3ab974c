using EdgeConv.Converters.Graphs;

namespace EdgeConv.Converters.Networks;

/// <summary>A network with its weights, for the converter.</summary>
public static class NetworkGraph
{
    /// <summary>The graph ends in class scores (logits): the largest is the answer, before and after softmax.</summary>
    /// <param name="network">The layers.</param>
    /// <param name="weights">All parameters, in the order of <see cref="LayerWeights"/>.</param>
    /// <param name="statistics">All means and variances, in the order of <see cref="LayerWeights"/>.</param>
    /// <param name="picture">How pictures become the input.</param>
    /// <param name="labels">Class names.</param>
    public static Graph Create(NetworkDescription network, ReadOnlyMemory<float> weights, ReadOnlyMemory<float> statistics,
        PictureInput picture, IReadOnlyList<string> labels)
    {
        IReadOnlyList<float[][]> parameters = LayerWeights.Split(network, weights);
        IReadOnlyList<float[]> measured = LayerWeights.SplitStatistics(network, statistics);
        IReadOnlyList<PlacedLayer> layers = network.Place();
        var input = new Value(NetworkText.Picture, [1, network.Input.Height, network.Input.Width, network.Input.Channels]);
        var nodes = new List<Node>();
        var values = new Value[layers.Count];
        int flattened = 0;
        for (int i = 0; i < layers.Count; i++)
        {
            PlacedLayer layer = layers[i];
            Value[] sources = [.. layer.Sources.Select(source => source < 0 ? input : values[source])];
            if (layer.Layer is FullyConnectedLayer && sources[0].Shape.Count > 2)
                sources[0] = Add(flattened++ == 0 ? "flatten" : $"flatten{flattened}", new Reshape(), [1, sources[0].Length], sources);
            FeatureShape output = layer.Output;
            int[] shape = layer.IsFlat ? [1, output.Channels] : [1, output.Height, output.Width, output.Channels];
            Operation? operation = layer.Layer.Export(layer.Input, parameters[i], measured[i]);
            if (operation is Concat && layer.IsFlat) operation = new Concat(1);
            values[i] = operation == null ? sources[0] : Add(layer.Name, operation, shape, sources);
        }
        return new Graph(network.Name, input, nodes, values[^1].Name) { Picture = picture, Labels = labels };

        Value Add(string name, Operation operation, int[] shape, Value[] sources)
        {
            var result = new Value(name, shape);
            nodes.Add(new Node(name, operation, [.. sources.Select(source => source.Name)], result));
            return result;
        }
    }
}
