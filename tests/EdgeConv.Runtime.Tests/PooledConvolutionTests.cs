using EdgeConv.Runtime.Format;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Runtime.Tests;

/// <summary>A convolution fused with its pooling gives the bytes of the two one after the other, on every path.</summary>
public sealed class PooledConvolutionTests
{
    private const int Seed = 40400;

    [Fact]
    public void Four_hundred_shapes_from_a_seed_give_what_both_layers_give_alone()
    {
        for (int i = 0; i < 400; i++)
        {
            var random = new Random(Seed + i);
            int groups = random.Next(5) == 0 ? random.Next(2, 4) : 1;
            int channels = groups * random.Next(1, i % 3 == 0 ? 4 : 20), outputs = groups * random.Next(1, 20);
            var window = new Window(random.Next(1, 6), random.Next(1, 6), random.Next(1, 4), random.Next(1, 4), random.Next(1, 3), random.Next(1, 3),
                random.Next(3), random.Next(3), random.Next(3), random.Next(3));
            var pool = new Pooling(random.Next(1, 4), random.Next(1, 4), random.Next(1, 4), random.Next(1, 4));
            int rows = pool.KernelH + random.Next(9), columns = pool.KernelW + random.Next(12);
            int[] shape = [random.Next(1, 3), Input(rows, window.SpanH, window.StrideH, window.PadTop + window.PadBottom),
                Input(columns, window.SpanW, window.StrideW, window.PadLeft + window.PadRight), channels];
            Check(random, shape, window, groups, outputs, pool, RandomBytes(random));
        }

        static int Input(int outputs, int span, int stride, int padding) => Math.Max((outputs - 1) * stride + span - padding, 1);
    }

    [Theory]
    [InlineData(2, 2, 2, 2)]
    [InlineData(3, 3, 2, 2)]
    [InlineData(3, 3, 3, 3)]
    [InlineData(9, 9, 1, 1)]     // more pixels than are held at once
    [InlineData(1, 28, 1, 1)]
    [InlineData(28, 28, 1, 1)]
    [InlineData(13, 11, 14, 12)]
    public void Windows_of_many_sizes_on_LeNets_first_layer(int kernelH, int kernelW, int strideH, int strideW) => Check(
        new Random(Seed), [1, 28, 28, 1], new Window(5, 5, PadTop: 2, PadLeft: 2, PadBottom: 2, PadRight: 2), 1, 6,
        new Pooling(kernelH, kernelW, strideH, strideW), RandomBytes(new Random(Seed)));

    [Theory]
    [InlineData(-128, -128, -128)]
    [InlineData(127, -128, 127)]
    [InlineData(-128, 127, 127)]
    [InlineData(127, 127, -128)]
    public void Extremes(int input, int weight, int zeroPoint)
    {
        foreach (int shift in new[] { -15, -31, 0 })
        {
            int[] shape = [1, 7, 7, 33];
            sbyte[] weights = [.. Enumerable.Repeat((sbyte)weight, 9 * 9 * 33)];
            ConvCase conv = new(shape, zeroPoint, weights, [9, 3, 3, 33], new int[9], [.. Enumerable.Repeat(1 << 30, 9)], [.. Enumerable.Repeat(shift, 9)],
                new Window(3, 3, PadTop: 1, PadLeft: 1), 1, 3, -128, 127)
            { Pool = new Pooling(2, 2, 2, 2) };
            Check(conv, [.. Enumerable.Repeat((sbyte)input, 7 * 7 * 33)], $"{input} * {weight}, zero point {zeroPoint}, shift {shift}");
        }
    }

    [Fact]
    public void Layer_by_layer_a_fused_network_is_the_one_that_was_never_fused()
    {
        using Model fused = TestNetworks.LeNet5(pooled: true).Build(), plain = TestNetworks.LeNet5().Build(), apart = fused.LayerByLayer();
        Assert.Equal(plain.Operators.Count, apart.Operators.Count);
        sbyte[] input = RandomBytes(new Random(Seed))(784);
        using Interpreter a = new(plain, KernelPath.Reference), b = new(apart, KernelPath.Reference);
        a.SetInput(input);
        b.SetInput(input);
        for (int i = 0; i < plain.Operators.Count; i++)
        {
            a.RunOperator(i);
            b.RunOperator(i);
            Paths.AssertSame(a.Activation(plain.Operators[i].Output).ToArray(), b.Activation(apart.Operators[i].Output).ToArray(), plain.Operators[i].Name);
        }
    }

    [Fact]
    public void A_model_without_a_fused_pooling_stays_as_it_is_layer_by_layer()
    {
        using Model plain = TestNetworks.LeNet5().Build(), same = plain.LayerByLayer();
        Assert.Equal(plain.Operators, same.Operators);
        Assert.Equal(plain.ArenaBytes, same.ArenaBytes);
    }

