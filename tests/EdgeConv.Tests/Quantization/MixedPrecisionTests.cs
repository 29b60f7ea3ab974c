using EdgeConv.Converters;
using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Quantization;
using EdgeConv.Runtime;
using EdgeConv.Tests.Converters;

namespace EdgeConv.Tests.Quantization;

public class MixedPrecisionTests
{
    private static readonly Graph _graph = Networks.Separable(2);
    private static readonly float[][] _samples = Networks.Samples(_graph, 30);
    private static readonly Ranges _ranges = Calibrator.Run(_graph, _samples);
    private static readonly double _int8 = Measure(Quantizer.Quantize(_graph, _ranges));

    [Fact]
    public void TheMostSensitiveLayerIsTheOneThatWasSpoiled()
    {
        string spoiled = _graph.Nodes[2].Name;
        QuantizedGraph quantized = Quantizer.Quantize(_graph, _ranges, new QuantizerOptions { Int4 = [spoiled] });
        IReadOnlyList<LayerSensitivity> found = Sensitivity.Measure(_graph, quantized, _samples, null, null, CancellationToken.None);
        Assert.Equal(spoiled, found[0].Name);
        Assert.Equal(5, found.Count);
        Assert.All(found, layer => Assert.True(layer is { Accuracy: null, OutputSqnrDecibels: > 10 }, $"{layer}"));
    }

    [Fact]
    public void PartsThatAreRescaledForAConcatAreNotLayers()
    {
        Node wide = _graph.Nodes[0];
        var narrow = (Conv2D)wide.Operation;
        Node other = new("narrow", narrow with { Weights = [.. narrow.Weights.Select(w => w / 8)] }, wide.Inputs, wide.Output with { Name = "narrow" });
        // Two read the narrow one, so that it keeps its own scale.
        Node both = new("both", new Concat(3), [wide.Output.Name, "narrow"], new Value("both", Times(2)));
        Node all = new("all", new Concat(3), ["both", "narrow"], new Value("all", Times(3)));
        Graph graph = new("concat", _graph.Input, [wide, other, both, all], "all");
        QuantizedGraph quantized = Quantizer.Quantize(graph, Calibrator.Run(graph, _samples));
        Assert.Contains(quantized.Nodes, node => node.Name == "both.part1");
        IReadOnlyList<LayerSensitivity> found = Sensitivity.Measure(graph, quantized, _samples, null, null, CancellationToken.None);
        Assert.Equivalent(new[] { wide.Name, "narrow", "both", "all" }, found.Select(layer => layer.Name), strict: true);

        int[] Times(int n) => [.. wide.Output.Shape.SkipLast(1), n * wide.Output.Shape[^1]];
    }

    [Fact]
    public void Int8StaysWhereItHolds()
    {
        (QuantizerOptions options, MixedPrecisionReport report) = Search(_int8 + 0.001, maxDrop: 0.5);
        Assert.Empty(options.Wide);
        Assert.Single(report.Steps);
    }

    [Fact]
    public void LayersMoveTo16x8UntilTheDropHoldsAndTheCostIsSaid()
    {
        // One decibel counts as one point here.
        (QuantizerOptions options, MixedPrecisionReport report) = Search(_int8 + 0.02, maxDrop: 0.5);
        Assert.NotEmpty(options.Wide);
        PrecisionStep first = report.Steps[0], last = report.Steps.Last(step => step.Kept);
        Assert.True(first.DropPoints > 0.5 && last.DropPoints <= 0.5, $"{first}, {last}");
        Assert.True(last.WideMacs > 0 && last.WideMacs <= last.Macs && last.FlashBytes > first.FlashBytes, $"{last}");
        Assert.Equal(last.Accuracy, Measure(Quantizer.Quantize(_graph, _ranges, options)), 9);
    }

    [Fact]
    public void Int4WeightsAreTakenWhileTheDropHolds()
    {
        (QuantizerOptions options, MixedPrecisionReport report) = Search(_int8, maxDrop: 16, shrink: true);
        PrecisionStep last = report.Steps.Last(step => step.Kept);
        Assert.NotEmpty(options.Int4);
        Assert.True(last.DropPoints <= 16 && last.FlashBytes < report.Steps[0].FlashBytes, $"{last}");
    }

