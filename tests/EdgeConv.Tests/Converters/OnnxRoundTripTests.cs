using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Onnx;
using EdgeConv.Converters.Onnx.Proto;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Preprocessing;
using Google.Protobuf;

namespace EdgeConv.Tests.Converters;

public sealed class OnnxRoundTripTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("edgeconv").FullName;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void WhatIsWrittenReadsBackAndRunsInOnnxRuntime(bool fused)
    {
        Graph graph = Everything();
        graph = fused ? Fusion.Apply(graph) : graph;
        string path = Path.Combine(_folder, "model.onnx");
        OnnxWriter.Write(graph, path);
        Graph read = OnnxReader.Read(path);

        float[] nchw = Tensors.Random(new Random(1), graph.Input.Length);
        float[] input = Tensors.ToNhwc(nchw, graph.Input.Shape);
        float[] expected = [.. new FloatExecutor(graph).Run(input)];
        Tensors.AssertClose(expected, new FloatExecutor(read).Run(input), 1e-6, "read back");
        using var host = new OnnxRuntimeHost(File.ReadAllBytes(path));
        Tensors.AssertClose(expected, host.Run(nchw, 1, 3, 14, 12), 1e-4, "ONNX Runtime");
        Assert.Equal(graph.Name, read.Name);
        Assert.Equal([path], Directory.GetFiles(_folder));
    }

    [Fact]
    public void TheBatchSizeIsFree()
    {
        Graph graph = Everything();
        float[] one = Tensors.Random(new Random(2), graph.Input.Length);
        using var host = new OnnxRuntimeHost(OnnxWriter.Build(graph).ToByteArray());
        float[] single = host.Run(one, 1, 3, 14, 12);
        Tensors.AssertClose([.. single, .. single], host.Run([.. one, .. one], 2, 3, 14, 12), 1e-6, "two at once");
    }

    [Fact]
    public void PreprocessingAndLabelsTravelAsMetadata()
    {
        var layout = new PictureLayout(12, 14, ColorOrder.Bgr, Crop.Center, Resize.Bilinear);
        var picture = new PictureInput(layout, [0.1f, 0.25f, 1f / 3], [0.3f, 0.2f, 1]);
        Graph graph = Everything() with { Picture = picture, Labels = ["one", "zwei \"quoted\"", "trois", "", "5"] };
        Graph read = OnnxReader.Import(OnnxWriter.Build(graph), "test.onnx");
        Assert.Equal(layout, read.Picture?.Layout);
        Assert.Equal(picture.Mean, read.Picture?.Mean);
        Assert.Equal(picture.Deviation, read.Picture?.Deviation);
        Assert.Equal(graph.Labels, read.Labels);
    }

    [Theory]
    [InlineData("edgeconv.picture", "{")]
    [InlineData("edgeconv.picture", "{\"width\":12}")]
    [InlineData("edgeconv.picture",
        """{"width":9,"height":9,"color":"rgb","crop":"center","resize":"area","mean":[0],"deviation":[1]}""")]
    [InlineData("edgeconv.labels", "[1, 2]")]
    public void BrokenMetadataIsNamed(string key, string json)
    {
        ModelProto model = OnnxWriter.Build(Everything());
        model.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = json });
        Assert.Contains(key, Assert.Throws<OnnxImportException>(() => OnnxReader.Import(model, "test.onnx")).Message);
    }

    [Fact]
    public void WritingToAMissingFolderLeavesNothing()
    {
        string path = Path.Combine(_folder, "missing", "model.onnx");
        Assert.ThrowsAny<IOException>(() => OnnxWriter.Write(Everything(), path));
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Every operation, with channels and pixels at the flatten, so that a wrong order shows.</summary>
    private static Graph Everything() => new NetworkBuilder("everything", seed: 5, [1, 14, 12, 3])
        .BatchNorm()
        .Conv(6, new Window(3, 5, 1, 1, 2, 1, 1, 2, 3, 0), groups: 3).BatchNorm().Activate(Activation.Relu)
        .Pool(w => new MaxPool(w), new Window(2, 3, 2, 2, PadTop: 1, PadRight: 1))
        .Conv(4, new Window(1, 2)).Activate(Activation.Relu6)
        .Pool(w => new AveragePool(w), new Window(2, 2, 1, 2, PadBottom: 1, PadLeft: 1))
        .Activate(Activation.Sigmoid).Flatten().BatchNorm()
        .Dense(7).Activate(Activation.Relu).BatchNorm().Activate(Activation.Tanh).Dense(5).Add(new Softmax(), [1, 5])
        .Build();
}
