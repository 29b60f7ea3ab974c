using System.Buffers.Binary;
using EdgeConv.Converters.Quantization;
using EdgeConv.Runtime.Format;
using EdgeConv.Runtime.Kernels;
using EdgeConv.Runtime.Preprocessing;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime.Tests;

/// <summary>Files of int16 networks: what they carry, what comes back, and what the reader refuses.</summary>
public sealed class WideFormatTests
{
    private static readonly QuantizedMultiplier _half = new(1 << 30, 0);

    [Fact]
    public void A_network_of_every_int16_operator_is_read_as_it_was_written_and_passes_its_golden_vectors()
    {
        ModelSpec spec = Everything();
        using Model bare = Model.Load(ModelWriter.Write(spec));
        var random = new Random(3);
        GoldenVector[] golden = [.. Enumerable.Range(0, 3).Select(_ => SelfTest.Record(bare, Bytes(random, bare.Input.ByteLength)))];
        using Model model = Model.Load(ModelWriter.Write(spec with { GoldenVectors = golden }));
        Assert.Equal(spec.Operators, model.Operators);
        Assert.Equal(2 * model.Input.Length, model.Input.ByteLength);
        Assert.All(model.GoldenVectors, g => Assert.Equal((model.Input.ByteLength, model.Output.ByteLength), (g.Input.Length, g.Output.Length)));
        Assert.All(Paths.Supported, path => Assert.Null(SelfTest.Run(model, path)));
    }

    [Theory]
    [MemberData(nameof(Paths.Names), MemberType = typeof(Paths))]
    public void Invoke_of_int16_allocates_nothing_and_takes_bytes(string path)
    {
        using Model model = Model.Load(ModelWriter.Write(Everything()));
        using var net = new Interpreter(model, KernelPath.Parse(path));
        sbyte[] input = Bytes(new Random(4), model.Input.ByteLength), output = new sbyte[model.Output.ByteLength];
        net.Invoke(input, output);
        long before = GC.GetAllocatedBytesForCurrentThread();
        net.Invoke(input, output);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Throws<ArgumentException>(() => net.Invoke(new sbyte[model.Input.Length], output));
        Assert.Throws<ArgumentException>(() => net.Invoke(input, new sbyte[model.Output.Length]));
    }

    [Fact]
    public void A_picture_becomes_int16_through_tables_of_two_bytes_an_entry()
    {
        short[] tables = [.. Enumerable.Range(0, 3 * 256).Select(i => (short)(i * 85 - 30_000))];
        var layout = new PictureLayout(2, 2, ColorOrder.Rgb);
        var builder = new TestModel();
        int x = builder.WideActivation([1, 2, 2, 3]), y = builder.WideActivation([1, 12]);
        ModelSpec spec = builder.Then(new ReshapeOp("flatten", x, y)).Spec() with { Preprocessing = new PreprocessingRecord(layout, TestModel.Bytes(tables)) };
        using Model model = Model.Load(ModelWriter.Write(spec));
        byte[] pixels = [0, 255, 7, 1, 2, 3, 99, 100, 101, 250, 128, 127];
        sbyte[] input = new sbyte[model.Input.ByteLength];
        new Preprocessor(model.Preprocessing!).Run(new Picture(pixels, 2, 2, PixelFormat.Rgb24), input);
        Assert.Equal([.. pixels.Select((p, i) => tables[i % 3 * 256 + p])], TestModel.Words(input));
        Assert.Throws<ArgumentException>(() => new Preprocessor(model.Preprocessing!).Run(new Picture(pixels, 2, 2, PixelFormat.Rgb24), new sbyte[12]));
    }

    [Fact]
    public void Values_and_classes_are_read_in_the_tensors_own_type()
    {
        var narrow = new TensorInfo("y", ElementType.Int8, TensorStorage.Arena, [3], 0.5f, -10, 0);
        Assert.Equal(10f, narrow.Dequantize([-128, 10, 10], 1));
        Assert.Equal(1, narrow.IndexOfLargest([-128, 10, 10]));
        TensorInfo wide = narrow with { Type = ElementType.Int16, ZeroPoint = 0 };
        Assert.Equal(-2000f, wide.Dequantize(TestModel.Bytes([127, -4000, 300]), 1));
        Assert.Equal(2, wide.IndexOfLargest(TestModel.Bytes([127, -4000, 300])));
    }

