using EdgeConv.Converters;
using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Quantization;
using EdgeConv.Runtime;

namespace EdgeConv.Tests.Converters;

public class QuantizationTests
{
    [Theory]
    [InlineData(-1f, 1f)]
    [InlineData(0f, 6f)]
    [InlineData(2f, 5f)]
    [InlineData(-3f, -1f)]
    [InlineData(-0.4242f, 2.8215f)]
    [InlineData(0f, 0f)]
    public void ZeroIsExactAndTheRangeFits(float min, float max)
    {
        ActivationQuantization q = ActivationQuantization.FromRange(new ValueRange(min, max));
        Assert.Equal(0, q.Dequantize(q.Quantize(0)));
        Assert.InRange(q.ZeroPoint, -128, 127);
        Assert.True(q.Min <= min + q.Scale && q.Max >= max - q.Scale, $"[{q.Min}, {q.Max}] for [{min}, {max}]");
    }

    // The published parameters of TFLite's softmax for two input scales.
    [Theory]
    [InlineData(1f / 256, 1 << 30, 19, -3968)]
    [InlineData(0.1f, 1717986944, 23, -248)]
    public void SoftmaxParametersAreTfLites(float scale, int multiplier, int shift, int diffMin) =>
        Assert.Equal(new SoftmaxParameters(multiplier, shift, diffMin), SoftmaxParameters.FromScale(scale));

    [Fact]
    public void DeadFiltersKeepTheirBias()
    {
        var layer = new FullyConnected([1e-12f, 0, 0, 0, 0.5f, -0.25f], [0.5f, -0.75f, 0]);
        QuantizedFullyConnected quantized = Quantize(layer, 2, new ValueRange(-1, 1), out QuantizedValue output);
        QuantizedWeights w = quantized.Weights;
        for (int o = 0; o < 2; o++)
        {
            int q = EdgeConv.Runtime.Quantization.Requantizer.ToInt8((int)w.Bias[o], w.Multipliers[o].Multiplier,
                w.Multipliers[o].Shift, output.Quantization.ZeroPoint, w.Min, w.Max);
            Assert.Equal(layer.Bias[o], output.Quantization.Dequantize(q), output.Quantization.Scale);
        }
    }

    [Fact]
    public void WeightsAreSymmetricPerChannel()
    {
        float[] weights = [.. Tensors.Random(new Random(1), 8 * 20).Select((w, i) => w * (1 + (i / 20 * 10)))];
        QuantizedWeights w = Quantize(new FullyConnected(weights, new float[8]), 20, new ValueRange(-900, 900), out _).Weights;
        Assert.All(w.Weights, q => Assert.InRange(q, -127, 127));
        for (int i = 0; i < weights.Length; i++)
        {
            Assert.Equal(weights[i], w.Weights[i] * w.Scales[i / 20], w.Scales[i / 20] * 0.5001f);
        }

        Assert.All(Enumerable.Range(0, 8), o => Assert.Contains(w.Weights.AsSpan(o * 20, 20).ToArray(), q => Math.Abs(q) == 127));
    }

    [Fact]
    public void ATooNarrowRangeNeverShiftsAccumulatorsOutOfInt32()
    {
        var layer = new FullyConnected([.. Enumerable.Repeat(1f, 1000)], [0]);
        QuantizedWeights w = Quantize(layer, 1000, new ValueRange(0, 1e-9f), out QuantizedValue output).Weights;
        long bound = 1000L * 127 * 255;
        Assert.True(bound << Math.Max(w.Multipliers[0].Shift, 0) <= int.MaxValue,
            $"shift {w.Multipliers[0].Shift}, scale {output.Quantization.Scale}");
    }

