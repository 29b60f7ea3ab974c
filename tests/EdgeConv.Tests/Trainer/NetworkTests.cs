using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Networks;

namespace EdgeConv.Tests.Trainer;

public sealed class NetworkTests
{
    [Fact]
    public void Layers_are_named_and_sized()
    {
        IEnumerable<string> layers = KnownNetworks.Create("lenet5-1998", 10).Place().Select(layer => $"{layer.Name} {layer.Output}");
        Assert.Equal(
            ["conv1 28x28x6", "tanh1 28x28x6", "pool1 14x14x6", "conv2 10x10x16", "tanh2 10x10x16", "pool2 5x5x16",
                "fc1 120", "tanh3 120", "fc2 84", "tanh4 84", "fc3 10"], layers);
    }

    [Fact]
    public void An_unknown_network_is_answered_with_the_known_ones()
    {
        var error = Assert.Throws<UnknownNetworkException>(() => KnownNetworks.Create("lenet6", 10));
        Assert.StartsWith("Unknown model 'lenet6'. Known: lenet5, lenet5-1998, lenet-nano, ", error.Message);
        foreach (string name in KnownNetworks.Names) Assert.Contains(name, error.Message);
    }

    [Fact]
    public void A_window_that_does_not_fit_names_its_layer()
    {
        var network = new NetworkDescription("small", new FeatureShape(4, 4, 1), [new ConvLayer(2, 3), new MaxPoolLayer(3, 3)]);
        var error = Assert.Throws<NetworkException>(network.Place);
        Assert.Contains("small, layer pool1: A 3x3 window does not fit its input of 2x2x2", error.Message);
        Assert.Equal(1, error.Layer);
    }

    [Fact]
    public void Groups_that_do_not_divide_the_channels_name_their_layer()
    {
        var network = new NetworkDescription("odd", new FeatureShape(4, 4, 3), [new ConvLayer(2, 3, Groups: 2)]);
        Assert.Contains("conv1: 2 groups", Assert.Throws<NetworkException>(network.Place).Message);
    }

    [Fact]
    public void The_lectures_formulas_are_shown_with_the_layers_numbers()
    {
        IReadOnlyList<PlacedLayer> layers = KnownNetworks.Create("lenet5", 10).Place();
        Assert.Equal(
            ["(28 + 2*2 - 5)/1 + 1 = 28", "6 * (5*5*1 + 1) = 156 parameters", "28*28*6 * 25 = 117,600 MACs"], layers[0].Layer.Explain(layers[0].Input));
        Assert.Equal(["(28 + 2*0 - 2)/2 + 1 = 14"], layers[2].Layer.Explain(layers[2].Input));
        Assert.Equal(
            ["each neuron sees all 5*5*16 = 400", "120 * (400 + 1) = 48,120 parameters", "120 * 400 = 48,000 MACs"], layers[6].Layer.Explain(layers[6].Input));
    }

    [Theory]
    [MemberData(nameof(KnownNetworkNames))]
    public void What_is_explained_is_what_is_counted(string name)
    {
        foreach (PlacedLayer layer in KnownNetworks.Create(name, 10).Place())
        {
            IReadOnlyList<string> lines = layer.Layer.Explain(layer.Input);
            if (layer.Parameters > 0) Assert.Contains(lines, line => line.EndsWith(FormattableString.Invariant($"= {layer.Parameters:N0} parameters")));
            if (layer.Macs > 0) Assert.Contains(lines, line => line.EndsWith(FormattableString.Invariant($"= {layer.Macs:N0} MACs")));
        }
    }

    public static TheoryData<string> KnownNetworkNames => [.. KnownNetworks.Names];

    [Fact]
    public void The_exported_graph_has_weights_with_channels_last()
    {
        var network = new NetworkDescription("order", new FeatureShape(1, 2, 2), [new ConvLayer(1, 1), new FullyConnectedLayer(1)]);
        var two = new NetworkDescription("order", new FeatureShape(1, 2, 2), [new FullyConnectedLayer(1)]);
        Graph graph = NetworkGraph.Create(two, new float[] { 1, 2, 3, 4, 5 }, new float[0], Some.Picture, []);

        Assert.Equal([typeof(Reshape), typeof(FullyConnected)], graph.Nodes.Select(node => node.Operation.GetType()));
        var connected = (FullyConnected)graph.Nodes[1].Operation;
        Assert.Equal([1, 3, 2, 4], connected.Weights); // torch's order is channel by channel
        Assert.Equal([5], connected.Bias);
        Assert.Equal([1, 4], graph.Nodes[0].Output.Shape);

        graph = NetworkGraph.Create(network, new float[] { 1, 2, 3, 4, 5, 6 }, new float[0], Some.Picture, []);
        Assert.Equal([1, 2], ((Conv2D)graph.Nodes[0].Operation).Weights);
        Assert.Equal([1, 1, 2, 1], graph.Nodes[0].Output.Shape);
    }

    [Fact]
    public void Width_multiplies_all_layers_but_the_last_and_keeps_groups_whole()
    {
        NetworkDescription half = KnownNetworks.Create("alexnet", new NetworkOptions { Factor = 0.5 });
        Assert.Equal([48, 128, 192, 192, 128], half.Layers.OfType<ConvLayer>().Select(c => c.Filters));
        Assert.Equal([2048, 2048, 1000], half.Layers.OfType<FullyConnectedLayer>().Select(f => f.Outputs));
        foreach (string name in KnownNetworks.Names.Where(n => n != "lenet5-1998"))
            Assert.Equal(7, KnownNetworks.Create(name, new NetworkOptions { Factor = 0.3, Classes = 7 }).Classes);
        Assert.Throws<UnknownNetworkException>(() => KnownNetworks.Create("lenet5-1998", new NetworkOptions { Factor = 2, ConnectionTable = true }));
        Assert.Throws<UnknownNetworkException>(() => KnownNetworks.Create("lenet5", new NetworkOptions { ConnectionTable = true }));
    }
}
