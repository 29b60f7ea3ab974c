using EdgeConv.Cli.Yardstick;
using EdgeConv.Converters.Graphs;
using EdgeConv.Tests.Converters;
using EdgeConv.Tests.Quantization;

namespace EdgeConv.Tests.Cli;

/// <summary>What ONNX Runtime computes in the middle of the user's file stands where our layers say it does.</summary>
public sealed class OnnxLayersTests
{
    [Theory]
    [InlineData("residual")]
    [InlineData("inception")]
    [InlineData("separable")]
    [InlineData("vgg")]
    [InlineData("mobile")]
    public void Every_layer_is_the_one_of_the_imported_graph(string architecture)
    {
        using var folder = new TemporaryFolder();
        OnnxNetwork network = new ArchitectureBuilder(17).Build(architecture);
        string file = folder.Path("theirs.onnx");
        File.WriteAllBytes(file, network.ToBytes());
        Graph fused = Fusion.Apply(network.Import());
        float[] input = Networks.Samples(fused, 1)[0];
        Dictionary<string, float[]> expected = [];
        new FloatExecutor(fused).Run(input, (node, values) => expected[node.Name] = [.. values]);

        List<string> seen = [];
        using var layers = new OnnxLayers(file, fused);
        layers.Run(input, (node, values) =>
        {
            Tensors.AssertClose(expected[node.Name], values, 1e-4, $"{architecture}, {node.Name}");
            seen.Add(node.Name);
        });
        Assert.Equal(fused.Nodes.Select(node => node.Name), seen);
    }

    [Fact]
    public void A_row_that_was_flattened_from_a_picture_is_brought_to_its_order()
    {
        Graph graph = new NetworkBuilder("flat", 3, [1, 4, 5, 3]).Conv(2, new EdgeConv.Runtime.Window(3, 3)).Flatten()
            .Activate(Activation.Tanh).Dense(4).Build();
        IReadOnlyDictionary<string, ValueOrder> orders = ValueOrder.Of(graph);
        ValueOrder[] found = [.. graph.Nodes.Select(node => orders[node.Output.Name])];
        Assert.Equal([new(6, 2), new(6, 2), new(6, 2), new(1, 1)], found);
        float[] hwc = [.. Enumerable.Range(0, 12)];
        Assert.Equal([0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11], found[1].ToOnnx(hwc));
        Assert.Equal(hwc, found[1].FromOnnx(found[1].ToOnnx(hwc)));
    }
}
