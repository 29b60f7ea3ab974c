using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Quantization;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;
using EdgeConv.Tests.Converters;
using NetworkBuilder = EdgeConv.Tests.Converters.NetworkBuilder;

namespace EdgeConv.Tests.Quantization;

/// <summary>A pooling joins its convolution where nothing else needs what lies between, and the answers stay the same.</summary>
public class PoolFusionTests
{
    private static readonly Window _same = new(3, 3, PadTop: 1, PadLeft: 1, PadBottom: 1, PadRight: 1);

    [Theory]
    [InlineData(2, 2, 2, 2)]
    [InlineData(3, 2, 3, 2)]
    [InlineData(2, 2, 3, 3)]
    [InlineData(1, 2, 1, 2)]
    public void APoolingBehindAConvolutionIsFused(int kernelH, int kernelW, int strideH, int strideW)
    {
        foreach (Activation activation in new[] { Activation.None, Activation.Relu, Activation.Relu6 })
        {
            QuantizedGraph graph = Quantize(new NetworkBuilder("fused", 1, [1, 11, 12, 3])
                .Conv(10, _same).Activate(activation).Pool(w => new MaxPool(w), new Window(kernelH, kernelW, strideH, strideW)).Build());
            using Model model = Lower(graph), apart = model.LayerByLayer();
            Conv2DOp conv = Assert.IsType<Conv2DOp>(Assert.Single(model.Operators));
            Assert.Equal(new Pooling(kernelH, kernelW, strideH, strideW), conv.Pool);
            Assert.Equal(graph.Nodes[0].Name, conv.Name);
            Assert.Equal(graph.Output, model.Output.Name);
            Assert.Equal(2, apart.Operators.Count);
            Assert.True(model.ArenaBytes < 11 * 12 * 10, $"{model.ArenaBytes} bytes hold the convolution's output");
            AssertAlike(model, apart);
        }
    }

    [Theory]
    [InlineData("padded")]
    [InlineData("overlapping")]
    [InlineData("dilated")]
    [InlineData("depthwise")]
    [InlineData("average")]
    [InlineData("behind a table")]
    [InlineData("read twice")]
    [InlineData("wanted by the caller")]
    public void WhatDoesNotFuseStaysTwoLayers(string why)
    {
        var builder = new NetworkBuilder("apart", 2, [1, 9, 9, 4]).Conv(4, _same, groups: why == "depthwise" ? 4 : 1);
        builder = why == "behind a table" ? builder.Activate(Activation.Tanh) : builder;
        Window window = why switch
        {
            "padded" => new(2, 2, 2, 2, PadTop: 1, PadLeft: 1),
            "overlapping" => new(3, 3, 2, 2),
            "dilated" => new(2, 2, 4, 4, 2, 2),
            _ => new(2, 2, 2, 2),
        };
        Graph graph = builder.Pool(w => why == "average" ? new AveragePool(w) : new MaxPool(w), window).Build();
        QuantizedGraph quantized = Quantize(why == "read twice" ? Twice(graph, window) : graph);
        using Model model = Lower(why == "wanted by the caller" ? quantized with { Output = quantized.Nodes[0].Output.Name } : quantized);
        Assert.All(model.Operators.OfType<Conv2DOp>(), op => Assert.False(op.IsPooled));
        Assert.Contains(model.Operators, op => op is MaxPoolOp or AveragePoolOp);
    }

    [Fact]
    public void Int4WeightsFuseAndInt16ActivationsDoNot()
    {
        Graph graph = Fusion.Apply(new NetworkBuilder("kinds", 3, [1, 8, 8, 2]).Conv(6, _same).Pool(w => new MaxPool(w), new Window(2, 2, 2, 2)).Build());
        string layer = graph.Nodes[0].Name;
        using Model small = Lower(Quantize(graph, new QuantizerOptions { Int4 = [layer] })), apart = small.LayerByLayer();
        Conv2DOp conv = Assert.IsType<Conv2DOp>(Assert.Single(small.Operators));
        Assert.Equal(ElementType.Int4, small.Tensors[conv.Weights].Type);
        AssertAlike(small, apart);
        using Model wide = Lower(Quantize(graph, new QuantizerOptions { Wide = [layer] }));
        Assert.All(wide.Operators.OfType<Conv2DOp>(), op => Assert.False(op.IsPooled));
    }

