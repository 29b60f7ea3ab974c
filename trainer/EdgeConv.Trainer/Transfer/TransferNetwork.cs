using EdgeConv.Converters.Networks;

namespace EdgeConv.Trainer.Transfer;

/// <summary>A network of layers that are taken over and a new last one, cut where learning begins.</summary>
public sealed class TransferNetwork
{
    private TransferNetwork(TrainedNetwork whole, int cut)
    {
        Whole = whole;
        NetworkDescription network = whole.Network;
        IReadOnlyList<PlacedLayer> placed = network.Place();
        int weights = (int)placed.Take(cut).Sum(layer => layer.Parameters), statistics = placed.Take(cut).Sum(layer => layer.Statistics);
        if (cut > 0)
        {
            Front = new TrainedNetwork(
                network with { Layers = [.. network.Layers.Take(cut)] }, whole.Weights[..weights], whole.Statistics[..statistics], whole.Picture);
        }
        Layer[] rest = [.. network.Layers.Skip(cut).Select(layer => cut == 0 ? layer : Rename(layer, placed[cut - 1].Name))];
        var tail = new NetworkDescription(network.Name, cut == 0 ? network.Input : placed[cut - 1].Output, rest)
        { InitialGain = network.InitialGain };
        Tail = new TrainedNetwork(tail, whole.Weights[weights..], whole.Statistics[statistics..], null);
    }

    /// <summary>All layers, with the weights at which training begins.</summary>
    public TrainedNetwork Whole { get; }

    /// <summary>What does not change; null where everything learns.</summary>
    public TrainedNetwork? Front { get; }

    /// <summary>What learns, with the front's output for its input.</summary>
    public TrainedNetwork Tail { get; }

    /// <summary>Replaces the last layer, and cuts the network where learning begins.</summary>
    /// <param name="source">What is taken over.</param>
    /// <param name="options">Size of the pictures, where it is to be another, and the classes.</param>
    /// <param name="settings">How many layers are frozen, and what the new layer sees.</param>
    /// <param name="seed">Draws the new layer's weights.</param>
    /// <exception cref="TrainingException">The network does not allow it.</exception>
    public static TransferNetwork Create(TrainedNetwork source, NetworkOptions options, TransferSettings settings, ulong seed)
    {
        NetworkDescription old = source.Network;
        if (old.Layers[^1] is not FullyConnectedLayer)
        {
            throw new TrainingException(
                $"{old.Name} ends in {old.Place()[^1].Name} ({old.Layers[^1].Description}); a fully connected last layer is expected, "
                + "which a new one replaces.");
        }
        Layer[] kept = [.. old.Layers.Take(old.Layers.Count - 1)];
        var input = new FeatureShape(options.Height ?? old.Input.Height, options.Width ?? old.Input.Width, old.Input.Channels);
        var head = new FullyConnectedLayer(options.Classes ?? old.Classes);
        NetworkDescription network = old with { Input = input, Layers = [.. Spread(old with { Input = input }, kept, settings.Grid), head] };
        CheckKept(old, network, kept.Length);
        float[] initial = LayerWeights.Initial(network, seed), begin = [.. source.Weights];
        int known = (int)old.Place().Take(kept.Length).Sum(layer => layer.Parameters);
        float[] weights = [.. begin.AsSpan(0, known), .. initial.AsSpan(known)];
        return new TransferNetwork(new TrainedNetwork(network, weights, source.Statistics, source.Picture), Cut(network, settings.Frozen));
    }

    /// <summary>The whole network with what has been learnt.</summary>
    /// <param name="weights">Of the layers that learn.</param>
    /// <param name="statistics">Of the same.</param>
    public TrainedNetwork With(float[] weights, float[] statistics) => Whole with
    {
        Weights = [.. Front?.Weights ?? [], .. weights],
        Statistics = [.. Front?.Statistics ?? [], .. statistics],
    };

    // A mean over the whole picture forgets where things are; a few means keep that, and cost nothing but weights of the new layer.
    private static Layer[] Spread(NetworkDescription old, Layer[] kept, int grid)
    {
        if (grid == 1 || kept.Length == 0 || kept[^1] is not GlobalAverageLayer) return kept;
        FeatureShape map = old.Place()[kept.Length - 1].Input;
        int side = Math.Min(map.Height, map.Width);
        if (side <= grid) return [.. kept[..^1]];
        // The smallest windows that give the grid: they overlap rather than leave out an edge.
        int stride = side / grid, window = side - (grid - 1) * stride;
        return [.. kept[..^1], new AveragePoolLayer(window, stride)];
    }

    private static void CheckKept(NetworkDescription old, NetworkDescription network, int kept)
    {
        IReadOnlyList<PlacedLayer> before = old.Place(), now = network.Place();
        for (int i = 0; i < Math.Min(kept, now.Count - 1); i++)
        {
            if (before[i].Parameters == now[i].Parameters) continue;
            throw new TrainingException(
                $"{old.Name}, layer {before[i].Name}: its weights are for pictures of {old.Input}, "
                + $"so --size cannot be {network.Input.Height}x{network.Input.Width}. Leave --size out.");
        }
    }

    private static int Cut(NetworkDescription network, int? frozen)
    {
        IReadOnlyList<PlacedLayer> placed = network.Place();
        int[] weighted = [.. Enumerable.Range(0, placed.Count).Where(i => placed[i].Macs > 0)];
        int count = frozen ?? weighted.Length - 1;
        if (count >= weighted.Length)
        {
            throw new UsageException(
                $"--freeze {count} leaves nothing to learn: {network.Name} has {weighted.Length} layers with weights, the new one included.");
        }
        if (count == 0) return 0;
        if (IsWhole(placed, weighted[count])) return weighted[count];
        IEnumerable<int> possible = Enumerable.Range(1, weighted.Length - 1).Where(n => IsWhole(placed, weighted[n]));
        throw new UsageException(
            $"--freeze {count} would cut {network.Name} at {placed[weighted[count]].Name}, beside which another path runs. "
            + $"Possible are {string.Join(", ", possible)}.");
    }

    // Nothing behind the cut reads anything before it but its last layer.
    private static bool IsWhole(IReadOnlyList<PlacedLayer> placed, int cut) =>
        placed.Skip(cut).All(layer => layer.Sources.All(source => source >= cut - 1));

    private static Layer Rename(Layer layer, string last) =>
        layer with { From = [.. layer.From.Select(name => name == last ? NetworkText.Picture : name)] };
}
