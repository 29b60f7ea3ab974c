using EdgeConv.Runtime.Format;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Runtime.Tests;

/// <summary>Every path equals the reference, on shapes chosen to be awkward and on shapes from a seed.</summary>
public sealed class ParityTests
{
    private const int Seed = 20260;

    [Fact]
    public void The_reference_is_the_last_path_and_every_name_is_unique()
    {
        Assert.Equal("Reference", KernelPath.Reference.Name);
        Assert.True(KernelPath.Reference.IsSupported);
        Assert.Equal(KernelPath.All.Count, KernelPath.All.Select(p => p.Name).Distinct().Count());
    }

    [Theory]
    [InlineData(1, 1, 1, 1, 1, 1)]      // a single multiplication
    [InlineData(1, 1, 257, 1, 3, 1)]    // more channels than a vector, one over
    [InlineData(2, 7, 5, 3, 8, 3)]
    [InlineData(1, 28, 1, 5, 6, 5)]     // LeNet's first layer, as rows
    [InlineData(1, 9, 31, 2, 17, 3)]
    [InlineData(3, 4, 16, 4, 9, 2)]
    public void Convolution_of_awkward_shapes(int batch, int size, int channels, int kernel, int outputs, int pad)
    {
        var random = new Random(Seed + size + channels);
        var window = new Window(kernel, kernel, PadTop: pad, PadLeft: pad - 1, PadBottom: pad - 1, PadRight: pad);
        CheckConv(random, [batch, size, size + 1, channels], window, 1, outputs);
    }

    [Fact]
    public void Convolution_of_three_hundred_shapes_from_a_seed()
    {
        for (int i = 0; i < 300; i++)
        {
            var random = new Random(Seed + i);
            int groups = random.Next(4) == 0 ? random.Next(2, 5) : 1;
            int channels = groups * random.Next(1, 20), outputs = groups * random.Next(1, 20);
            var window = new Window(random.Next(1, 6), random.Next(1, 6), random.Next(1, 4), random.Next(1, 4), random.Next(1, 3), random.Next(1, 3),
                random.Next(3), random.Next(3), random.Next(3), random.Next(3));
            int[] shape = [random.Next(1, 3), window.SpanH + random.Next(9), window.SpanW + random.Next(12), channels];
            CheckConv(random, shape, window, groups, outputs);
        }
    }

    [Fact]
    public void A_convolution_of_few_channels_leaves_the_bytes_behind_its_output_alone()
    {
        // whole panels of eight channels are stored at once; the input, read again by Concat, begins right behind the output
        foreach (int outputs in new[] { 1, 2, 3, 5, 7 })
        {
            for (int width = 1; width <= 20; width++)
            {
                var random = new Random(Seed + width);
                var builder = new TestModel(aligned: true);
                int y = builder.Activation([1, 1, width, outputs]), x = builder.Activation([1, 1, width, 1]), both = builder.Activation([1, 1, width, outputs + 1]);
                ModelSpec spec = builder
                    .Then(new Conv2DOp("conv", x, y, builder.Constant(RandomBytes(random, outputs), [outputs, 1, 1, 1]), builder.Constant(new int[outputs]),
                        builder.Constant(RandomMultipliers(random, outputs)), builder.Constant(Repeat(-6, outputs)), new Window(1, 1), 1, -128, 127))
                    .Then(new ConcatOp("both", [y, x], both, 3))
                    .Spec();
                TensorSpec[] tensors = [.. spec.Tensors];
                tensors[x] = tensors[x] with { Info = tensors[x].Info with { Offset = width * outputs } };
                using Model model = Model.Load(ModelWriter.Write(spec with { Tensors = tensors }));
                sbyte[] input = RandomBytes(random, width);
                Paths.AllGive(TestModel.Run(model, input, KernelPath.Reference), model, input, $"{width} pixels of {outputs} channels");
            }
        }
    }

    [Fact]
    public void Depthwise_convolution_is_the_case_of_as_many_groups_as_channels()
    {
        foreach (int channels in new[] { 1, 3, 8, 19 })
        {
            var random = new Random(Seed + channels);
            CheckConv(random, [1, 9, 8, channels], new Window(3, 3, 2, 1, PadTop: 1, PadLeft: 1, PadBottom: 1, PadRight: 1), channels, channels);
            CheckConv(random, [1, 9, 8, channels], new Window(3, 3), channels, 2 * channels);
        }
    }