    [Fact]
    public void Hashes_and_golden_vectors_are_those_of_the_pooled_output()
    {
        TestModel builder = TestNetworks.LeNet5(pooled: true);
        using Model bare = builder.Build();
        GoldenVector golden = SelfTest.Record(bare, RandomBytes(new Random(Seed))(784));
        Assert.Equal(bare.Operators.Count, golden.LayerHashes.Count);
        using Model model = Model.Load(ModelWriter.Write(builder.Spec() with { GoldenVectors = [golden] }));
        Assert.All(Paths.Supported, path => Assert.Null(SelfTest.Run(model, path)));
        Assert.Equal(new Pooling(2, 2, 2, 2), Assert.IsType<Conv2DOp>(model.Operators[0]).Pool);
    }

    [Theory]
    [InlineData(0, 2, 2, 2, 3, "expected 1 to")]
    [InlineData(2, 2, 2, 0, 3, "expected 1 to")]
    [InlineData(2, 2, 2, 40000, 3, "expected 1 to")]
    [InlineData(7, 2, 2, 2, 3, "larger than the 6x6")]
    [InlineData(2, 2, 2, 2, 6, "the window gives 1x3x3x2")]
    public void A_pooling_that_does_not_fit_is_refused(int kernelH, int kernelW, int strideH, int strideW, int size, string reason)
    {
        var model = new TestModel();
        int x = model.Activation([1, 6, 6, 2]), y = model.Activation([1, size, size, 2]);
        model.Then(new Conv2DOp("odd", x, y, model.Constant(new sbyte[4], [2, 1, 1, 2]), model.Constant(new int[2]),
            model.Constant([1 << 30, 1 << 30]), model.Constant([-5, -5]), new Window(1, 1), 1, -128, 127)
        { Pool = new Pooling(kernelH, kernelW, strideH, strideW) });
        Assert.Contains(reason, Assert.Throws<ModelFormatException>(model.Build).Message);
    }

    [Fact]
    public void A_pooling_on_int16_is_refused()
    {
        var model = new TestModel();
        int x = model.Activation([1, 4, 4, 2]), wide = model.WideActivation([1, 4, 4, 2]), y = model.WideActivation([1, 2, 2, 2]);
        model.Then(new RequantizeOp("widen", x, wide, new(1 << 30, 4), -32768, 32767)).Then(new Conv2DOp("wide", wide, y,
            model.Constant(new sbyte[4], [2, 1, 1, 2]), model.Constant(new long[2]), model.Constant([1 << 30, 1 << 30]), model.Constant([-5, -5]),
            new Window(1, 1), 1, -32768, 32767)
        { Pool = new Pooling(2, 2, 2, 2) });
        Assert.Contains("int8 activations", Assert.Throws<ModelFormatException>(model.Build).Message);
    }

    [Fact]
    public void A_small_file_cannot_ask_for_an_enormous_picture_in_between()
    {
        const int Far = FormatLayout.MaxWindowField;
        var model = new TestModel();
        int x = model.Activation([1, 1, 1, 1]), y = model.Activation([1, 1, 1, 100]);
        model.Then(new Conv2DOp("vast", x, y, model.Constant(new sbyte[100], [100, 1, 1, 1]), model.Constant(new int[100]),
            model.Constant([.. Enumerable.Repeat(1 << 30, 100)]), model.Constant(new int[100]),
            new Window(1, 1, PadTop: 16383, PadLeft: 16383, PadBottom: 16383, PadRight: 16383), 1, -128, 127)
        { Pool = new Pooling(Far, Far, Far, Far) });
        Assert.Contains("expected less than 1073741824", Assert.Throws<ModelFormatException>(model.Build).Message);
    }

    private static void Check(Random random, int[] shape, Window window, int groups, int outputs, Pooling pool, Func<int, sbyte[]> bytes)
    {
        int depth = shape[3] / groups, taps = window.KernelH * window.KernelW * depth;
        ConvCase conv = new(shape, random.Next(-128, 128), bytes(outputs * taps), [outputs, window.KernelH, window.KernelW, depth],
            [.. Draw(_ => random.Next(-20000, 20000))], [.. Draw(_ => random.Next(1 << 30, int.MaxValue))], [.. Draw(_ => random.Next(-14, -4))],
            window, groups, random.Next(-128, 128), (sbyte)random.Next(-128, 0), (sbyte)random.Next(0, 128))
        { Pool = pool };
        Check(conv, bytes(shape.Aggregate(1, (a, b) => a * b)), $"seed {Seed}, {string.Join('x', shape)} -> {outputs}, {groups} groups, {window}, {pool}");

        IEnumerable<int> Draw(Func<int, int> value) => Enumerable.Range(0, outputs).Select(value);
    }

    /// <summary>Every path, against the two operators one after the other.</summary>
    private static void Check(ConvCase conv, sbyte[] x, string what)
    {
        using Model model = conv.Build(), apart = model.LayerByLayer();
        using Interpreter plain = new(apart, KernelPath.Reference);
        sbyte[] expected = new sbyte[model.Output.Length];
        plain.Invoke(x, expected);
        Paths.AllGive(expected, model, x, what);
    }

    /// <summary>Bytes of all values, the extremes more often.</summary>
    private static Func<int, sbyte[]> RandomBytes(Random random) =>
        count => [.. Enumerable.Range(0, count).Select(_ => random.Next(8) switch { 0 => (sbyte)-128, 1 => (sbyte)127, _ => (sbyte)random.Next(-128, 128) })];
}