    [Fact]
    public void A_broken_file_of_int16_with_a_good_checksum_is_refused_or_runs()
    {
        byte[] file = ModelWriter.Write(Everything());
        var random = new Random(5);
        int records = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(96)), refused = 0;
        for (int i = 0; i < 6000; i++)
        {
            byte[] broken = [.. file];
            for (int flips = random.Next(1, 4); flips > 0; flips--)
            {
                int at = random.Next(5) == 0 ? random.Next(broken.Length) : random.Next(records);
                broken[at] = random.Next(4) switch { 0 => 0, 1 => 0xff, 2 => (byte)(broken[at] + 1), _ => (byte)random.Next(256) };
            }

            BinaryPrimitives.WriteUInt32LittleEndian(broken.AsSpan(20), FormatLayout.Checksum(broken));
            try
            {
                using Model model = Model.Load(broken);
                if (model.ArenaBytes <= 1 << 20)
                {
                    TestModel.Run(model, Bytes(random, model.Input.ByteLength), KernelPath.Default);
                }
            }
            catch (ModelFormatException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 500, 6000);
    }

    [Fact]
    public void Sums_that_could_leave_their_type_are_refused()
    {
        const int Inputs = 520;   // 520 * 128 * 32,768 is more than 2^31
        Refused("does not fit 32 bits", m => Dense(m, Inputs, m.Constant([0]), -20));
        Accepted(m => Dense(m, Inputs, m.Constant([0L]), -20));
        Refused("does not fit 32 bits", m => Dense(m, 256, m.Constant([0]), 2));
        Refused("does not fit 47 bits", m => Dense(m, 1, m.Constant([1L << 47]), -20));
        Refused("does not fit 32 bits when it is scaled", m => Dense(m, 1, m.Constant([1L << 36]), 0));
        Refused("at most 7", m => Dense(m, 1, m.Constant([0L]), 8));

        // mean: 70,000 * 32,768 is more than 2^31; so is 2,000 * 255 shifted left by 14
        Refused("does not fit 32 bits", m => new MeanOp("mean", m.WideActivation([1, 70_000]), m.WideActivation([1, 1]), 8, _half));
        Accepted(m => new MeanOp("mean", m.WideActivation([1, 65_535]), m.WideActivation([1, 1]), 8, _half));
        Refused("does not fit 32 bits", m => new MeanOp("mean", m.Activation([1, 2000], -128), m.Activation([1, 1]), 8, new(1 << 30, 14)));
        Refused("65535 pixels", m => new AveragePoolOp("mean", m.WideActivation([1, 256, 256, 1]), m.WideActivation([1, 1, 1, 1]), new Window(256, 256), -32768, 32767));

        static FullyConnectedOp Dense(TestModel m, int inputs, int bias, int shift) => new("dense", m.WideActivation([1, inputs]), m.WideActivation([1, 1]),
            m.Constant([.. Enumerable.Repeat(sbyte.MinValue, inputs)], [1, inputs]), bias, m.Constant([1 << 30]), m.Constant([shift]), -32768, 32767);
    }

