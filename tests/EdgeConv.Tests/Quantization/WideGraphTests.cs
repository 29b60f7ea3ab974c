using EdgeConv.Converters;
using EdgeConv.Converters.Boards;
using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Onnx;
using EdgeConv.Converters.Quantization;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;
using EdgeConv.Runtime.Preprocessing;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Tests.Quantization;

/// <summary>Parameters of int16 operations as TFLite computes them, and graphs of such operations through the lowering.</summary>
public class WideGraphTests
{
    [Theory]
    [InlineData(0.000244140625f, false, 3, 0)]
    [InlineData(0.0002441f, false, 3, 0)]          // near enough to a power of two for TFLite
    [InlineData(0.00048828125f, false, 24576, 12)]
    [InlineData(0.00048828125f, true, 6, 0)]
    [InlineData(0.0003f, true, 30198, 13)]
    [InlineData(0.001f, false, 25165, 11)]
    [InlineData(0.01f, true, 31457, 8)]
    [InlineData(0.000001f, false, 25769, 21)]
    public void SigmoidAndTanhAreScaledAsInTflite(float scale, bool isTanh, int multiplier, int shift) =>
        Assert.Equal(new QuantizedWideSigmoid(multiplier, shift, isTanh), QuantizedWideSigmoid.FromScale(scale, isTanh));

    [Theory]
    [InlineData(0.000244140625f, 1717960704, 1)]
    [InlineData(0.0003f, 2111030213, 1)]
    [InlineData(0.002f, 1759191844, 4)]
    [InlineData(0.05f, 1374368584, 9)]
    public void SoftmaxOfInt16IsScaledAsInTflite(float scale, int multiplier, int shift) =>
        Assert.Equal(new QuantizedMultiplier(multiplier, shift), QuantizedWideSoftmax.FromScale(scale).Factor);

    [Theory]
    [InlineData(0.004f, 1099511680, 19, -3968, 2097151900, -18)]
    [InlineData(0.07f, 1202590848, 23, -248, 1917396106, -22)]
    [InlineData(0.5f, 1073741824, 26, -31, 1073741824, -24)]
    [InlineData(3.0f, 1610612736, 28, -7, 1431655765, -27)]
    public void LogSoftmaxIsScaledAsInTflite(float scale, int multiplier, int leftShift, int diffMin, int inverse, int inverseShift)
    {
        SoftmaxParameters parameters = SoftmaxParameters.FromScale(scale);
        Assert.Equal((multiplier, leftShift, diffMin), (parameters.Multiplier, parameters.LeftShift, parameters.DiffMin));
        Assert.Equal(new QuantizedMultiplier(inverse, inverseShift), parameters.Inverse);
    }

    [Theory]
    [InlineData(49, 0.1f, 0.1f)]
    [InlineData(1, 0.1f, 0.037f)]
    [InlineData(2000, 0.004f, 0.0035f)]
    [InlineData(65535, 1f, 0.001f)]
    public void AMeansFactorIsTheRealOneToThirtyBits(int count, float inputScale, float outputScale)
    {
        double real = (double)inputScale / outputScale / count;
        double found = QuantizedMean.FromScales(6, count, inputScale, outputScale).Factor.ToDouble();
        Assert.InRange(found, real * (1 - Math.ScaleB(1, -28)), real * (1 + Math.ScaleB(1, -30)));
    }

    [Fact]
    public void AGraphOfInt16FromInputToOutputIsLoweredAndRunsTheSameOnEveryPath()
    {
        QuantizedGraph graph = Everything();
        sbyte[] golden = new sbyte[graph.Input.ByteLength];
        new Random(1).NextBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(golden.AsSpan()));
        byte[] file = Lowering.Lower(graph, new LoweringOptions { GoldenInputs = [golden] });
        using Model model = Model.Load(file);
        Assert.Equal((ElementType.Int16, ElementType.Int16), (model.Input.Type, model.Output.Type));
        Assert.All(KernelPath.All.Where(p => p.IsSupported), p => Assert.Null(SelfTest.Run(model, p)));

        // a channel's tables hold the int16 code of each byte
        PreprocessingRecord record = model.Preprocessing!;
        Assert.Equal(2, record.EntryBytes);
        Assert.Equal(graph.Input.Quantization.QuantizeWide(PictureTensor.Normalize(graph.Picture!, 0, 200)),
            System.Runtime.InteropServices.MemoryMarshal.Cast<sbyte, short>(record.Tables.Span)[200]);

