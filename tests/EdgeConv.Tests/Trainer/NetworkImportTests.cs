using EdgeConv.Converters.Data;
using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Networks;
using EdgeConv.Converters.Onnx;
using EdgeConv.Runtime;
using EdgeConv.Trainer.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeConv.Tests.Trainer;

/// <summary>Networks that come back from a file can be trained, and compute what they computed.</summary>
[Collection("torch")]
public sealed class NetworkImportTests
{
    private const int Count = 3;

    [Theory]
    [InlineData("lenet5", 28)]
    [InlineData("lenet5-1998", 32)]
    [InlineData("ds-cnn", 32)]
    [InlineData("resnet8", 32)]
    [InlineData("conv7-cifar", 32)]
    [InlineData("resnet14-cifar", 32)]
    [InlineData("alexnet-cifar", 32)]
    [InlineData("alexnet", 67)]
    public void A_network_that_was_written_comes_back_with_the_same_scores(string name, int size)
    {
        NetworkDescription network = KnownNetworks.Create(
            name, new NetworkOptions { Height = size, Width = size, Classes = 10, Factor = name == "alexnet" ? 0.05 : 1 });
        var random = new SplitMix64(3);
        float[] weights = LayerWeights.Initial(network, 5), statistics = LayerWeights.InitialStatistics(network);
        foreach (ref float value in statistics.AsSpan()) value += random.NextSymmetric(0.25f);
        using var folder = new TemporaryFolder();
        OnnxWriter.Write(NetworkGraph.Create(network, weights, statistics, Transfers.Picture(network.Input), []), folder.Path("model.onnx"));

        TrainedNetwork back = NetworkImport.FromGraph(OnnxReader.Read(folder.Path("model.onnx")));

        Assert.Equal(Transfers.Picture(network.Input).Mean, back.Picture!.Mean);
        Assert.Equal(back.Network.Parameters, back.Weights.Length);
        var pictures = new float[Count * network.Input.Length];
        foreach (ref float value in pictures.AsSpan()) value = random.NextSymmetric(2);
        Near(Scores(network, weights, statistics, pictures), Scores(back.Network, back.Weights, back.Statistics, pictures));
    }

    [Fact]
    public void A_network_that_PyTorch_wrote_computes_the_same_as_torch_layers()
    {
        Graph graph = OnnxReader.Read(PyTorch("lenet"));
        TrainedNetwork network = NetworkImport.FromGraph(graph);
        var executor = new FloatExecutor(Fusion.Apply(graph));
        var random = new SplitMix64(4);
        var picture = new float[network.Network.Input.Length]; // one channel: CHW and HWC are the same
        foreach (ref float value in picture.AsSpan()) value = random.NextSymmetric(2);
        float[] expected = executor.Run(picture).ToArray(), actual = Scores(network.Network, network.Weights, network.Statistics, picture);
        // A softmax at the end is left out: scores differ by a constant from its logarithm.
        Near([.. expected.Select(x => x - expected[0])], [.. actual.Select(x => x - actual[0])]);
    }

    [Fact]
    public void A_node_that_cannot_be_trained_is_named()
    {
        var input = new Value("picture", [1, 8, 8, 1]);
        Graph With(Operation operation) => new("net", input, [new Node("strange", operation, ["picture"], new Value("out", [1, 8, 8, 1]))], "out");
        Assert.Contains("/stem/stem.2/HardSwish cannot be taken over", Message(OnnxReader.Read(PyTorch("mobile"))));
        Assert.Contains("strange cannot be taken over: PRelu", Message(With(new PRelu([0.1f]))));
        Assert.Contains("strange cannot be taken over: its window of 1x3", Message(With(new MaxPool(new Window(1, 3)))));
        Assert.Contains("strange cannot be taken over: the activation HardSwish", Message(With(new Activate(Activation.HardSwish))));

        static string Message(Graph graph) => Assert.Throws<NetworkException>(() => NetworkImport.FromGraph(graph)).Message;
    }

    [Fact]
    public void A_network_that_is_changed_is_placed_anew()
    {
        NetworkDescription network = KnownNetworks.Create("lenet5", 10);
        Assert.Equal(10, network.Place()[^1].Output.Channels);
        NetworkDescription other = network with { Layers = [.. network.Layers.Take(network.Layers.Count - 1), new FullyConnectedLayer(3)] };
        Assert.Equal(3, other.Place()[^1].Output.Channels);
    }

    private static string PyTorch(string name) => RepositoryFolder.Path("tests", "EdgeConv.Tests", "Converters", "PyTorch", name + ".onnx");

    private static float[] Scores(NetworkDescription network, float[] weights, float[] statistics, float[] pictures)
    {
        using var torchNetwork = new TorchNetwork(network, weights, statistics);
        using IDisposable mode = no_grad();
        using DisposeScope scope = NewDisposeScope();
        return torchNetwork.Forward(tensor(pictures).view(-1, network.Input.Channels, network.Input.Height, network.Input.Width)).data<float>().ToArray();
    }

    private static void Near(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.True(expected.Distinct().Count() > 5, "all scores are the same: nothing was compared");
        float scale = Math.Max(1, expected.Max(Math.Abs));
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], 1e-4f * scale);
    }
}