    [Fact]
    public void Factors_that_could_leave_int32_are_refused()
    {
        Refused("output factor", m => Sum(m, _half, _half, new(1 << 30, 1)));
        Refused("one half", m => Sum(m, new((1 << 30) + 1, 0), _half, _half));
        Accepted(m => Sum(m, _half, new(int.MaxValue, -1), _half));
        Refused("factor", m => new MulOp("mul", m.WideActivation([1, 4]), m.Constant(new short[4], [1, 4]), m.WideActivation([1, 4]), new(1 << 30, 1), -32768, 32767));
        Refused("negative", m => new PReluOp("prelu", m.WideActivation([1, 4]), m.WideActivation([1, 4]), m.Constant(new sbyte[4], [4]), _half, new(1 << 30, 8)));
        Refused("multiplier", m => new WideSigmoidOp("s", m.WideActivation([1, 4]), m.WideActivation([1, 4]), m.Constant(WideTables.Sigmoid()), 32768, 0, false));
        Refused("factor", m => Softmax(m, new(1 << 30, 16), WideTables.Exponential()));

        static AddOp Sum(TestModel m, QuantizedMultiplier a, QuantizedMultiplier b, QuantizedMultiplier y) =>
            new("add", m.WideActivation([1, 4]), m.Constant(new short[4], [1, 4]), m.WideActivation([1, 4]), a, b, y, false, -32768, 32767);
    }

    [Fact]
    public void Tables_that_could_lead_out_of_their_arithmetic_are_refused()
    {
        int[] sigmoid = WideTables.Sigmoid();
        sigmoid[7] = sigmoid[6] - 1;
        Refused("ascending", m => new WideSigmoidOp("s", m.WideActivation([1, 4]), m.WideActivation([1, 4]), m.Constant(sigmoid), 3, 0, false));
        Refused("256 entries", m => new WideSigmoidOp("s", m.WideActivation([1, 4]), m.WideActivation([1, 4]), m.Constant(new int[255]), 3, 0, true));
        Refused("ascending", m => Softmax(m, _half, [.. Enumerable.Repeat((short)-1, 511), 5, 6]));
        Refused("at least 2", m => Softmax(m, _half, new short[513]));
        Refused("513 entries", m => new TableOp("table", m.WideActivation([1, 4]), m.WideActivation([1, 4]), m.Constant(new short[512])));
        Refused("not a constant of type Int16", m => new TableOp("table", m.WideActivation([1, 4]), m.WideActivation([1, 4]), m.Constant(new sbyte[256], [256])));
    }

    [Fact]
    public void Types_that_do_not_go_together_are_refused()
    {
        Refused("does not take Int16 to Int16", m => new SoftmaxOp("softmax", m.WideActivation([1, 4]), m.WideActivation([1, 4]), 1 << 30, 20, -1984));
        Refused("does not take Int8 to Int8", m => Softmax(m, _half, WideTables.Exponential(), wide: false));
        Refused("does not take Int16 to Int8", m => new ReshapeOp("shape", m.WideActivation([1, 4]), m.Activation([1, 4])));
        Refused("not of the input's type", m => new MulOp("mul", m.WideActivation([1, 4]), m.Constant(new sbyte[4], [1, 4]), m.WideActivation([1, 4]), _half, -32768, 32767));
        Refused("activation range", m => new MaxPoolOp("max", m.Activation([1, 2, 2, 1]), m.Activation([1, 2, 2, 1]), new Window(1, 1), -129, 127));
        Refused("activation range", m => new PadOp("pad", m.Activation([1, 1, 1, 1]), m.Activation([1, 2, 1, 1]), 1, 0, 0, 0, 0, 0, 128));
        Refused("axes", m => new MeanOp("mean", m.Activation([1, 4]), m.Activation([1, 4]), 16, _half));
        Refused("do not give 3", m => new MeanOp("mean", m.Activation([2, 4]), m.Activation([1, 3]), 8, _half));
    }

    private static WideSoftmaxOp Softmax(TestModel m, QuantizedMultiplier factor, short[] exponential, bool wide = true) => wide
        ? new("softmax", m.WideActivation([1, 4]), m.WideActivation([1, 4]), factor, m.Constant(exponential), m.Constant(WideTables.Reciprocal()))
        : new("softmax", m.Activation([1, 4]), m.Activation([1, 4]), factor, m.Constant(exponential), m.Constant(WideTables.Reciprocal()));

    private static void Accepted(Func<TestModel, ModelOperator> create)
    {
        var model = new TestModel();
        model.Then(create(model)).Build().Dispose();
    }

