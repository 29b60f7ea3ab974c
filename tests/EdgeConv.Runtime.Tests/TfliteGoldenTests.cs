using System.Runtime.InteropServices;
using EdgeConv.Converters.Quantization;
using EdgeConv.Runtime.Format;
using EdgeConv.Runtime.Kernels;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime.Tests;

/// <summary>
/// Bit for bit what the reference kernels of TensorFlow Lite Micro (commit 90b983c2b, two roundings, x64) give. Inputs come from a
/// generator of 64 bits that was run on both sides; of the outputs the CRC-32C was recorded.
/// </summary>
public sealed class TfliteGoldenTests
{
    [Fact]
    public void The_tables_of_int16_functions_are_those_of_TFLite()
    {
        Assert.Equal(0xe22ae114, Crc(WideTables.Exponential()));
        Assert.Equal(0xad6b641e, Crc(WideTables.Reciprocal()));
        Assert.Equal(0xe70d2c38, Crc(WideTables.Sigmoid()));
    }

    [Fact]
    public void A_table_of_int16_gives_a_line_between_its_entries()
    {
        Check(WideTables.Exponential(), 0xaae19792);
        Check(WideTables.Reciprocal(), 0xac1bf52d);

        static void Check(short[] table, uint crc)
        {
            var model = new TestModel();
            int x = model.WideActivation([1, 65536]), y = model.WideActivation([1, 65536]);
            using Model built = model.Then(new TableOp("table", x, y, model.Constant(table))).Build();
            AllGive(crc, built, Bytes(EveryInt16()), "table");
        }
    }

    [Theory]
    [InlineData(1, 1099511680, 19, -3968, 2097151900, -18, 0x5b10ce20)]
    [InlineData(2, 1099511680, 19, -3968, 2097151900, -18, 0x0e8ece0f)]
    [InlineData(10, 1099511680, 19, -3968, 2097151900, -18, 0x4fa14fb5)]
    [InlineData(1000, 1099511680, 19, -3968, 2097151900, -18, 0x6ff4aaf4)]
    [InlineData(4000, 1099511680, 19, -3968, 2097151900, -18, 0x57e3add1)]
    [InlineData(2, 1202590848, 23, -248, 1917396106, -22, 0xa3674ff6)]
    [InlineData(10, 1202590848, 23, -248, 1917396106, -22, 0x700a8a56)]
    [InlineData(1000, 1202590848, 23, -248, 1917396106, -22, 0xdf20565d)]
    [InlineData(4000, 1202590848, 23, -248, 1917396106, -22, 0x447c788a)]
    [InlineData(2, 1073741824, 26, -31, 1073741824, -24, 0x674e1b9f)]
    [InlineData(10, 1073741824, 26, -31, 1073741824, -24, 0x99e6d598)]
    [InlineData(1000, 1073741824, 26, -31, 1073741824, -24, 0x5a627f8d)]
    [InlineData(4000, 1073741824, 26, -31, 1073741824, -24, 0xc4c7a940)]
    [InlineData(2, 1610612736, 28, -7, 1431655765, -27, 0xb1183a7e)]
    [InlineData(10, 1610612736, 28, -7, 1431655765, -27, 0x3f83ed67)]
    [InlineData(4000, 1610612736, 28, -7, 1431655765, -27, 0x90a92a90)]
    public void Log_softmax(int classes, int multiplier, int leftShift, int diffMin, int inverse, int inverseShift, uint crc)
    {
        var model = new TestModel();
        int x = model.Activation([8, classes]), y = model.Activation([8, classes], 127, 1 / 16f);
        using Model built = model
            .Then(new LogSoftmaxOp("log", x, y, multiplier, leftShift, diffMin, new QuantizedMultiplier(inverse, inverseShift))).Build();
        AllGive(crc, built, new Generator(classes).Bytes(8 * classes), "log softmax");
    }

