using System.Text.Json;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime.Tests;

/// <summary>
/// Other people's cases: the int8 operator tests of CMSIS-NN, whose expected bytes come from TFLite's reference kernels. They lie beside
/// the checkout, not in it; without them the tests say so and skip.
/// </summary>
public sealed class ConformanceTests
{
    private static readonly JsonSerializerOptions _options = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    [Fact]
    public void Convolution()
    {
        List<OperatorCase> cases = Read("conv");
        Assert.Equal(15, cases.Count);
        cases.ForEach(CheckConv);
    }

    [Fact]
    public void Depthwise_convolution()
    {
        List<OperatorCase> cases = Read("depthwise");
        Assert.Equal(6, cases.Count);
        foreach (OperatorCase c in cases)
        {
            // 1HWO to OHWI with a depth of one
            int outputs = c.OutputHwc[2], taps = c.FilterHw[0] * c.FilterHw[1];
            int[] weights = new int[outputs * taps];
            for (int i = 0; i < weights.Length; i++)
            {
                weights[i] = c.Weights![i % taps * outputs + i / taps];
            }

            CheckConv(c with { Weights = weights, FilterCh = 1 });
        }
    }

    [Fact]
    public void Fully_connected()
    {
        List<OperatorCase> cases = Read("fully_connected");
        Assert.Equal(4, cases.Count);
        foreach (OperatorCase c in cases)
        {
            int outputs = c.OutputHwc[2], inputs = c.Weights!.Length / outputs;
            var model = new TestModel();
            int x = model.Activation(c.InputNhwc, -c.InputOffset), y = model.Activation([c.InputNhwc[0], outputs], c.OutputOffset);
            int w = model.Constant(Bytes(c.Weights), [outputs, inputs], -c.FilterOffset);
            model.Then(new FullyConnectedOp(c.Name, x, y, w, model.Constant(c.BiasOrZeros()), model.Constant(PerChannel(c.Mult!, outputs)),
                model.Constant(PerChannel(c.Shift!, outputs)), (sbyte)c.ActMin, (sbyte)c.ActMax));
            Check(c, model.Build());
        }
    }

    [Fact]
    public void Maximum_pooling()
    {
        List<OperatorCase> cases = Read("maxpool");
        Assert.Equal(4, cases.Count);
        cases.ForEach(c => CheckPool(c, (x, y, w) => new MaxPoolOp(c.Name, x, y, w, (sbyte)c.ActMin, (sbyte)c.ActMax)));
    }

    [Fact]
    public void Average_pooling()
    {
        List<OperatorCase> cases = Read("avgpool");
        Assert.Equal(3, cases.Count);
        cases.ForEach(c => CheckPool(c, (x, y, w) => new AveragePoolOp(c.Name, x, y, w, (sbyte)c.ActMin, (sbyte)c.ActMax)));
    }

