using EdgeConv.Converters.Networks;
using EdgeConv.Trainer;
using EdgeConv.Trainer.Transfer;

namespace EdgeConv.Tests.Trainer;

/// <summary>Which layers are taken over, which are new, and where the network is cut.</summary>
public sealed class TransferNetworkTests
{
    [Theory]
    [InlineData(null, "fc 10")]
    [InlineData(4, "fc 10")]
    [InlineData(3, "fc 84|relu|fc 10")]
    [InlineData(2, "fc 120|relu|fc 84|relu|fc 10")]
    [InlineData(1, "conv 16 5x5|relu|maxpool 2x2 stride 2|fc 120|relu|fc 84|relu|fc 10")]
    public void The_first_layers_with_weights_stay_and_the_others_learn(int? frozen, string learning)
    {
        TransferNetwork network = Transfers.Network("lenet5", frozen);
        Assert.Equal(learning, string.Join('|', network.Tail.Network.Layers.Select(layer => layer.Text)));
        Assert.Equal(network.Tail.Network.Input, network.Front!.Network.Place()[^1].Output);
        Assert.Equal<IEnumerable<float>>(network.Whole.Weights, [.. network.Front.Weights, .. network.Tail.Weights]);
        Assert.Equal(network.Tail.Network.Parameters, network.Tail.Weights.Length);
    }

    [Fact]
    public void With_nothing_frozen_all_weights_but_the_last_layers_are_the_sources()
    {
        TransferNetwork network = Transfers.Network("lenet5", 0, classes: 7);
        Assert.Null(network.Front);
        Assert.Equal(7, network.Whole.Network.Classes);
        int kept = 156 + 2416 + 48120 + 10164;
        Assert.Equal(Transfers.Source("lenet5").Weights[..kept], network.Tail.Weights[..kept]);
        Assert.Equal(kept + 7 * 85, network.Tail.Weights.Length);
    }

    [Fact]
    public void Residual_networks_are_cut_between_blocks_only()
    {
        Assert.Equal("conv 16 3x3 stride 2 pad 1", Transfers.Network("resnet8", 3).Tail.Network.Layers[0].Text);
        Assert.Contains(Transfers.Network("resnet8", 3).Tail.Network.Layers, layer => layer.From.Contains("picture"));
        string message = Assert.Throws<UsageException>(() => Transfers.Network("resnet8", 2)).Message;
        Assert.Contains("would cut resnet8 at conv3", message);
        Assert.Contains("Possible are 1, 3, 6, 9.", message);
    }

    [Theory]
    [InlineData(28, 1, 1)]
    [InlineData(28, 3, 3)]
    [InlineData(56, 3, 3)]
    [InlineData(60, 2, 2)]
    public void The_new_layer_sees_a_grid_of_means(int size, int grid, int side)
    {
        TransferNetwork network = Transfers.Network("conv7-fashion", null, grid: grid, size: size);
        FeatureShape features = network.Front!.Network.Place()[^1].Output;
        Assert.Equal((side, side), (features.Height, features.Width));
    }

    [Fact]
    public void What_cannot_be_taken_over_is_said()
    {
        Assert.Contains("--freeze 5 leaves nothing to learn: lenet5 has 5 layers", Message<UsageException>(() => Transfers.Network("lenet5", 5)));
        Assert.Contains("layer fc1: its weights are for pictures of 28x28x1, so --size cannot be 40x40",
            Message<TrainingException>(() => Transfers.Network("lenet5", null, size: 40)));
        TrainedNetwork source = Transfers.Source("lenet5");
        TrainedNetwork open = source with { Network = source.Network with { Layers = [.. source.Network.Layers.SkipLast(1)] } };
        Assert.Contains("lenet5 ends in relu4", Message<TrainingException>(
            () => TransferNetwork.Create(open, new NetworkOptions { Classes = 3 }, Transfers.Settings.Transfer!, 1)));

        static string Message<T>(Action action) where T : Exception => Assert.Throws<T>(action).Message;
    }
}
