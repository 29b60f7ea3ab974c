using EdgeConv.Converters;
using EdgeConv.Converters.Data;
using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Onnx;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Tests.Converters;

/// <summary>Networks that PyTorch trained on MNIST and exported (tests/pytorch/export.py made the files), taken over as they are.</summary>
public sealed class PyTorchTests
{
    private const int TestPictures = 2000;

    [Theory]
    [InlineData("lenet", "Conv2D Conv2D Reshape FullyConnected FullyConnected LogSoftmax")]
    [InlineData("mobile", null)]
    public void A_trained_network_loses_less_than_half_a_point(string name, string? layers)
    {
        Graph graph = OnnxReader.Read(File(name));
        Conversion conversion = Converter.Convert(graph, DataSets.Open("mnist", Split.Train), new Few(DataSets.Open("mnist", Split.Test)),
            new ConversionOptions { CalibrationImages = 100, ComparedImages = 20 }, cancel: TestContext.Current.CancellationToken);
        double real = conversion.Report.FloatAccuracy!.Value, integer = conversion.Report.Int8Accuracy!.Value;
        Assert.True(real > 0.97, $"float {real:P2}");
        Assert.True(integer >= real - 0.005, $"float {real:P2}, int8 {integer:P2}");
        using Model model = Model.Load(conversion.File);
        Assert.Equal(name, model.Name);   // PyTorch calls every network torch_jit
        Assert.All(conversion.Report.Layers, layer => Assert.True(layer.SqnrDecibels > 20, $"{layer}"));
        if (layers is not null)
        {
            Assert.Equal(layers, string.Join(' ', model.Operators.Select(step => step.GetType().Name[..^2])));
        }

        foreach (KernelPath path in KernelPath.All.Where(path => path.IsSupported))
        {
            Assert.Null(SelfTest.Run(model, path));
        }
    }

    [Theory]
    [InlineData("lenet")]
    [InlineData("mobile")]
    public void Float_agrees_with_ONNX_Runtime(string name)
    {
        Graph graph = OnnxReader.Read(File(name));
        using var host = new OnnxRuntimeHost(System.IO.File.ReadAllBytes(File(name)));
        var executor = new FloatExecutor(graph);
        IDataSet digits = DataSets.Open("mnist", Split.Test);
        for (int i = 0; i < 20; i++)
        {
            float[] picture = [.. digits.Load(i).Pixels.ToArray().Select(p => p / 255f)];
            Tensors.AssertClose(host.Run(picture, 1, 1, 28, 28), executor.Run(picture), 1e-4, $"{name}, digit {i}");
        }
    }

    private static string File(string name) =>
        RepositoryFolder.Path("tests", "EdgeConv.Tests", "Converters", "PyTorch", $"{name}.onnx");

    /// <summary>The first pictures of a set.</summary>
    private sealed class Few(IDataSet all) : IDataSet
    {
        public string Name => all.Name;

        public IReadOnlyList<string> Classes => all.Classes;

        public int Count => TestPictures;

        public Picture Load(int index) => all.Load(index);

        public int Label(int index) => all.Label(index);
    }
}
