using EdgeConv.Converters.Graphs;

namespace EdgeConv.Trainer.Networks;

/// <summary>A trained network for the converter.</summary>
public static class GraphExport
{
    /// <summary>The graph ends in class scores (logits): the largest is the answer, before and after softmax.</summary>
    /// <param name="description">The layers.</param>
    /// <param name="weights">All parameters, in the order of <see cref="TorchNetwork.Flat"/>.</param>
    /// <param name="picture">How pictures become the input.</param>
    /// <param name="labels">Class names.</param>
    public static Graph Create(
        NetworkDescription description, ReadOnlyMemory<float> weights, PictureInput picture, IReadOnlyList<string> labels)
    {
        IReadOnlyList<float[][]> parameters = TorchNetwork.Split(description, weights);
        IReadOnlyList<PlacedLayer> layers = description.Place();
        var nodes = new List<Node>();
        var value = new Value("picture", [1, description.Input.Height, description.Input.Width, description.Input.Channels]);
        Value input = value;
        for (int i = 0; i < layers.Count; i++)
        {
            PlacedLayer layer = layers[i];
            if (layer.Layer is FullyConnectedLayer && value.Shape.Count > 2)
                Add("flatten", new Reshape(), [1, value.Length]);
            FeatureShape output = layer.Output;
            bool vector = layer.Layer is FullyConnectedLayer || value.Shape.Count == 2;
            Add(layer.Name, layer.Layer.Export(layer.Input, parameters[i]),
                vector ? [1, output.Channels] : [1, output.Height, output.Width, output.Channels]);
        }
        return new Graph(description.Name, input, nodes, value.Name) { Picture = picture, Labels = labels };

        void Add(string name, Operation operation, int[] shape)
        {
            var result = new Value(name, shape);
            nodes.Add(new Node(name, operation, [value.Name], result));
            value = result;
        }
    }
}