    [Theory]
    [InlineData(1, 1717960704, 1, 0x9612114a)]
    [InlineData(2, 1717960704, 1, 0x0ac51635)]
    [InlineData(10, 1717960704, 1, 0xde1ae3bb)]
    [InlineData(1000, 1717960704, 1, 0xafdf84c4)]
    [InlineData(60000, 1717960704, 1, 0x95131301)]
    [InlineData(2, 2111030213, 1, 0x6fd17f8e)]
    [InlineData(10, 2111030213, 1, 0x381db790)]
    [InlineData(60000, 2111030213, 1, 0x55850e19)]
    [InlineData(2, 1759191844, 4, 0x0a4c2753)]
    [InlineData(1000, 1759191844, 4, 0xc986d82a)]
    [InlineData(10, 1374368584, 9, 0x391ec4c4)]
    [InlineData(60000, 1374368584, 9, 0x59995c42)]
    public void Softmax_of_int16(int classes, int multiplier, int shift, uint crc)
    {
        var model = new TestModel();
        int x = model.WideActivation([3, classes]), y = model.WideActivation([3, classes]);
        using Model built = model.Then(new WideSoftmaxOp("softmax", x, y, new QuantizedMultiplier(multiplier, shift),
            model.Constant(WideTables.Exponential()), model.Constant(WideTables.Reciprocal()))).Build();
        AllGive(crc, built, Bytes(new Generator(classes + 1).Words(3 * classes)), "softmax");
    }

    [Theory]
    [InlineData(false, 3, 0, 0x26e2b6f1)]
    [InlineData(false, 24576, 12, 0x876535f2)]
    [InlineData(false, 30198, 13, 0x8f173d49)]
    [InlineData(false, 25165, 11, 0x61d9842b)]
    [InlineData(false, 31457, 8, 0xeff93a21)]
    [InlineData(false, 25769, 21, 0x192f5a7d)]
    [InlineData(true, 3, 0, 0x9248e90f)]
    [InlineData(true, 6, 0, 0x68622527)]
    [InlineData(true, 30198, 13, 0x3a5b8c72)]
    [InlineData(true, 25165, 11, 0xa6065358)]
    [InlineData(true, 31457, 8, 0xa203854d)]
    [InlineData(true, 25769, 21, 0xa9b37042)]
    public void Sigmoid_and_tanh_of_every_int16(bool isTanh, int multiplier, int shift, uint crc)
    {
        var model = new TestModel();
        int x = model.WideActivation([1, 65536]), y = model.WideActivation([1, 65536]);
        using Model built = model.Then(new WideSigmoidOp("f", x, y, model.Constant(WideTables.Sigmoid()), multiplier, shift, isTanh)).Build();
        AllGive(crc, built, Bytes(EveryInt16()), isTanh ? "tanh" : "sigmoid");
    }

    [Theory]
    [InlineData(new[] { 1, 7, 7, 5 }, 6, 0.1f, 0.1f, 3, 3, 0xa7de3b18, 0xd1e840a9)]
    [InlineData(new[] { 1, 7, 7, 5 }, 6, 0.1f, 0.037f, -128, 4, 0x9c92060f, 0x2a5496fb)]
    [InlineData(new[] { 2, 3, 4, 5 }, 8, 0.02f, 0.02f, 5, -9, 0x16df193f, 0x41abfd47)]
    [InlineData(new[] { 2, 3, 4, 5 }, 2, 0.02f, 0.3f, 5, -9, 0x2e5e869f, 0x2efecf9f)]
    [InlineData(new[] { 1, 1, 1, 257 }, 6, 0.5f, 0.4f, -1, 127, 0x1feb3b1d, 0x74143af7)]
    [InlineData(new[] { 2, 9, 11, 3 }, 15, 0.05f, 0.01f, 11, 0, 0x1b292d5a, 0x25d5bd8b)]
    [InlineData(new[] { 1, 40, 50, 2 }, 6, 0.004f, 0.0035f, -100, -128, 0x9349eeb7, 0x6d921775)]
    public void Mean(int[] shape, int axes, float inputScale, float outputScale, int inputZeroPoint, int outputZeroPoint, uint crc, uint wideCrc)
    {
        int length = shape.Aggregate(1, (a, b) => a * b);
        int[] output = [.. shape.Select((d, i) => (axes >> i & 1) != 0 ? 1 : d)];
        int count = length / output.Aggregate(1, (a, b) => a * b);
        QuantizedMultiplier scales = QuantizedMultiplier.From((double)inputScale / outputScale);
        int bits = Math.Min(Math.ILogB(count), 31 + scales.Shift);
        var factor = new QuantizedMultiplier((int)(((long)scales.Multiplier << bits) / count), scales.Shift - bits);

        var narrow = new TestModel();
        using Model bytes = narrow.Then(new MeanOp("mean", narrow.Activation(shape, inputZeroPoint), narrow.Activation(output, outputZeroPoint), axes, factor)).Build();
        AllGive(crc, bytes, new Generator(length).Bytes(length), "mean of int8");
        var wide = new TestModel();
        using Model words = wide.Then(new MeanOp("mean", wide.WideActivation(shape), wide.WideActivation(output), axes, factor)).Build();
        AllGive(wideCrc, words, Bytes(new Generator(length).Words(length)), "mean of int16");
    }