        // tanh and table write where their inputs lie
        int[] offsets = [.. model.Operators.Where(o => o.CanRunInPlace).Select(o => model.Tensors[o.Input].Offset - model.Tensors[o.Output].Offset)];
        Assert.Equal(3, offsets.Length);
        Assert.All(offsets, o => Assert.Equal(0, o));
        Assert.Throws<ConversionException>(() => Lowering.Lower(graph, new LoweringOptions { GoldenInputs = [new sbyte[graph.Input.Length]] }));
    }

    [Fact]
    public void CostsOfInt16OperationsAreCounted()
    {
        using Model model = Model.Load(Lowering.Lower(Everything(), new LoweringOptions()));
        LayerCost[] costs = [.. model.Operators.Select(o => LayerCost.Of(model, o))];
        Assert.Equal(model.Tensors.Where(t => t.Storage == TensorStorage.Constant).Sum(t => (long)t.ByteLength), costs.Sum(c => c.ConstantBytes));
        Assert.Equal(4 * 4 * 3 * 9, costs.Single(c => c.Name == "conv").Macs);
        Assert.True(TimeEstimate.Of(costs, KnownBoards.All[0]).LowSeconds > 0);
    }

    [Fact]
    public void AQdqFileRefusesWhatItCannotHold()
    {
        Assert.Contains("int16", Assert.Throws<ConversionException>(() => QdqWriter.Build(Everything())).Message);
        Assert.Contains("mean", Refusal(new QuantizedMean(6, new(1 << 30, -2))));
        Assert.Contains("activation of its own", Refusal(new QuantizedMaxPool(new Window(4, 4), Min: 0)));

        static string Refusal(QuantizedOperation operation)
        {
            var x = new QuantizedValue("x", [1, 4, 4, 2], new ActivationQuantization(0.1f, 0));
            var y = new QuantizedValue("y", [1, 1, 1, 2], new ActivationQuantization(0.1f, 0));
            return Assert.Throws<ConversionException>(() => QdqWriter.Build(new QuantizedGraph("g", x, [new QuantizedNode("mean", operation, ["x"], y)], "y"))).Message;
        }
    }

    private static QuantizedGraph Everything()
    {
        var nodes = new List<QuantizedNode>();
        var picture = new PictureInput(new PictureLayout(4, 4, ColorOrder.Gray), [0.5f], [0.25f]);
        var last = new QuantizedValue("x", [1, 4, 4, 1], new ActivationQuantization(1f / 4096, 0)) { Type = ElementType.Int16 };
        QuantizedValue input = last;
        QuantizedMultiplier half = new(1 << 30, 0);
        Then("conv", [1, 4, 4, 3], new QuantizedConv2D(Weights(3, 9) with { HasNarrowBias = true }, new Window(3, 3, PadTop: 1, PadLeft: 1, PadBottom: 1, PadRight: 1), 1));
        Then("max", [1, 4, 4, 3], new QuantizedMaxPool(new Window(1, 1)));
        Then("average", [1, 4, 4, 3], new QuantizedAveragePool(new Window(1, 1), -5, 30_000));
        Then("add", [1, 4, 4, 3], new QuantizedArithmetic(ArithmeticFunction.Add,
            new QuantizedConstant([], [1, 1, 1, 3], new ActivationQuantization(1, 0)) { WideValues = [1000, -2000, 30_000] },
            half, half, new(1 << 30, -14), Activation.None, short.MinValue, short.MaxValue));
        Then("up", [1, 8, 8, 2], new QuantizedTransposeConv(Weights(2, 12), new Window(2, 2, 2, 2)));
        Then("tanh", [1, 8, 8, 2], QuantizedWideSigmoid.FromScale(0.001f, isTanh: true));
        Then("table", [1, 8, 8, 2], new QuantizedWideTable(WideTables.Reciprocal()));
        Then("scale", [1, 8, 8, 2], new QuantizedRequantize(new(1 << 30, 1), 0, 20_000));
        Then("mean", [1, 1, 1, 2], QuantizedMean.FromScales(6, 64, 1, 0.5f));
        Then("flat", [1, 2], new QuantizedReshape());
        Then("dense", [1, 5], new QuantizedFullyConnected(Weights(5, 2)));
        Then("softmax", [1, 5], QuantizedWideSoftmax.FromScale(0.002f));
        return new QuantizedGraph("wide", input, nodes, last.Name) { Picture = picture };

        void Then(string name, int[] shape, QuantizedOperation operation)
        {
            var value = new QuantizedValue($"{name}.out", shape, new ActivationQuantization(1f / 4096, 0)) { Type = ElementType.Int16 };
            nodes.Add(new QuantizedNode(name, operation, [last.Name], value));
            last = value;
        }

        static QuantizedWeights Weights(int outputs, int taps) => new(
            [.. Enumerable.Range(0, outputs * taps).Select(i => (sbyte)(i * 37 % 255 - 127))], [.. Enumerable.Repeat(0.01f, outputs)], new long[outputs],
            [.. Enumerable.Repeat(new QuantizedMultiplier(1 << 30, -7), outputs)], Activation.None, short.MinValue, short.MaxValue);
    }
}
