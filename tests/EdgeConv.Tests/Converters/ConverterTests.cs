using EdgeConv.Converters;
using EdgeConv.Converters.Data;
using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Quantization;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Tests.Converters;

public class ConverterTests
{
    [Theory]
    [InlineData(false, CalibrationMethod.MinMax)]
    [InlineData(false, CalibrationMethod.Percentile)]
    [InlineData(false, CalibrationMethod.MeanSquaredError)]
    [InlineData(true, CalibrationMethod.MinMax)]
    public void Int8StaysCloseToFloat(bool tanh, CalibrationMethod method)
    {
        Graph graph = TestNetworks.LeNet5(7, tanh, softmax: true);
        var pictures = new Blobs(30);
        QuantizationReport report = Convert(graph, pictures, pictures, method).Report;
        Assert.All(report.Layers, l => Assert.True(
            (l.SqnrDecibels ?? 99) > 20 && l.Cosine > 0.99 && l.SaturatedShare < 0.2, $"{l.Name}: {l.SqnrDecibels} dB, {l}"));
        Assert.Equal(30, report.TestImages);
        Assert.True(report.Agreement >= 0.9, $"{report.Agreement} of the pictures get the same class");
    }

    [Fact]
    public void TheFileTestsItselfOnEveryPath()
    {
        Conversion conversion = Convert(TestNetworks.LeNet5(3), new Blobs(20));
        using Model model = Model.Load(conversion.File);
        Assert.Equal(2, model.GoldenVectors.Count);
        Assert.InRange(model.ArenaBytes, 1, 6144);
        Assert.InRange(model.FileBytes, 1, 72 * 1024);
        Assert.Equal("digit 9", model.Labels[9]);
        Assert.Contains(KeyValuePair.Create("source", "test"), model.Metadata);
        foreach (KernelPath path in KernelPath.All.Where(p => p.IsSupported))
        {
            Assert.Null(SelfTest.Run(model, path));
        }
    }

    [Fact]
    public void TheSameNetworkGivesTheSameBytes()
    {
        Assert.Equal(Convert(TestNetworks.LeNet5(3), new Blobs(12)).File, Convert(TestNetworks.LeNet5(3), new Blobs(12)).File);
    }

    [Fact]
    public void EveryOperationRunsInInt8()
    {
        Graph graph = new NetworkBuilder("everything", 2, [1, 20, 18, 3])
            .BatchNorm()
            .Conv(6, new Window(3, 3, 2, 1, 1, 2, 1, 2, 0, 1), groups: 3).BatchNorm().Activate(Activation.Relu6)
            .Pool(w => new MaxPool(w), new Window(2, 2, 2, 1, PadTop: 1))
            .Conv(8, new Window(1, 1)).Activate(Activation.Sigmoid)
            .Pool(w => new AveragePool(w), new Window(3, 2, 1, 2, PadBottom: 1)).Activate(Activation.Relu)
            .Flatten().BatchNorm().Dense(12).Activate(Activation.Tanh).Dense(4).Add(new Softmax(), [1, 4]).Build();
        Conversion conversion = Convert(graph, new Blobs(40, ColorOrder.Rgb));
        Assert.All(conversion.Report.Layers, l => Assert.True((l.SqnrDecibels ?? 99) > 18, $"{l.Name}: {l.SqnrDecibels} dB"));
    }

    [Fact]
    public void ZeroCalibrationPicturesAreAnError() => Assert.Contains(
        "got none", Assert.Throws<ConversionException>(() => Convert(TestNetworks.LeNet5(1), new Blobs(0))).Message);

    [Fact]
    public void ClassesAndPreprocessingMustFitTheNetwork()
    {
        Graph graph = TestNetworks.LeNet5(1);
        var eleven = new Blobs(3, classes: 11);
        Assert.Contains("11 classes", Assert.Throws<ConversionException>(() => Convert(graph, new Blobs(3), eleven)).Message);
        PictureInput wide = TestNetworks.Digits with { Layout = new PictureLayout(32, 28, ColorOrder.Gray) };
        Assert.Contains("28x32x1", Assert.Throws<ConversionException>(() => Convert(graph with { Picture = wide }, new Blobs(3))).Message);
    }

    [Fact]
    public void AnUndecodablePictureIsLeftOutAndTheReportNamesIt()
    {
        Conversion conversion = Convert(TestNetworks.LeNet5(1), new Blobs(30, broken: 17), new Blobs(20, broken: 3));
        Assert.Equal((29, 19), (conversion.Report.CalibrationImages, conversion.Report.TestImages));
        Assert.Contains("blobs: 1 picture is left out, 29 used.", conversion.Report.Notes);
        Assert.Contains("blobs: 1 picture is left out, 19 used.", conversion.Report.Notes);
    }

    [Fact]
    public void CancellingStops()
    {
        using var cancel = new CancellationTokenSource();
        cancel.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => Converter.Convert(
            TestNetworks.LeNet5(1), new Blobs(30), null, new ConversionOptions(), cancel: cancel.Token));
    }

    private static Conversion Convert(
        Graph graph, IDataSet calibration, IDataSet? test = null, CalibrationMethod method = CalibrationMethod.MinMax) =>
        Converter.Convert(graph, calibration, test, new ConversionOptions
        {
            Method = method,
            Metadata = [KeyValuePair.Create("source", "test")],
        });
}

/// <summary>Soft blobs on a dark ground, from a seed.</summary>
internal sealed class Blobs(int count, ColorOrder color = ColorOrder.Gray, int classes = 10, int broken = -1) : IDataSet
{
    private const int Side = 28;

    public string Name => "blobs";

    public IReadOnlyList<string> Classes { get; } = [.. Enumerable.Range(0, classes).Select(i => $"class {i}")];

    public int Count => count;

    public int Label(int index) => index % classes;

    public Picture Load(int index)
    {
        if (index == broken)
        {
            throw new DataSetException($"picture {index} does not decode");
        }

        var random = new Random(index);
        int channels = color == ColorOrder.Gray ? 1 : 3;
        var pixels = new byte[Side * Side * channels];
        for (int blob = 0; blob < 4; blob++)
        {
            (double x, double y, double size) = (random.Next(Side), random.Next(Side), 2 + (random.NextDouble() * 4));
            int channel = random.Next(channels);
            for (int i = 0; i < Side * Side; i++)
            {
                double distance = Math.Pow((i % Side) - x, 2) + Math.Pow((i / Side) - y, 2);
                int at = (i * channels) + channel;
                pixels[at] = (byte)Math.Min(255, pixels[at] + (255 * Math.Exp(-distance / (size * size))));
            }
        }

        return new Picture(pixels, Side, Side, color == ColorOrder.Gray ? PixelFormat.Gray8 : PixelFormat.Rgb24);
    }
}