    [Theory]
    [InlineData(false, 0.001f, 0.001f, 0.001f, 0x03ba49c8)]
    [InlineData(false, 0.001f, 0.0003f, 0.0012f, 0xed2380f1)]
    [InlineData(false, 0.00002f, 0.0007f, 0.0005f, 0x0e0e686a)]
    [InlineData(true, 0.001f, 0.001f, 0.001f, 0xf0978e8c)]
    [InlineData(true, 0.001f, 0.0003f, 0.0012f, 0x6baf4239)]
    [InlineData(true, 0.00002f, 0.0007f, 0.0005f, 0x852805d5)]
    public void Sum_and_difference_of_int16(bool subtract, float a, float b, float y, uint crc)
    {
        (short[] first, short[] second) = Operands(77);
        (first[2], second[2]) = (short.MaxValue, short.MaxValue);
        double twice = 2 * (double)Math.Max(a, b);
        Binary(first, second, crc, (model, x, other, output) => new AddOp("add", x, other, output, QuantizedMultiplier.From(a / twice),
            QuantizedMultiplier.From(b / twice), QuantizedMultiplier.From(twice / ((1 << AddOp.WideLeftShift) * (double)y)), subtract, -32768, 30000));
    }

    [Theory]
    [InlineData(0.001f, 0.001f, 0.001f, 0x84d1b81e)]
    [InlineData(0.001f, 0.003f, 0.0001f, 0x6a28e7e9)]
    [InlineData(0.0002f, 0.0007f, 0.05f, 0x66da805e)]
    public void Product_of_int16(float a, float b, float y, uint crc)
    {
        (short[] first, short[] second) = Operands(78);
        Binary(first, second, crc, (model, x, other, output) => new MulOp("mul", x, other, output, QuantizedMultiplier.From((double)a * b / y), -32000, 32767));
    }

    [Fact]
    public void Poolings_of_int16()
    {
        short[] input = new Generator(5).Words(2 * 9 * 8 * 3);
        var window = new Window(3, 2, 2, 3, PadTop: 1, PadLeft: 1, PadBottom: 1);
        var average = new TestModel();
        using Model mean = average.Then(new AveragePoolOp("mean", average.WideActivation([2, 9, 8, 3]), average.WideActivation([2, 5, 3, 3]), window, -20000, 25000)).Build();
        AllGive(0xbc29f817, mean, Bytes(input), "mean");
        var largest = new TestModel();
        using Model max = largest.Then(new MaxPoolOp("max", largest.WideActivation([2, 9, 8, 3]), largest.WideActivation([2, 5, 3, 3]), window, -20000, 25000)).Build();
        AllGive(0x2ee0a3e8, max, Bytes(input), "max");
    }

    [Theory]
    [InlineData(false, 0x59be6998)]
    [InlineData(true, 0x8b30ae25)]
    public void Convolution_of_int16_with_int64_and_with_int32_sums(bool narrow, uint crc)
    {
        var generator = new Generator(9);
        short[] input = generator.Words(6 * 7 * 5);
        sbyte[] weights = generator.Bytes(4 * 3 * 2 * 5);
        var model = new TestModel();
        int x = model.WideActivation([1, 6, 7, 5]), y = model.WideActivation([1, 6, 4, 4]), bias = Bias(model, generator, 4, narrow);
        (int multipliers, int shifts) = Multipliers(model, 4, 1.0 / 300);
        using Model built = model.Then(new Conv2DOp("conv", x, y, model.Constant(weights, [4, 3, 2, 5]), bias, multipliers, shifts,
            new Window(3, 2, 1, 2, 2, 1, PadTop: 2, PadLeft: 1, PadBottom: 2, PadRight: 1), 1, -30000, 32767)).Build();
        AllGive(crc, built, Bytes(input), "convolution");
    }