    [Fact]
    public void ADropThatCannotHoldIsAnError() => Assert.Contains(
        "points at best", Assert.Throws<ConversionException>(() => Search(2, maxDrop: 0.1)).Message);

    // Hard swish, squeeze and excite, a residual sum and poolings between the convolutions; what is left is the rounding of the int8 weights.
    [Theory]
    [InlineData("mobile", 6)]
    [InlineData("residual", 1)]
    [InlineData("inception", 1)]
    public void EveryLayerThatCanMoveDoesAndTheAnswerIsFiner(string architecture, double decibels)
    {
        Graph graph = Fusion.Apply(new ArchitectureBuilder(17).Build(architecture).Import());
        Ranges ranges = Calibrator.Run(graph, Networks.Samples(graph, 30));
        float[][] samples = Networks.Samples(graph, 10, seed: 1);
        string[] wide = [.. graph.Nodes.Where(n => WideLayers.Takes(n.Operation)).Select(n => n.Name)];
        QuantizedGraph plain = Quantizer.Quantize(graph, ranges), fine = Quantizer.Quantize(graph, ranges, new QuantizerOptions { Wide = wide });
        Assert.All(fine.Nodes.Where(n => n.Operation is QuantizedMaxPool or QuantizedAveragePool or QuantizedArithmetic or QuantizedWideTable),
            node => Assert.Equal(ElementType.Int16, node.Output.Type));
        double before = Sqnr(plain), after = Sqnr(fine);
        Assert.True(after >= before + decibels, $"{before:F1} dB in int8, {after:F1} dB in 16x8");

        // What the input's int8 alone costs is no concern here: it is given as the nearest of its steps.
        double Sqnr(QuantizedGraph quantized) => Networks.Sqnr(graph, quantized,
            [.. samples.Select(s => (float[])[.. s.Select(plain.Input.Nearest)])]);
    }

    [Fact]
    public void ActivationsAndSumsMoveAsWell()
    {
        Graph graph = Fusion.Apply(new ArchitectureBuilder(17).Build("mobile").Import());
        float[][] samples = Networks.Samples(graph, 30);
        Ranges ranges = Calibrator.Run(graph, samples);
        QuantizedGraph plain = Quantizer.Quantize(graph, ranges);
        double Decibels(QuantizedGraph quantized) => Networks.Sqnr(graph, quantized, samples) / 100;
        IReadOnlyList<LayerSensitivity> sensitivity = Sensitivity.Measure(graph, plain, samples, null, null, CancellationToken.None);
        (QuantizerOptions options, MixedPrecisionReport report) = new MixedPrecision(graph, ranges, Decibels(plain) + 0.08,
            quantized => Lowering.Lower(quantized, new LoweringOptions()), (quantized, _) => Decibels(quantized))
            .Search(new QuantizerOptions(), sensitivity, maxDrop: 0.5, shrink: false);
        Assert.True(report.Steps[0].DropPoints > 0.5);
        Assert.True(report.Steps.Last(step => step.Kept).DropPoints <= 0.5);
        Assert.Contains(graph.Nodes, n => n.Operation is Activate or Arithmetic && report.Steps.Any(step => step.Layers.Contains(n.Name)));
        Assert.True(Decibels(Quantizer.Quantize(graph, ranges, options)) >= Decibels(plain) + 0.07);
    }

    private static (QuantizerOptions Options, MixedPrecisionReport Report) Search(double real, double maxDrop, bool shrink = false)
    {
        QuantizedGraph quantized = Quantizer.Quantize(_graph, _ranges);
        IReadOnlyList<LayerSensitivity> sensitivity =
            Sensitivity.Measure(_graph, quantized, _samples, null, null, CancellationToken.None);
        return new MixedPrecision(_graph, _ranges, real, graph => Lowering.Lower(graph, new LoweringOptions()), (graph, _) => Measure(graph))
            .Search(new QuantizerOptions(), sensitivity, maxDrop, shrink);
    }

    // A hundredth of the decibels stands for the accuracy, which is too coarse for a small network.
    private static double Measure(QuantizedGraph quantized) => Networks.Sqnr(_graph, quantized, _samples) / 100;
}
