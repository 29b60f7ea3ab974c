namespace EdgeConv.Converters.Networks;

/// <summary>Works out names, connections and sizes, layer by layer.</summary>
internal static class Placement
{
    /// <exception cref="NetworkException">A layer does not fit; the message names it.</exception>
    public static IReadOnlyList<PlacedLayer> Of(NetworkDescription network)
    {
        if (network.Layers.Count == 0) throw new NetworkException($"{network.Name} has no layers.");
        var placed = new List<PlacedLayer>(network.Layers.Count);
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        var names = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (Layer layer in network.Layers)
        {
            int number = counts[layer.Kind] = counts.GetValueOrDefault(layer.Kind) + 1;
            string name = layer.Name ?? $"{layer.Kind}{number}";
            try
            {
                PlacedLayer next = Place(network, placed, names, name, layer);
                if (!names.TryAdd(name, placed.Count)) throw new NetworkException($"There are two layers of the name {name}.");
                placed.Add(next);
            }
            catch (NetworkException e)
            {
                throw new NetworkException($"{network.Name}, layer {name}: {e.Message}", e) { Layer = placed.Count };
            }
        }
        return placed;
    }

    private static PlacedLayer Place(
        NetworkDescription network, List<PlacedLayer> placed, Dictionary<string, int> names, string name, Layer layer)
    {
        int[] named = [.. layer.From.Select(source => Find(names, source))];
        int[] sources = layer is JoinLayer ? [placed.Count - 1, .. named] : named.Length == 0 ? [placed.Count - 1] : named;
        if (layer is not JoinLayer && sources.Length > 1) throw new NetworkException($"It reads {sources.Length} layers; only add and concat do.");
        FeatureShape[] inputs = [.. sources.Select(s => s < 0 ? network.Input : placed[s].Output)];
        if (layer.Frozen && sources[0] >= 0) throw new NetworkException("Whitening is of pictures; only the first layer can do it.");
        bool flat = sources.Any(s => s >= 0 && placed[s].IsFlat);
        if (flat && layer is ConvLayer or DepthwiseLayer or TableConvLayer or PoolLayer or GlobalAverageLayer or LrnLayer)
            throw new NetworkException($"Behind a fully connected layer there is no picture left, only {inputs[0]} numbers.");
        if (flat && sources.Any(s => s < 0 || !placed[s].IsFlat))
            throw new NetworkException("It joins a picture with the numbers of a fully connected layer.");
        FeatureShape output = layer is JoinLayer join ? join.Output(inputs) : layer.Output(inputs[0]);
        return new PlacedLayer(name, layer, sources, inputs, output, flat || layer is FullyConnectedLayer);
    }

    private static int Find(Dictionary<string, int> names, string source) => source == NetworkText.Picture
        ? -1
        : names.TryGetValue(source, out int index)
            ? index
            : throw new NetworkException(
                $"There is no layer {source} before it. Before it are {string.Join(", ", names.Keys.Prepend(NetworkText.Picture))}.");
}