    [Theory]
    [InlineData(-100, 90, -20, 50)]
    [InlineData(-20, 50, -100, 90)]
    [InlineData(-100, -50, 10, 20)]     // nothing in common: the second clamp gives one value
    [InlineData(60, 90, -128, 0)]
    public void TwoClampsBecomeOne(int min, int max, int poolMin, int poolMax)
    {
        QuantizedGraph open = Quantize(new NetworkBuilder("clamps", 4, [1, 6, 6, 3]).Conv(9, _same).Pool(w => new MaxPool(w), new Window(2, 2, 2, 2)).Build());
        (QuantizedNode conv, QuantizedNode pool) = (open.Nodes[0], open.Nodes[1]);
        var operation = (QuantizedConv2D)conv.Operation;
        QuantizedGraph clamped = open with
        {
            Nodes = [conv with { Operation = operation with { Weights = operation.Weights with { Min = min, Max = max } } },
                pool with { Operation = (QuantizedMaxPool)pool.Operation with { Min = poolMin, Max = poolMax } }],
        };
        using Model free = Lower(open), bound = Lower(clamped);
        Assert.True(Assert.IsType<Conv2DOp>(Assert.Single(bound.Operators)).IsPooled);
        sbyte[] input = Input(free), expected = [.. Run(free, input).Select(v => (sbyte)Math.Clamp(Math.Clamp((int)v, min, max), poolMin, poolMax))];
        Assert.Equal(expected, Run(bound, input));
    }

    // The convolution's output is pooled twice and joined.
    private static Graph Twice(Graph graph, Window window)
    {
        (Node conv, Node pool) = (graph.Nodes[0], graph.Nodes[1]);
        Node again = new("again", new MaxPool(window), [conv.Output.Name], new Value("again", pool.Output.Shape));
        Value joined = new("joined", [1, pool.Output.Shape[1], pool.Output.Shape[2], 8]);
        return graph with { Nodes = [conv, pool, again, new Node("join", new Concat(3), [pool.Output.Name, "again"], joined)], Output = "joined" };
    }

    private static QuantizedGraph Quantize(Graph graph, QuantizerOptions? options = null)
    {
        Graph fused = Fusion.Apply(graph);
        return Quantizer.Quantize(fused, Calibrator.Run(fused, Networks.Samples(fused, 5)), options ?? new QuantizerOptions());
    }

    private static Model Lower(QuantizedGraph graph)
    {
        Random random = new(9);
        sbyte[] golden = [.. Enumerable.Range(0, graph.Input.ByteLength).Select(_ => (sbyte)random.Next(-128, 128))];
        Model model = Model.Load(Lowering.Lower(graph, new LoweringOptions { GoldenInputs = [golden] }));
        Assert.All(KernelPath.All.Where(p => p.IsSupported), path => Assert.Null(SelfTest.Run(model, path)));
        return model;
    }

    private static void AssertAlike(Model a, Model b)
    {
        sbyte[] input = Input(a);
        Assert.Equal(Run(a, input), Run(b, input));
    }

    private static sbyte[] Input(Model model)
    {
        Random random = new(10);
        return [.. Enumerable.Range(0, model.Input.Length).Select(_ => (sbyte)random.Next(-128, 128))];
    }

    private static sbyte[] Run(Model model, sbyte[] input)
    {
        using Interpreter interpreter = new(model, KernelPath.Reference);
        sbyte[] output = new sbyte[model.Output.Length];
        interpreter.Invoke(input, output);
        return output;
    }
}
