namespace EdgeConv.Converters.Networks;

/// <summary>Makes networks thinner or wider.</summary>
internal static class NetworkScaling
{
    /// <summary>Multiplies filters and neurons of all layers but the last that has any.</summary>
    /// <exception cref="UnknownNetworkException">The network has a connection table, which names its filters.</exception>
    public static NetworkDescription Apply(NetworkDescription network, double factor)
    {
        if (factor == 1) return network;
        int last = network.Layers.ToList().FindLastIndex(layer => layer is ConvLayer or FullyConnectedLayer or TableConvLayer);
        return network with { Layers = [.. network.Layers.Select((layer, i) => i == last ? layer : Scale(layer, factor))] };
    }

    // Whitening keeps its filters: their number follows from the patches.
    private static Layer Scale(Layer layer, double factor) => layer switch
    {
        TableConvLayer => throw new UnknownNetworkException("A network with a connection table has no --width: the table names its filters."),
        ConvLayer { Start: InitialFilters.Random } conv => conv with { Filters = Scale(conv.Filters, factor, conv.Groups) },
        FullyConnectedLayer full => full with { Outputs = Scale(full.Outputs, factor, 1) },
        _ => layer,
    };

    // Two groups stay two groups, before and behind this layer.
    private static int Scale(int count, double factor, int groups)
    {
        int multiple = count % 2 == 0 ? Math.Max(2, groups) : groups;
        return multiple * Math.Max(1, (int)Math.Round(count * factor / multiple));
    }
}