    private static void Refused(string part, Func<TestModel, ModelOperator> create)
    {
        var model = new TestModel();
        model.Then(create(model));
        Assert.Contains(part, Assert.Throws<ModelFormatException>(model.Build).Message);
    }

    private static sbyte[] Bytes(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (sbyte)random.Next(-128, 128))];

    /// <summary>Every operator that takes int16, one behind the other.</summary>
    private static ModelSpec Everything()
    {
        var random = new Random(2);
        var m = new TestModel();
        var same = new Window(3, 3, PadTop: 1, PadLeft: 1, PadBottom: 1, PadRight: 1);
        int x = m.WideActivation([1, 4, 6, 3]), conv = m.WideActivation([1, 4, 6, 5]), deep = m.WideActivation([1, 4, 6, 5]);
        int max = m.WideActivation([1, 2, 3, 5]), mean = m.WideActivation([1, 2, 3, 5]), sum = m.WideActivation([1, 2, 3, 5]), product = m.WideActivation([1, 2, 3, 5]);
        int up = m.WideActivation([1, 4, 6, 2]), sigmoid = m.WideActivation([1, 4, 6, 2]), table = m.WideActivation([1, 4, 6, 2]), both = m.WideActivation([1, 4, 6, 4]);
        int slope = m.WideActivation([1, 4, 6, 4]), scaled = m.WideActivation([1, 4, 6, 4]), average = m.WideActivation([1, 4]), dense = m.WideActivation([1, 7]), y = m.WideActivation([1, 7]);
        return m
            .Then(new Conv2DOp("conv", x, conv, Weights(5, 3, 3, 3), m.Constant(new long[5]), Multipliers(5), Shifts(5, -10), same, 1, -32768, 32767))
            .Then(new Conv2DOp("depthwise", conv, deep, Weights(5, 3, 3, 1), m.Constant(new int[5]), Multipliers(5), Shifts(5, -9), same, 5, -32768, 32767))
            .Then(new MaxPoolOp("max", deep, max, new Window(2, 2, 2, 2), -32768, 32767))
            .Then(new AveragePoolOp("average", max, mean, same, -30000, 32767))
            .Then(new AddOp("add", max, mean, sum, _half, new(1 << 30, -1), new(1 << 30, -13), true, -32768, 32767))
            .Then(new MulOp("mul", sum, m.Constant([1000, -2000, 3000, 4000, 5], [1, 1, 1, 5]), product, new(1 << 30, -9), -32768, 32767))
            .Then(new TransposeConvOp("up", product, up, Weights(2, 2, 2, 5), m.Constant([5L, -9L]), Multipliers(2), Shifts(2, -8), new Window(2, 2, 2, 2), -32768, 32767))
            .Then(new WideSigmoidOp("tanh", up, sigmoid, m.Constant(WideTables.Sigmoid()), 30198, 13, true))
            .Then(new TableOp("table", up, table, m.Constant(WideTables.Reciprocal())))
            .Then(new ConcatOp("concat", [sigmoid, table], both, 3))
            .Then(new PReluOp("leaky", both, slope, m.Constant([1, 1, 2, 1], [4]), _half, new(1 << 30, -2)))
            .Then(new RequantizeOp("relu", slope, scaled, new(1 << 30, 1), 0, 32767))
            .Then(new MeanOp("mean", scaled, average, 6, new(1 << 30, -4)))
            .Then(new FullyConnectedOp("dense", average, dense, Weights(7, 4), m.Constant(new long[7]), Multipliers(7), Shifts(7, -6), -32768, 32767))
            .Then(new WideSoftmaxOp("softmax", dense, y, new(1717960704, 1), m.Constant(WideTables.Exponential()), m.Constant(WideTables.Reciprocal())))
            .Spec();

        int Weights(params int[] shape) => m.Constant(Bytes(random, shape.Aggregate(1, (a, b) => a * b)), shape);
        int Multipliers(int count) => m.Constant([.. Enumerable.Range(0, count).Select(_ => random.Next(1 << 30, int.MaxValue))]);
        int Shifts(int count, int shift) => m.Constant([.. Enumerable.Repeat(shift, count)]);
    }
}
