using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Onnx;
using EdgeConv.Converters.Quantization;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Tests.Converters;

/// <summary>A quantized network written as QDQ and read again is the same network.</summary>
public class QdqRoundTripTests
{
    public static TheoryData<string> Networks => [.. _networks.Keys];

    private static readonly Dictionary<string, Func<Graph>> _networks = new()
    {
        ["lenet"] = () => TestNetworks.LeNet5(3),
        ["lenet of 1998"] = () => TestNetworks.LeNet5(4, tanh: true, softmax: true),
        ["tiny"] = () => TestNetworks.Tiny(5),
        ["clips"] = () => new NetworkBuilder("clips", 6, [1, 12, 12, 2])
            .Conv(4, new Window(3, 3)).Add(new Activate(Activation.Clip, -0.5f, 1.25f), [1, 10, 10, 4]).Pool(w => new MaxPool(w), new Window(2, 2, 2, 2))
            .Flatten().Dense(9).Add(new Activate(Activation.Clip, 0.1f, 0.7f), [1, 9]).Build(),
        ["everything"] = () => new NetworkBuilder("everything", 2, [1, 20, 18, 3])
            .BatchNorm()
            .Conv(6, new Window(3, 3, 2, 1, 1, 2, 1, 2, 0, 1), groups: 3).BatchNorm().Activate(Activation.Relu6)
            .Pool(w => new MaxPool(w), new Window(2, 2, 2, 1, PadTop: 1))
            .Conv(8, new Window(1, 1)).Activate(Activation.Sigmoid)
            .Pool(w => new AveragePool(w), new Window(3, 2, 1, 2, PadBottom: 1)).Activate(Activation.Mish)
            .Flatten().BatchNorm().Dense(12).Activate(Activation.Tanh).Dense(4).Add(new LogSoftmax(), [1, 4]).Build(),
    };

    [Theory]
    [MemberData(nameof(Networks))]
    public void TheModelFileIsTheSameToTheLastByte(string name)
    {
        (QuantizedGraph first, QuantizedGraph again) = ThereAndBack(_networks[name](), seed: 1);
        Assert.Equal(first.Nodes.Select(n => n.Name), again.Nodes.Select(n => n.Name));
        Assert.Equal(Lowering.Lower(first, new LoweringOptions()), Lowering.Lower(again, new LoweringOptions()));
    }

    [Fact]
    public void WeightsOfFourBitsStayInFourBits()
    {
        Graph fused = Fusion.Apply(TestNetworks.LeNet5(3));
        string[] layers = [.. fused.Nodes.Where(n => n.Operation is Conv2D or FullyConnected).Select(n => n.Name).Take(3)];
        Ranges ranges = Calibrator.Run(fused, [.. Enumerable.Range(0, 4).Select(i => Tensors.Random(new Random(i), fused.Input.Length))]);
        QuantizedGraph first = Quantizer.Quantize(fused, ranges, new QuantizerOptions { Int4 = layers });
        QuantizedGraph again = Quantizer.Quantize(Fusion.Apply(OnnxReader.Import(QdqWriter.Build(first), "written.onnx")), Ranges.None);
        byte[] file = Lowering.Lower(first, new LoweringOptions());
        Assert.True(file.Length < Lowering.Lower(Quantizer.Quantize(fused, ranges), new LoweringOptions()).Length);
        Assert.Equal(file, Lowering.Lower(again, new LoweringOptions()));
    }

    [Theory]
    [InlineData("conv")]
    [InlineData("two operands")]
    [InlineData("constant picture")]
    [InlineData("concat")]
    [InlineData("pad")]
    [InlineData("pad and convolve")]
    [InlineData("prelu")]
    [InlineData("unary")]
    [InlineData("clip")]
    [InlineData("transposed conv")]
    [InlineData("local response")]
    [InlineData("transpose")]
    [InlineData("reshape")]
    [InlineData("residual")]
    [InlineData("inception")]
    [InlineData("separable")]
    [InlineData("squeeze and excite")]
    [InlineData("channel shuffle")]
    [InlineData("channels last")]
    public void EveryOutputByteIsTheSame(string family)
    {
        for (int seed = 0; seed < 25; seed++)
        {
            var random = new Random(seed);
            int[] image = [1, random.Next(1, 6), random.Next(3, 12), random.Next(3, 12)];
            Graph graph;
            try
            {
                graph = OnnxSweepTests.Network(family, random, image).Import();
            }
            catch (OnnxImportException e) when (e.Message.Contains("would have the shape"))
            {
                continue;
            }

            (QuantizedGraph first, QuantizedGraph again) = ThereAndBack(graph, seed);
            AssertSameOutputs(first, again, $"{family}, seed {seed}");
        }
    }

    private static (QuantizedGraph First, QuantizedGraph Again) ThereAndBack(Graph graph, int seed)
    {
        Graph fused = Fusion.Apply(graph);
        float[][] samples = [.. Enumerable.Range(0, 4).Select(i => Tensors.Random(new Random(seed + i), graph.Input.Length))];
        QuantizedGraph first = Quantizer.Quantize(fused, Calibrator.Run(fused, samples));
        Graph read = OnnxReader.Import(QdqWriter.Build(first), "written.onnx");
        return (first, Quantizer.Quantize(Fusion.Apply(read), Ranges.None));
    }

    private static void AssertSameOutputs(QuantizedGraph first, QuantizedGraph again, string what)
    {
        using Model a = Model.Load(Lowering.Lower(first, new LoweringOptions())), b = Model.Load(Lowering.Lower(again, new LoweringOptions()));
        Assert.Equal(a.Input.Length, b.Input.Length);
        Assert.Equal((a.Output.Scale, a.Output.ZeroPoint, a.Output.Length), (b.Output.Scale, b.Output.ZeroPoint, b.Output.Length));
        using Interpreter one = new(a, KernelPath.Reference), two = new(b, KernelPath.Reference);
        for (int i = 0; i < 4; i++)
        {
            sbyte[] input = new sbyte[a.Input.Length], expected = new sbyte[a.Output.Length], found = new sbyte[a.Output.Length];
            new Random(i).NextBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(input.AsSpan()));
            one.Invoke(input, expected);
            two.Invoke(input, found);
            Assert.True(expected.SequenceEqual(found), $"{what}: {string.Join(' ', expected)} became {string.Join(' ', found)}");
        }
    }
}
