using EdgeConv.Converters;
using EdgeConv.Converters.Boards;
using EdgeConv.Converters.Networks;
using EdgeConv.Runtime;

namespace EdgeConv.Tests.Trainer;

/// <summary>Parameters and multiply-accumulates against the published ones, layer by layer.</summary>
public sealed class PublishedCountTests
{
    [Theory]
    [InlineData("lenet5", 61_706, 156, 2_416, 48_120, 10_164, 850)]
    [InlineData("lenet5-1998", 61_706, 156, 2_416, 48_120, 10_164, 850)]
    [InlineData("alexnet", 60_965_224, 34_944, 307_456, 885_120, 663_936, 442_624, 37_752_832, 16_781_312, 4_097_000)]
    [InlineData("alexnet-2014", 61_100_840, 23_296, 307_392, 663_936, 884_992, 590_080, 37_752_832, 16_781_312, 4_097_000)]
    [InlineData("vgg11", 132_863_336,
        1_792, 73_856, 295_168, 590_080, 1_180_160, 2_359_808, 2_359_808, 2_359_808, 102_764_544, 16_781_312, 4_097_000)]
    [InlineData("vgg13", 133_047_848, 1_792, 36_928, 73_856, 147_584, 295_168, 590_080, 1_180_160, 2_359_808, 2_359_808, 2_359_808,
        102_764_544, 16_781_312, 4_097_000)]
    [InlineData("vgg16", 138_357_544, 1_792, 36_928, 73_856, 147_584, 295_168, 590_080, 590_080, 1_180_160, 2_359_808, 2_359_808, 2_359_808,
        2_359_808, 2_359_808, 102_764_544, 16_781_312, 4_097_000)]
    [InlineData("vgg19", 143_667_240, 1_792, 36_928, 73_856, 147_584, 295_168, 590_080, 590_080, 590_080, 1_180_160, 2_359_808, 2_359_808,
        2_359_808, 2_359_808, 2_359_808, 2_359_808, 2_359_808, 102_764_544, 16_781_312, 4_097_000)]
    public void Parameters_are_exact_layer_by_layer(string name, int sum, params int[] layers)
    {
        NetworkDescription network = KnownNetworks.Create(name, new NetworkOptions());
        Assert.Equal(layers, network.Place().Select(layer => (int)layer.Parameters).Where(n => n > 0));
        Assert.Equal(sum, network.Parameters);
    }

    [Theory]
    [InlineData("vgg11-bn", 132_868_840)]
    [InlineData("vgg13-bn", 133_053_736)]
    [InlineData("vgg16-bn", 138_365_992)]
    [InlineData("vgg19-bn", 143_678_248)]
    [InlineData("conv7-fashion", 73_714)]
    [InlineData("conv7-cifar", 295_106)]
    [InlineData("resnet14-cifar", 380_282)]
    public void Parameters_are_exact_in_all(string name, long sum) =>
        Assert.Equal(sum, KnownNetworks.Create(name, new NetworkOptions()).Parameters);

    [Theory]
    [InlineData("lenet5", 416_520)]
    [InlineData("lenet5-1998", 416_520)]
    [InlineData("resnet14-cifar", 41_204_672)]
    [InlineData("alexnet", 724_406_816)]
    [InlineData("vgg16", 15_470_264_320)]
    [InlineData("vgg19", 19_632_062_464)]
    public void Macs_are_exact(string name, long macs) => Assert.Equal(macs, KnownNetworks.Create(name, new NetworkOptions()).Macs);

    [Fact]
    public void LeNet_5_of_1998_has_the_papers_partial_connections()
    {
        NetworkDescription network = KnownNetworks.Create("lenet5-1998", new NetworkOptions { ConnectionTable = true });
        Assert.Equal([156, 1_516, 48_120, 10_164, 850], network.Place().Select(layer => layer.Parameters).Where(n => n > 0));
        Assert.Equal(10 * 10 * 1_500, network.Place()[3].Macs);
    }

    [Fact]
    public void ResNet8_has_the_published_count_with_what_batch_normalization_measures()
    {
        NetworkDescription network = KnownNetworks.Create("resnet8", 10);
        Assert.Equal(78_666, network.Parameters + network.Statistics);
    }

    [Fact]
    public void Networks_for_microcontrollers_are_small()
    {
        Assert.InRange(KnownNetworks.Create("lenet-nano", 10).Parameters, 1_000, 9_999);
        Assert.InRange(KnownNetworks.Create("ds-cnn", 10).Int8Bytes, 1_000, 48 * 1024);
    }

    [Theory]
    [InlineData("lenet5")]
    [InlineData("lenet-nano")]
    [InlineData("resnet8")]
    [InlineData("ds-cnn")]
    public void The_int8_size_is_what_the_model_file_holds(string name)
    {
        NetworkDescription network = KnownNetworks.Create(name, new NetworkOptions { Height = 28, Width = 28, Channels = 1, Classes = 10 });
        var graph = NetworkGraph.Create(network, LayerWeights.Initial(network, 1), LayerWeights.InitialStatistics(network), Some.Picture, []);
        byte[] file = Converter.Convert(graph, new TinyDigits(0, 20), null, new ConversionOptions()).File;
        using var folder = new TemporaryFolder();
        using Model model = Model.Open(folder.Write("model.ecm", file));
        Assert.Equal(network.Int8Bytes, model.Operators.Select(step => LayerCost.Of(model, step)).Where(c => c.Macs > 0).Sum(c => c.ConstantBytes));
        Assert.Equal(network.Macs, model.Operators.Sum(step => LayerCost.Of(model, step).Macs));
    }
}
