using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Onnx;
using EdgeConv.Converters.Quantization;
using EdgeConv.Runtime;

namespace EdgeConv.Tests.Converters;

public class FusionTests
{
    private static readonly Window _two = new(2, 2, 2, 2);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void OutputsKeepTheirValues(int seed)
    {
        Graph graph = new NetworkBuilder("net", seed, [1, 13, 13, 4])
            .BatchNorm().Activate(Activation.Relu)
            .Conv(8, new Window(3, 3, PadTop: 1, PadLeft: 1), groups: 2).BatchNorm().Activate(Activation.Relu6)
            .Conv(6, new Window(3, 3)).BatchNorm().Pool(w => new MaxPool(w), _two).Activate(Activation.Relu)
            .Pool(w => new AveragePool(w), _two).Activate(Activation.Relu).Flatten()
            .Dense(12).BatchNorm().Activate(Activation.Tanh).BatchNorm().Dense(5).Build();
        Graph fused = Fusion.Apply(graph);
        float[] input = Tensors.Random(new Random(seed), graph.Input.Length);
        Tensors.AssertClose([.. new FloatExecutor(graph).Run(input)], new FloatExecutor(fused).Run(input), 1e-5, $"seed {seed}");
        Assert.DoesNotContain(fused.Nodes, n => n.Operation is BatchNormalization);
    }

    [Fact]
    public void ReluIsAClampOfTheLayerBeforeItEvenThroughPoolingAndFlatten()
    {
        Graph graph = new NetworkBuilder("net", 1, [1, 8, 8, 1])
            .Conv(4, new Window(3, 3)).Pool(w => new MaxPool(w), _two).Flatten().Activate(Activation.Relu).Dense(3).Build();
        Graph fused = Fusion.Apply(graph);
        Assert.Equal(["Conv2D", "MaxPool", "Reshape", "FullyConnected"], fused.Nodes.Select(n => n.Operation.Kind));
        Assert.Equal(Activation.Relu, Assert.IsType<Conv2D>(fused.Nodes[0].Operation).Activation);
    }

    [Fact]
    public void ClipIsAClampOfTheLayerBeforeItAndNoTable()
    {
        Graph graph = new NetworkBuilder("net", 4, [1, 8, 8, 2])
            .Conv(4, new Window(3, 3)).Add(new Activate(Activation.Clip, -0.5f, 1.25f), [1, 6, 6, 4]).Pool(w => new MaxPool(w), _two)
            .Flatten().Dense(9).Add(new Activate(Activation.Clip, 0.1f, 0.7f), [1, 9]).Build();
        Graph fused = Fusion.Apply(graph);
        Assert.Equal(["Conv2D", "MaxPool", "Reshape", "FullyConnected"], fused.Nodes.Select(n => n.Operation.Kind));
        float[][] samples = [.. Enumerable.Range(0, 8).Select(i => Tensors.Random(new Random(i), graph.Input.Length))];
        float[] expected = [.. new FloatExecutor(graph).Run(samples[0])];
        Tensors.AssertClose(expected, new FloatExecutor(fused).Run(samples[0]), 1e-6, "float");
        Graph written = Fusion.Apply(OnnxReader.Import(OnnxWriter.Build(fused), "written.onnx"));
        Assert.Equal(fused.Nodes.Select(n => n.Operation.Bounds), written.Nodes.Select(n => n.Operation.Bounds));

        QuantizedGraph quantized = Quantizer.Quantize(fused, Calibrator.Run(fused, samples));
        QuantizedWeights last = Assert.IsType<QuantizedFullyConnected>(quantized.Nodes[^1].Operation).Weights;
        ActivationQuantization output = quantized.Nodes[^1].Output.Quantization;
        Assert.Equal((output.Quantize(0.1f), output.Quantize(0.7f)), (last.Min, last.Max));
        Assert.True(output.Scale <= 0.7f / 255 * 1.001f, $"a step of {output.Scale} is no finer than what the clip leaves");
    }

    [Fact]
    public void AClipOfNothingStaysAFunction()
    {
        Graph graph = new NetworkBuilder("net", 4, [1, 8, 8, 2])
            .Conv(4, new Window(3, 3)).Add(new Activate(Activation.Clip, 2, 1), [1, 6, 6, 4]).Build();
        Assert.Equal(["Conv2D", "Clip"], Fusion.Apply(graph).Nodes.Select(n => n.Operation.Kind));
    }

    [Fact]
    public void AValueWithTwoReadersIsNotFusedAway()
    {
        Graph graph = new NetworkBuilder("net", 1, [1, 8, 8, 1]).Conv(4, new Window(3, 3)).Activate(Activation.Relu).Build();
        Graph withConvolutionAsOutput = graph with { Output = graph.Nodes[0].Output.Name };
        Assert.Equal(Activation.None, Assert.IsType<Conv2D>(Fusion.Apply(withConvolutionAsOutput).Nodes[0].Operation).Activation);
    }
}
