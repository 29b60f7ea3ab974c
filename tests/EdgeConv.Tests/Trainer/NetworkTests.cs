using EdgeConv.Converters.Graphs;
using EdgeConv.Trainer;
using EdgeConv.Trainer.Networks;

namespace EdgeConv.Tests.Trainer;

public sealed class NetworkTests
{
    [Theory]
    [InlineData("lenet5", 416_520)]
    [InlineData("lenet5-1998", 416_520)]
    public void LeNet_5_has_the_published_counts(string name, long macs)
    {
        NetworkDescription network = KnownNetworks.Create(name, 10);
        Assert.Equal([156, 2_416, 48_120, 10_164, 850], network.Place().Select(layer => layer.Parameters).Where(n => n > 0));
        Assert.Equal(61_706, network.Parameters);
        Assert.Equal(macs, network.Macs);
    }

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
        var error = Assert.Throws<UsageException>(() => KnownNetworks.Create("lenet6", 10));
        Assert.Equal("Unknown model 'lenet6'. Known: lenet5, lenet5-1998.", error.Message);
    }

    [Fact]
    public void A_window_that_does_not_fit_names_its_layer()
    {
        var network = new NetworkDescription("small", new FeatureShape(4, 4, 1), [new ConvLayer(2, 3), new MaxPoolLayer(3, 3)]);
        var error = Assert.Throws<TrainingException>(network.Place);
        Assert.Contains("small, layer pool1: A 3x3 window does not fit its input of 2x2x2", error.Message);
    }

    [Fact]
    public void Groups_that_do_not_divide_the_channels_name_their_layer()
    {
        var network = new NetworkDescription("odd", new FeatureShape(4, 4, 3), [new ConvLayer(2, 3, Groups: 2)]);
        Assert.Contains("conv1: 2 groups", Assert.Throws<TrainingException>(network.Place).Message);
    }

    [Fact]
    public void The_exported_graph_has_weights_with_channels_last()
    {
        var network = new NetworkDescription("order", new FeatureShape(1, 2, 2), [new ConvLayer(1, 1), new FullyConnectedLayer(1)]);
        var two = new NetworkDescription("order", new FeatureShape(1, 2, 2), [new FullyConnectedLayer(1)]);
        Graph graph = GraphExport.Create(two, new float[] { 1, 2, 3, 4, 5 }, Some.Picture, []);

        Assert.Equal([typeof(Reshape), typeof(FullyConnected)], graph.Nodes.Select(node => node.Operation.GetType()));
        var connected = (FullyConnected)graph.Nodes[1].Operation;
        Assert.Equal([1, 3, 2, 4], connected.Weights); // torch's order is channel by channel
        Assert.Equal([5], connected.Bias);
        Assert.Equal([1, 4], graph.Nodes[0].Output.Shape);

        graph = GraphExport.Create(network, new float[] { 1, 2, 3, 4, 5, 6 }, Some.Picture, []);
        Assert.Equal([1, 2], ((Conv2D)graph.Nodes[0].Operation).Weights);
        Assert.Equal([1, 1, 2, 1], graph.Nodes[0].Output.Shape);
    }
}