    [Theory]
    [InlineData(-128, -128, -128)]
    [InlineData(127, -128, 127)]
    [InlineData(-128, 127, 127)]
    [InlineData(127, 127, -128)]
    public void Convolution_of_extremes(int input, int weight, int zeroPoint)
    {
        int[] shape = [1, 6, 6, 33];
        sbyte[] weights = Enumerable.Repeat((sbyte)weight, 9 * 9 * 33).ToArray();
        var conv = new ConvCase(shape, zeroPoint, weights, [9, 3, 3, 33], new int[9], Repeat(1 << 30, 9), Repeat(-15, 9),
            new Window(3, 3, PadTop: 1, PadLeft: 1), 1, 3, -128, 127);
        sbyte[] x = Enumerable.Repeat((sbyte)input, 6 * 6 * 33).ToArray();
        using Model model = conv.Build();
        Paths.AllGive(TestModel.Run(model, x, KernelPath.Reference), model, x, $"{input} * {weight}, zero point {zeroPoint}");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Requantization_of_every_shift_sign_and_tie(bool relu)
    {
        // a 1x1 convolution of zeros: the accumulator is the bias, so each output channel is one requantization
        const int Pixels = 15;   // a tile of eight and a part of one
        var random = new Random(Seed);
        for (int shift = -31; shift <= 8; shift++)
        {
            const int Count = 512;
            int[] bias = new int[Count], multipliers = new int[Count];
            int limit = shift > 0 ? int.MaxValue >> shift : int.MaxValue;
            for (int c = 0; c < Count; c++)
            {
                int tie = shift < 0 ? (2 * random.Next(-100, 100) + 1) << Math.Min(-shift - 1, 22) : random.Next(-300, 300);
                bias[c] = c < 256 ? Math.Clamp(tie, -limit, limit) : random.Next(-limit, limit);
                multipliers[c] = random.Next(4) switch { 0 => 1 << 30, 1 => int.MaxValue, 2 => (1 << 30) + 1, _ => random.Next(1 << 30, int.MaxValue) };
            }

            int zeroPoint = relu ? -128 : random.Next(-128, 128);
            var conv = new ConvCase([1, 1, Pixels, 1], 0, new sbyte[Count], [Count, 1, 1, 1], bias, multipliers, Repeat(shift, Count),
                new Window(1, 1), 1, zeroPoint, -128, 127);
            using Model model = conv.Build();
            sbyte[] x = new sbyte[Pixels];
            Paths.AllGive(TestModel.Run(model, x, KernelPath.Reference), model, x, $"shift {shift}, zero point {zeroPoint}");
        }
    }

    [Theory]
    [InlineData(1, 1, 1, 0)]
    [InlineData(1, 400, 120, 0)]
    [InlineData(1, 84, 10, 0)]
    [InlineData(13, 37, 29, 0)]
    [InlineData(9, 65, 8, -7)]
    [InlineData(1, 15, 9, 127)]
    public void Fully_connected(int rows, int inputs, int outputs, int weightZeroPoint)
    {
        var random = new Random(Seed + inputs);
        var model = new TestModel();
        int x = model.Activation([rows, inputs], random.Next(-128, 128)), y = model.Activation([rows, outputs], -5);
        int w = model.Constant(RandomBytes(random, outputs * inputs), [outputs, inputs], weightZeroPoint);
        var op = new FullyConnectedOp("fc", x, y, w, model.Constant(RandomInts(random, outputs, 5000)), model.Constant(RandomMultipliers(random, outputs)),
            model.Constant(RandomShifts(random, outputs)), -100, 120);
        Check(model.Then(op), random, $"{rows}x{inputs} -> {outputs}, weight zero point {weightZeroPoint}");
    }

    [Fact]
    public void Poolings_of_two_hundred_shapes_from_a_seed()
    {
        for (int i = 0; i < 200; i++)
        {
            var random = new Random(Seed + i);
            int kernelH = random.Next(1, 5), kernelW = random.Next(1, 5);
            bool dilated = random.Next(5) == 0;
            Window window = dilated
                ? new(kernelH, kernelW, random.Next(1, 4), random.Next(1, 4), random.Next(1, 3), random.Next(1, 3))
                : new(kernelH, kernelW, random.Next(1, 4), random.Next(1, 4), 1, 1, random.Next(kernelH), random.Next(kernelW));
            int[] shape = [random.Next(1, 3), window.SpanH + random.Next(9), window.SpanW + random.Next(9), random.Next(1, 40)];
            int[] output = [shape[0], window.OutputH(shape[1]), window.OutputW(shape[2]), shape[3]];
            var max = new TestModel();
            Check(max.Then(new MaxPoolOp("max", max.Activation(shape), max.Activation(output), window, -90, 100)), random, $"max {window}");
            var average = new TestModel();
            Check(average.Then(new AveragePoolOp("mean", average.Activation(shape), average.Activation(output), window, -90, 100)), random, $"mean {window}");
        }
    }

    [Fact]
    public void Table_softmax_and_reshape()
    {
        var random = new Random(Seed);
        var model = new TestModel();
        int x = model.Activation([2, 3, 1, 7]), tabled = model.Activation([2, 3, 1, 7]);
        int y = model.Activation([6, 7], -128, 1 / 256f), z = model.Activation([42], -128, 1 / 256f);
        model.Then(new TableOp("table", x, tabled, model.Constant(RandomBytes(random, 256), [256])))
            .Then(new SoftmaxOp("softmax", tabled, y, 1 << 30, 20, -1984))
            .Then(new ReshapeOp("reshape", y, z));
        Check(model, random, "table, softmax, reshape");
    }

    private static void CheckConv(Random random, int[] shape, Window window, int groups, int outputs)
    {
        int depth = shape[3] / groups, taps = window.KernelH * window.KernelW * depth;
        (int zeroPoint, int min, int max) = random.Next(3) == 0   // ReLU as a quantizer makes it, or anything
            ? (-128, -128, 127)
            : (random.Next(-128, 128), random.Next(-128, 0), random.Next(0, 128));
        var conv = new ConvCase(shape, random.Next(-128, 128), RandomBytes(random, outputs * taps), [outputs, window.KernelH, window.KernelW, depth],
            RandomInts(random, outputs, 20000), RandomMultipliers(random, outputs), RandomShifts(random, outputs), window, groups,
            zeroPoint, (sbyte)min, (sbyte)max);
        using Model model = conv.Build();
        sbyte[] x = RandomBytes(random, shape.Aggregate(1, (a, b) => a * b));
        string what = $"seed {Seed}, {string.Join('x', shape)} -> {outputs}, {groups} groups, {window}";
        Paths.AllGive(TestModel.Run(model, x, KernelPath.Reference), model, x, what);
    }

    private static void Check(TestModel builder, Random random, string what)
    {
        using Model model = builder.Build();
        sbyte[] x = RandomBytes(random, model.Input.Length);
        Paths.AllGive(TestModel.Run(model, x, KernelPath.Reference), model, x, what);
    }

    /// <summary>Bytes of all values, the extremes more often.</summary>
    private static sbyte[] RandomBytes(Random random, int count)
    {
        sbyte[] bytes = new sbyte[count];
        for (int i = 0; i < count; i++)
        {
            bytes[i] = random.Next(8) switch { 0 => -128, 1 => 127, _ => (sbyte)random.Next(-128, 128) };
        }

        return bytes;
    }

    private static int[] RandomInts(Random random, int count, int limit) => Enumerable.Range(0, count).Select(_ => random.Next(-limit, limit)).ToArray();

    private static int[] RandomMultipliers(Random random, int count) =>
        Enumerable.Range(0, count).Select(_ => random.Next(1 << 30, int.MaxValue)).ToArray();

    private static int[] RandomShifts(Random random, int count) => Enumerable.Range(0, count).Select(_ => random.Next(-14, -4)).ToArray();

    private static int[] Repeat(int value, int count) => Enumerable.Repeat(value, count).ToArray();
}
