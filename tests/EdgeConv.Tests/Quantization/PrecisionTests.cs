using EdgeConv.Converters;
using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Quantization;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Tests.Quantization;

public class PrecisionTests
{
    private static readonly Graph _graph = Networks.Separable(1);
    private static readonly float[][] _samples = Networks.Samples(_graph, 40);
    private static readonly Ranges _ranges = Calibrator.Run(_graph, _samples);
    private static readonly string[] _layers =
        [.. _graph.Nodes.Where(n => n.Operation is Conv2D or FullyConnected).Select(n => n.Name)];

    [Theory]
    [InlineData(ActivationScheme.Symmetric)]
    [InlineData(ActivationScheme.PowerOfTwo)]
    public void OtherSchemesHaveNoZeroPointAndStayClose(ActivationScheme scheme)
    {
        QuantizedGraph quantized = Quantizer.Quantize(_graph, _ranges, new QuantizerOptions { Activations = scheme });
        Assert.All(quantized.Nodes, n => Assert.Equal(0, n.Output.Quantization.ZeroPoint));
        Assert.All(quantized.Nodes, n => Assert.True(
            scheme != ActivationScheme.PowerOfTwo || Math.Log2(n.Output.Quantization.Scale) % 1 == 0, $"{n.Output}"));
        Assert.InRange(Networks.Sqnr(_graph, quantized, _samples), 22, 99);
    }

    [Fact]
    public void NeighboursIn16x8AreCloserThanInt8()
    {
        double int8 = Networks.Sqnr(_graph, Quantizer.Quantize(_graph, _ranges), _samples);
        QuantizedGraph wide = Quantizer.Quantize(_graph, _ranges, new QuantizerOptions { Wide = _layers });
        double mixed = Networks.Sqnr(_graph, wide, _samples);
        Assert.True(mixed > int8 + 1.5, $"{int8:F1} dB in int8, {mixed:F1} dB in 16x8");
        Assert.All(wide.Nodes.Where(n => _layers.Contains(n.Name)), n => Assert.Equal(ElementType.Int16, n.Output.Type));

        // In front and at the end; the pooling takes what it is given.
        Assert.Equal(2, wide.Nodes.Count(n => n.Operation is QuantizedRequantize));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void AnyOneLayerMayBeWideOrInt4OnEveryPath(int layer)
    {
        foreach (QuantizerOptions options in (QuantizerOptions[])
            [new() { Wide = [_layers[layer]] }, new() { Int4 = [_layers[layer]] }, new() { Wide = [_layers[layer]], Int4 = [_layers[layer]] }])
        {
            QuantizedGraph quantized = Quantizer.Quantize(_graph, _ranges, options);
            Assert.InRange(Networks.Sqnr(_graph, quantized, _samples), 10, 99);
            sbyte[] golden = [.. _samples[0].Select(v => quantized.Input.Quantization.Quantize(v))];
            using Model model = Model.Load(Lowering.Lower(quantized, new LoweringOptions { GoldenInputs = [golden] }));
            Assert.All(KernelPath.All.Where(p => p.IsSupported), path => Assert.Null(SelfTest.Run(model, path)));
        }
    }

    [Fact]
    public void Int4HalvesTheWeights()
    {
        string largest = _layers[3];
        int Bytes(QuantizerOptions options) => Lowering.Lower(Quantizer.Quantize(_graph, _ranges, options), new LoweringOptions()).Length;
        int weights = ((FullyConnected)_graph.Nodes.First(n => n.Name == largest).Operation).Weights.Length;
        Assert.InRange(Bytes(new()) - Bytes(new() { Int4 = [largest] }), (weights / 2) - 16, (weights / 2) + 16);
    }

    [Fact]
    public void ALayerThatIsNotThereIsNamedWithThoseThatAre()
    {
        string message = Assert.Throws<ConversionException>(
            () => Quantizer.Quantize(_graph, _ranges, new QuantizerOptions { Wide = ["conv9"] })).Message;
        Assert.Contains("'conv9'", message);
        Assert.Contains(_layers[0], message);
    }
}