    [Fact]
    public void Depthwise_convolution_of_int16()
    {
        const int Channels = 11;
        var generator = new Generator(10);
        short[] input = generator.Words(5 * 6 * Channels);
        sbyte[] theirs = generator.Bytes(9 * Channels);   // [kernel][channel]; ours is [channel][kernel]
        sbyte[] weights = [.. Enumerable.Range(0, theirs.Length).Select(i => theirs[i % 9 * Channels + i / 9])];
        var model = new TestModel();
        int x = model.WideActivation([1, 5, 6, Channels]), y = model.WideActivation([1, 5, 6, Channels]), bias = Bias(model, generator, Channels, narrow: false);
        (int multipliers, int shifts) = Multipliers(model, Channels, 1.0 / 90);
        using Model built = model.Then(new Conv2DOp("depthwise", x, y, model.Constant(weights, [Channels, 3, 3, 1]), bias, multipliers, shifts,
            new Window(3, 3, PadTop: 1, PadLeft: 1, PadBottom: 1, PadRight: 1), Channels, -32768, 32767)).Build();
        AllGive(0xfd3ca0e2, built, Bytes(input), "depthwise");
    }

    [Theory]
    [InlineData(false, 0xee0bdb53)]
    [InlineData(true, 0xb4953e03)]
    public void Fully_connected_layer_of_int16_with_int64_and_with_int32_sums(bool narrow, uint crc)
    {
        const int Inputs = 37, Outputs = 9;
        var generator = new Generator(11);
        short[] input = generator.Words(3 * Inputs);
        sbyte[] weights = generator.Bytes(Outputs * Inputs);
        var model = new TestModel();
        int x = model.WideActivation([3, Inputs]), y = model.WideActivation([3, Outputs]), bias = Bias(model, generator, Outputs, narrow);
        using Model built = model.Then(new FullyConnectedOp("fc", x, y, model.Constant(weights, [Outputs, Inputs], -5), bias,
            model.Constant([.. Enumerable.Repeat(2035661426, Outputs)]), model.Constant([.. Enumerable.Repeat(-12, Outputs)]), 0, 32767)).Build();
        AllGive(crc, built, Bytes(input), "fully connected");
    }

    [Fact]
    public void Transposed_convolution_of_int16()
    {
        var generator = new Generator(12);
        short[] input = generator.Words(4 * 5 * 3);
        sbyte[] weights = generator.Bytes(6 * 3 * 2 * 3);
        var model = new TestModel();
        int x = model.WideActivation([1, 4, 5, 3]), y = model.WideActivation([1, 8, 10, 6]), bias = Bias(model, generator, 6, narrow: false);
        (int multipliers, int shifts) = Multipliers(model, 6, 1.0 / 200);
        using Model built = model.Then(new TransposeConvOp("up", x, y, model.Constant(weights, [6, 3, 2, 3]), bias, multipliers, shifts,
            new Window(3, 2, 2, 2, PadTop: 1), -32768, 32767)).Build();
        AllGive(0x4a7ee000, built, Bytes(input), "transposed convolution");
    }

    [Fact]
    public void Requantization_of_every_int16_and_int8()
    {
        AllGive(0x38e3199f, Build(wideIn: true, 0, wideOut: true, 0, new(1533917019, 1)), Bytes(EveryInt16()), "int16 to int16");
        AllGive(0x08b9b285, Build(wideIn: true, 0, wideOut: false, -5, new(1832519394, -8)), Bytes(EveryInt16()), "int16 to int8");
        AllGive(0xf4bd1774, Build(wideIn: false, 17, wideOut: true, 0, new(1935832687, 8)),
            [.. Enumerable.Range(-128, 256).Select(i => (sbyte)i)], "int8 to int16");

        static Model Build(bool wideIn, int zeroIn, bool wideOut, int zeroOut, QuantizedMultiplier factor)
        {
            var model = new TestModel();
            int[] shape = [1, wideIn ? 65536 : 256];
            int x = wideIn ? model.WideActivation(shape) : model.Activation(shape, zeroIn), y = wideOut ? model.WideActivation(shape) : model.Activation(shape, zeroOut);
            return model.Then(new RequantizeOp("scale", x, y, factor, wideOut ? short.MinValue : sbyte.MinValue, wideOut ? short.MaxValue : sbyte.MaxValue)).Build();
        }
    }

