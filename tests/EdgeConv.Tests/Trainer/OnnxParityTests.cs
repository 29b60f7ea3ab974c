using EdgeConv.Converters.Data;
using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Networks;
using EdgeConv.Converters.Onnx;
using EdgeConv.Runtime.Preprocessing;
using EdgeConv.Trainer.Networks;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using TorchSharp;

namespace EdgeConv.Tests.Trainer;

/// <summary>Torch, ONNX Runtime on the exported file, and our own reading of it compute the same.</summary>
[Collection("torch")]
public sealed class OnnxParityTests
{
    private const int Count = 3, Classes = 10;

    // Small sizes and widths: what is compared is every kind of layer and connection, not the number of filters.
    public static TheoryData<string, int, double> Networks =>
    [
        .. KnownNetworks.Names.Select(name => new TheoryDataRow<string, int, double>(name, Size(name), IsLarge(name) ? 0.05 : 1)),
    ];

    [Theory]
    [MemberData(nameof(Networks))]
    public void The_exported_file_computes_in_ONNX_Runtime_what_torch_computes(string name, int size, double width) => Compare(
        KnownNetworks.Create(name, new NetworkOptions { Height = size, Width = size, Classes = Classes, Factor = width }));

    [Fact]
    public void So_does_a_network_with_a_connection_table() =>
        Compare(KnownNetworks.Create("lenet5-1998", new NetworkOptions { ConnectionTable = true }));

    [Fact]
    public void So_does_a_network_of_every_other_kind_of_layer() => Compare(NetworkParser.Parse("""
        input 13x17x3
        conv 6 3x3 stride 2 pad 1
        trunk: sigmoid
        dw 3x3 pad same
        relu6
        concat trunk trunk
        avgpool 3x3 stride 2 pad 1
        maxpool 3x3 stride 1 pad 1
        lrn 3 alpha 0.5 beta 0.6 k 1
        bn
        conv 8 1x1 groups 2
        fc 12
        hidden: tanh
        bn
        dropout
        add hidden
        concat hidden
        fc 10
        """, "all.net"));

    private static void Compare(NetworkDescription network)
    {
        float[] statistics = LayerWeights.InitialStatistics(network);
        var random = new SplitMix64(9);
        foreach (ref float value in statistics.AsSpan()) value += random.NextSymmetric(0.25f);
        using var torchNetwork = new TorchNetwork(network, LayerWeights.Initial(network, 5), statistics);
        (int height, int width, int channels) = (network.Input.Height, network.Input.Width, network.Input.Channels);
        var pictures = new float[Count * network.Input.Length];
        foreach (ref float value in pictures.AsSpan()) value = random.NextSymmetric(2);
        float[] expected;
        using (torch.no_grad())
        using (var scope = torch.NewDisposeScope())
            expected = torchNetwork.Forward(torch.tensor(pictures, [Count, channels, height, width])).data<float>().ToArray();

        var layout = new PictureLayout(width, height, channels == 1 ? ColorOrder.Gray : ColorOrder.Rgb);
        var picture = new PictureInput(layout, [.. Enumerable.Repeat(0.5f, channels)], [.. Enumerable.Repeat(0.25f, channels)]);
        Graph graph = NetworkGraph.Create(network, torchNetwork.Flat.data<float>().ToArray(), statistics, picture, []);
        using var folder = new TemporaryFolder();
        string path = folder.Path("model.onnx");
        OnnxWriter.Write(graph, path);
        using var session = new InferenceSession(path);
        Graph read = OnnxReader.Read(path);
        var executor = new FloatExecutor(Fusion.Apply(read));
        Assert.Equal(layout, read.Picture!.Layout);
        for (int i = 0; i < Count; i++)
        {
            float[] chw = pictures[(i * network.Input.Length)..((i + 1) * network.Input.Length)];
            using var results = session.Run(
                [NamedOnnxValue.CreateFromTensor(session.InputNames[0], new DenseTensor<float>(chw, [1, channels, height, width]))]);
            Near(expected.AsSpan(i * Classes, Classes), results[0].AsTensor<float>().ToArray());
            Near(expected.AsSpan(i * Classes, Classes), executor.Run(Hwc(chw, channels)).ToArray());
        }
    }

    private static void Near(ReadOnlySpan<float> expected, float[] actual)
    {
        Assert.Equal(Classes, actual.Length);
        Assert.True(expected.ToArray().Distinct().Count() > 1, "all scores are the same: nothing was compared");
        float scale = Math.Max(1, expected.ToArray().Max(Math.Abs));
        for (int c = 0; c < Classes; c++) Assert.Equal(expected[c], actual[c], 1e-4f * scale);
    }

    private static float[] Hwc(float[] chw, int channels)
    {
        int pixels = chw.Length / channels;
        return [.. Enumerable.Range(0, chw.Length).Select(i => chw[i % channels * pixels + i / channels])];
    }

    private static bool IsLarge(string name) => !name.EndsWith("-cifar") && (name.StartsWith("vgg") || name.StartsWith("alexnet"));

    private static int Size(string name) => name switch
    {
        "alexnet" => 67,
        "alexnet-2014" => 64,
        _ when name.StartsWith("lenet5-") => 32,
        _ when name.StartsWith("lenet") || name == "conv7-fashion" => 28,
        _ => 32,
    };
}