    [Fact]
    public void PoolingAndReshapeKeepTheScaleAndTanhHasItsOwn()
    {
        Graph fused = Fusion.Apply(TestNetworks.LeNet5(1, tanh: true, softmax: true));
        QuantizedGraph quantized = Quantizer.Quantize(fused, Calibrator.Run(fused, [Tensors.Random(new Random(1), fused.Input.Length)]));
        ActivationQuantization last = quantized.Input.Quantization;
        foreach (QuantizedNode node in quantized.Nodes)
        {
            ActivationQuantization here = node.Output.Quantization;
            ActivationQuantization? expected = node.Operation switch
            {
                QuantizedAveragePool or QuantizedReshape => last,
                QuantizedTable => new ActivationQuantization(1f / 128, 0),
                QuantizedSoftmax => new ActivationQuantization(1f / 256, -128),
                _ => null,
            };
            Assert.True(expected is null || expected == here, $"{node.Name}: {here}, expected {expected}");
            last = here;
        }
    }

    [Fact]
    public void TablesRoundTheFunctionOfTheRealValue()
    {
        Graph graph = new NetworkBuilder("net", 1, [1, 8]).Dense(8).Activate(Activation.Sigmoid).Build();
        QuantizedGraph quantized = Quantizer.Quantize(graph, Calibrator.Run(graph, [Tensors.Random(new Random(1), 8)]));
        ActivationQuantization input = quantized.Nodes[0].Output.Quantization;
        sbyte[] table = Assert.IsType<QuantizedTable>(quantized.Nodes[1].Operation).Table;
        for (int q = -128; q < 128; q++)
        {
            double sigmoid = 1 / (1 + Math.Exp(-input.Dequantize(q)));
            double step = Math.Round(256 * sigmoid, MidpointRounding.AwayFromZero) - 128;
            Assert.Equal(Math.Clamp(step, -128, 127), table[q + 128]);
        }
    }

    [Fact]
    public void MaximaPassTheirRangeToTheLayerBefore()
    {
        Graph graph = new NetworkBuilder("net", 4, [1, 8, 8, 2])
            .Conv(3, new Window(3, 3)).Pool(w => new MaxPool(w), new Window(3, 3, 3, 3)).Build();
        Ranges ranges = Calibrator.Run(graph, [.. Enumerable.Range(0, 20).Select(i => Tensors.Random(new Random(i), graph.Input.Length))]);
        QuantizedGraph quantized = Quantizer.Quantize(graph, ranges);
        ValueRange pooled = ranges[graph.Output];
        Assert.Equal(ActivationQuantization.FromRange(pooled), quantized.Nodes[0].Output.Quantization);
        Assert.True(ranges[graph.Nodes[0].Output.Name].Min < pooled.Min, "the pooled range is narrower");
    }

    [Fact]
    public void ADeadChannelBesideATinyOutputIsZeroAtAnyScale()
    {
        var layer = new FullyConnected([1e-13f, -2e-13f, 0, 0], [0, 0]);
        var node = new Node("fc", layer, ["x"], new Value("y", [1, 2]));
        var graph = new Graph("net", new Value("x", [1, 2]), [node], "y");
        var ranges = new Ranges(new Dictionary<string, ValueRange> { ["x"] = new(-1e6f, 1e6f), ["y"] = new(-1e-7f, 1e-7f) });
        QuantizedGraph quantized = Quantizer.Quantize(graph, ranges);
        QuantizedWeights weights = Assert.IsType<QuantizedFullyConnected>(quantized.Nodes[0].Operation).Weights;
        Assert.NotEqual(0, weights.Multipliers[0].Multiplier);
        Assert.Equal(0, weights.Multipliers[1].Multiplier);
        using Model model = Model.Load(Lowering.Lower(quantized, new LoweringOptions()));
        using var interpreter = new Interpreter(model);
        var output = new sbyte[2];
        interpreter.Invoke([127, -128], output);
        Assert.Equal(model.Output.ZeroPoint, output[1]);
    }

    private static QuantizedFullyConnected Quantize(FullyConnected layer, int inputs, ValueRange range, out QuantizedValue output)
    {
        var node = new Node("fc", layer, ["x"], new Value("y", [1, layer.Bias.Length]));
        var graph = new Graph("net", new Value("x", [1, inputs]), [node], "y");
        var ranges = new Ranges(new Dictionary<string, ValueRange> { ["x"] = new(-1, 1), ["y"] = range });
        QuantizedNode quantized = Quantizer.Quantize(graph, ranges).Nodes[0];
        output = quantized.Output;
        return (QuantizedFullyConnected)quantized.Operation;
    }
}