    [Fact]
    public void A_leaky_relu_of_int16_is_a_parametric_one_whose_slopes_are_one()
    {
        var model = new TestModel();
        int x = model.WideActivation([1, 65536]), y = model.WideActivation([1, 65536]);
        using Model built = model.Then(new PReluOp("leaky", x, y, model.Constant(Enumerable.Repeat((sbyte)1, 65536).ToArray(), [65536]),
            new QuantizedMultiplier(1342177408, 1), new QuantizedMultiplier(1073741918, -2))).Build();
        AllGive(0xfbd02ce5, built, Bytes(EveryInt16()), "leaky relu");
    }

    private static void Binary(short[] first, short[] second, uint crc, Func<TestModel, int, int, int, ModelOperator> create)
    {
        var model = new TestModel();
        int x = model.WideActivation([1, first.Length]), y = model.WideActivation([1, first.Length]), other = model.Constant(second, [1, second.Length]);
        using Model built = model.Then(create(model, x, other, y)).Build();
        AllGive(crc, built, Bytes(first), "binary");
    }

    private static (short[] First, short[] Second) Operands(long seed)
    {
        var generator = new Generator(seed);
        (short[] first, short[] second) = (generator.Words(4096), generator.Words(4096));
        (first[0], second[0], first[1], second[1]) = (short.MinValue, short.MinValue, short.MaxValue, short.MinValue);
        return (first, second);
    }

    private static int Bias(TestModel model, Generator generator, int count, bool narrow)
    {
        int[] bias = [.. Enumerable.Range(0, count).Select(_ => (int)(generator.Next() % 2_000_000) - 1_000_000)];
        return narrow ? model.Constant(bias) : model.Constant([.. bias.Select(b => (long)b)]);
    }

    private static (int Multipliers, int Shifts) Multipliers(TestModel model, int count, double scale)
    {
        QuantizedMultiplier[] factors = [.. Enumerable.Range(1, count).Select(i => QuantizedMultiplier.From(scale * i / 7.0))];
        return (model.Constant([.. factors.Select(f => f.Multiplier)]), model.Constant([.. factors.Select(f => f.Shift)]));
    }

    private static void AllGive(uint crc, Model model, sbyte[] input, string what)
    {
        foreach (KernelPath path in Paths.Supported)
        {
            sbyte[] found = TestModel.Run(model, input, path);
            Assert.True(SelfTest.Hash(found) == crc, $"{what} on {path}: CRC-32C 0x{SelfTest.Hash(found):x8}, expected 0x{crc:x8}; begins {string.Join(' ', found[..Math.Min(8, found.Length)])}");
        }
    }

    private static uint Crc<T>(T[] values)
        where T : struct => Crc32C.Compute(MemoryMarshal.AsBytes(values.AsSpan()));

    private static sbyte[] Bytes(short[] words) => TestModel.Bytes(words);

    private static short[] EveryInt16() => [.. Enumerable.Range(short.MinValue, 65536).Select(i => (short)i)];

    /// <summary>Knuth's generator of 64 bits (MMIX), of which the upper 31 are taken.</summary>
    private sealed class Generator(long seed)
    {
        private ulong _state = (ulong)seed;

        public uint Next()
        {
            _state = _state * 6364136223846793005 + 1442695040888963407;
            return (uint)(_state >> 33);
        }

        public sbyte[] Bytes(int count) => [.. Enumerable.Range(0, count).Select(_ => (sbyte)(Next() % 256 - 128))];

        public short[] Words(int count) => [.. Enumerable.Range(0, count).Select(_ => (short)((int)(Next() % 65536) - 32768))];
    }
}