    [Fact]
    public void Softmax()
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(PathOf("softmax")));
        JsonElement c = document.RootElement[0], p = c.GetProperty("params");
        int rows = p.GetProperty("NUM_ROWS").GetInt32(), row = p.GetProperty("ROW_SIZE").GetInt32();
        var model = new TestModel();
        int x = model.Activation([rows, row]), y = model.Activation([rows, row], -128, 1 / 256f);
        model.Then(new SoftmaxOp("softmax", x, y, p.GetProperty("INPUT_MULT").GetInt32(), p.GetProperty("INPUT_LEFT_SHIFT").GetInt32(),
            p.GetProperty("DIFF_MIN").GetInt32()));
        using Model built = model.Build();
        Paths.AllGive(Data("output_ref"), built, Data("input"), "softmax");

        sbyte[] Data(string name) => c.GetProperty("arrays").GetProperty(name).GetProperty("data").Deserialize<sbyte[]>()!;
    }

    [Fact]
    public void Addition()
    {
        var c = new ParameterCase("add");
        c.Check("DST_SIZE", (model, a, b, y) => new AddOp("add", a, b, y, c.Factor("INPUT1"), c.Factor("INPUT2"), c.Factor("OUTPUT"), false,
            (sbyte)c["OUT_ACTIVATION_MIN"], (sbyte)c["OUT_ACTIVATION_MAX"]));
        Assert.Equal(AddOp.LeftShift, c["LEFT_SHIFT"]);
    }

    [Fact]
    public void Multiplication()
    {
        var c = new ParameterCase("mul");
        c.Check("DST_SIZE", (model, a, b, y) => new MulOp("mul", a, b, y, c.Factor("OUTPUT"), (sbyte)c["OUT_ACTIVATION_MIN"], (sbyte)c["OUT_ACTIVATION_MAX"]));
    }

    private static void CheckConv(OperatorCase c)
    {
        int outputs = c.OutputHwc[2], depth = c.FilterCh ?? c.InputNhwc[3];
        var conv = new ConvCase(c.InputNhwc, -c.InputOffset, Bytes(c.Weights!), [outputs, c.FilterHw[0], c.FilterHw[1], depth], c.BiasOrZeros(),
            PerChannel(c.Mult!, outputs), PerChannel(c.Shift!, outputs), c.Window(), c.InputNhwc[3] / depth, c.OutputOffset, (sbyte)c.ActMin, (sbyte)c.ActMax);
        Check(c, conv.Build());
    }

    private static void CheckPool(OperatorCase c, Func<int, int, Window, ModelOperator> create)
    {
        var model = new TestModel();
        int[] image = c.InputNhwc[1..];
        int batch = c.Input.Length / (image[0] * image[1] * image[2]);   // one file counts three images as one
        int x = model.Activation([batch, .. image]), y = model.Activation([batch, .. c.OutputHwc]);
        Check(c, model.Then(create(x, y, c.Window())).Build());
    }

    private static void Check(OperatorCase c, Model model)
    {
        using (model)
        {
            Paths.AllGive(Bytes(c.OutputRef), model, Bytes(c.Input), c.Name);
        }
    }

    private static List<OperatorCase> Read(string name) => JsonSerializer.Deserialize<List<OperatorCase>>(File.ReadAllText(PathOf(name)), _options)!;

    private static string PathOf(string name)
    {
        foreach (string start in new[] { AppContext.BaseDirectory, Environment.CurrentDirectory })
        {
            for (DirectoryInfo? folder = new(start); folder is not null; folder = folder.Parent)
            {
                string path = Path.Combine(folder.FullName, "shared", "conformance", "int8", name + ".json");
                if (File.Exists(path))
                {
                    return path;
                }
            }
        }

        Assert.Skip("shared/conformance/int8 is not beside the checkout");
        return "";
    }

    private static sbyte[] Bytes(int[] values) => [.. values.Select(v => checked((sbyte)v))];

    private static int[] PerChannel(int[] values, int channels) => values.Length == 1 ? Enumerable.Repeat(values[0], channels).ToArray() : values;

    /// <summary>One case, as its file's README names the fields.</summary>
    private sealed record OperatorCase(
        string Name, int[] InputNhwc, int[] FilterHw, int? FilterCh, int[] OutputHwc, int[] PadHw, int[] StrideHw, int[] DilationHw,
        int InputOffset, int FilterOffset, int OutputOffset, int ActMin, int ActMax, int[]? Mult, int[]? Shift, int[]? Weights, int[]? Biases,
        int[] Input, int[] OutputRef)
    {
        public int[] BiasOrZeros() => Biases is { Length: > 0 } ? Biases : new int[OutputHwc[2]];

        /// <summary>The files give the padding before; what comes after follows from the output's size.</summary>
        public Window Window() => new(FilterHw[0], FilterHw[1], StrideHw[0], StrideHw[1], DilationHw[0], DilationHw[1],
            PadHw[0], PadHw[1], After(0), After(1));

        private int After(int axis)
        {
            int span = (FilterHw[axis] - 1) * DilationHw[axis] + 1;
            return Math.Max(0, (OutputHwc[axis] - 1) * StrideHw[axis] + span - InputNhwc[axis + 1] - PadHw[axis]);
        }
    }

    /// <summary>A case that names its facts one by one.</summary>
    private sealed class ParameterCase(string name)
    {
        private readonly JsonElement _root = JsonDocument.Parse(File.ReadAllText(PathOf(name))).RootElement[0];

        public int this[string parameter] => _root.GetProperty("params").GetProperty(parameter).GetInt32();

        public QuantizedMultiplier Factor(string which) => new(this[which + "_MULT"], this[which + "_SHIFT"]);

        public void Check(string size, Func<TestModel, int, int, int, ModelOperator> create)
        {
            var model = new TestModel();
            int a = model.Activation([1, this[size]], -this["INPUT1_OFFSET"]), y = model.Activation([1, this[size]], this["OUTPUT_OFFSET"]);
            int b = model.Constant(Data("input2"), [1, this[size]], -this["INPUT2_OFFSET"]);
            using Model built = model.Then(create(model, a, b, y)).Build();
            Paths.AllGive(Data("output_ref"), built, Data("input1"), name);
        }

        private sbyte[] Data(string array) => _root.GetProperty("arrays").GetProperty(array).GetProperty("data").Deserialize<sbyte[]>()!;
    }
}
