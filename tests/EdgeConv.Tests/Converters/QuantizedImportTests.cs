using EdgeConv.Converters;
using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Onnx;
using EdgeConv.Converters.Onnx.Proto;
using EdgeConv.Converters.Quantization;
using EdgeConv.Runtime;
using Google.Protobuf;

namespace EdgeConv.Tests.Converters;

/// <summary>What is taken over from quantized files to the integer, and what is refused, by name.</summary>
public class QuantizedImportTests
{
    private static readonly (float[], int[]) _scale = ([0.05f], []);
    private static readonly (sbyte[], int[]) _zero = ([3], []);

    [Theory]
    [InlineData("QDQ", false)]
    [InlineData("QDQ", true)]
    [InlineData("QOperator", false)]
    [InlineData("QOperator", true)]
    public void WeightsAndBiasesOfTheModelFileAreThoseOfTheOnnxFile(string form, bool isUnsigned)
    {
        const int Outputs = 3, Inputs = 2, Taps = 9;
        var random = new Random(5);
        var bytes = new byte[Outputs * Inputs * Taps];
        random.NextBytes(bytes);
        int[] bias = [(1 << 24) + 1, -(1 << 29) - 7, (1 << 30) + 12_345];
        float[] scales = [0.0012f, 0.034f, 0.0005f];
        int[] shape = [Outputs, Inputs, 3, 3], channels = [Outputs];
        object w = isUnsigned ? (bytes, shape) : (Array.ConvertAll(bytes, b => (sbyte)b), shape);
        object zeros = isUnsigned ? (new byte[] { 128, 128, 128 }, channels) : (new sbyte[3], channels);
        var network = new OnnxNetwork(13, 1, Inputs, 4, 4);
        network.Node("QuantizeLinear", [_scale, _zero]);
        if (form == "QDQ")
        {
            network.Node("DequantizeLinear", [_scale, _zero]);
            string x = network.Last;
            string weights = network.From(network.Constant(w)).Node("DequantizeLinear", [(scales, channels), zeros], ("axis", 0)).Last;
            string biases = network.From(network.Constant((bias, channels)))
                .Node("DequantizeLinear", [((float[])[.. scales.Select(s => s * 0.05f)], channels)], ("axis", 0)).Last;
            network.From(x).Node("Conv", [weights, biases]).Node("QuantizeLinear", [(new[] { 1e6f }, Array.Empty<int>()), _zero]);
        }
        else
        {
            network.Node("QLinearConv",
                [_scale, _zero, w, (scales, channels), zeros, (new[] { 1e6f }, Array.Empty<int>()), _zero, (bias, channels)]);
        }

        network.Node("DequantizeLinear", [(new[] { 1e6f }, Array.Empty<int>()), _zero]);
        Conversion conversion = Converter.TakeOver(network.Import(), null, null, new ConversionOptions());
        using Model model = Model.Load(conversion.File);
        Conv2DOp op = Assert.IsType<Conv2DOp>(Assert.Single(model.Operators));
        sbyte[] expected = [.. bytes.Select(b => isUnsigned ? (sbyte)(b - 128) : (sbyte)b)];
        sbyte[] found = [.. model.Weights(op.Weights)];
        for (int i = 0; i < found.Length; i++)
        {
            (int o, int tap, int c) = (i / (Taps * Inputs), i / Inputs % Taps, i % Inputs);
            Assert.Equal(expected[(((o * Inputs) + c) * Taps) + tap], found[i]);
        }

        Assert.Equal(bias, model.Int32Data(op.Bias).ToArray());
        Assert.Equal((0.05f, 3), (model.Input.Scale, model.Input.ZeroPoint));
        Assert.Equal((1e6f, 3), (model.Output.Scale, model.Output.ZeroPoint));
        Assert.Equal(network.Last, model.Output.Name);
        Assert.True(conversion.Report.TakenOver);
        Assert.All(conversion.Report.Layers, l => Assert.Null(l.Cosine));
    }

    [Theory]
    [InlineData(0f, "scale 0")]
    [InlineData(-0.5f, "scale -0.5")]
    [InlineData(float.NaN, "scale NaN")]
    [InlineData(float.PositiveInfinity, "positive, finite")]
    public void ScalesThatAreNoneAreRefused(float scale, string expected) => AssertRefused(
        Start().Node("QuantizeLinear", [(new[] { scale }, Array.Empty<int>()), _zero]).Node("DequantizeLinear", [_scale, _zero]),
        "QuantizeLinear 'quantizelinear0'", expected);

    [Theory]
    [InlineData("integers as a scale", "DequantizeLinear 'dequantizelinear1'", "the scale, is Int8")]
    [InlineData("zero point of another type", "DequantizeLinear 'dequantizelinear1'", "the zero point, is Uint8")]
    [InlineData("two zero points", "QuantizeLinear 'quantizelinear0'", "as many as scales (1)")]
    [InlineData("another scale", "DequantizeLinear 'dequantizelinear1'", "not those with which its input was quantized")]
    [InlineData("scales of an activation", "QuantizeLinear 'quantizelinear0'", "2 scales of an activation")]
    [InlineData("wide activations", "QuantizeLinear 'quantizelinear0'", "Int16")]
    [InlineData("floats", "DequantizeLinear 'dequantizelinear0'", "no int8 or uint8")]
    [InlineData("relu of integers", "Relu 'relu1'", "holds integers")]
    [InlineData("blocks", "QuantizeLinear 'quantizelinear0'", "attribute block_size = 16")]
    [InlineData("axis of the weights", "Conv 'conv3'", "scales along axis 1")]
    [InlineData("number of scales", "DequantizeLinear 'dequantizelinear2'", "attribute axis = 0: 2 scales for [3, 2, 3, 3]")]
    [InlineData("axis that is not there", "DequantizeLinear 'dequantizelinear2'", "attribute axis = 7")]
    [InlineData("unscaled sums", "Relu 'relu3'", "not multiplied by the scale of its dynamic quantization")]
    [InlineData("scale of something else", "Mul 'mul1'", "used for something else")]
    [InlineData("zero point of something else", "MatMulInteger 'matmulinteger1'", "with the zero point of that node")]
    [InlineData("float bias of integers", "QLinearConv 'qlinearconv1'", "the bias, is Float")]
    public void WhatDoesNotFitIsRefusedByName(string fault, string node, string expected) => AssertRefused(Faulty(fault), node, expected);

    [Fact]
    public void ScalesThatDoNotGoTogetherNameTheLayer()
    {
        object[] Scale(float scale) => [(new[] { scale }, Array.Empty<int>()), _zero];
        (sbyte[], int[]) matrix = (new sbyte[] { 1, 2, 3, 4, 5, 6, 7, 8 }, [4, 2]);
        OnnxNetwork dense = new OnnxNetwork(13, 1, 4).Node("QuantizeLinear", Scale(1e6f))
            .Node("QLinearMatMul", [.. Scale(1e6f), matrix, (new[] { 1e6f }, Array.Empty<int>()), (new sbyte[1], Array.Empty<int>()), .. Scale(1e-6f)])
            .Node("DequantizeLinear", Scale(1e-6f));
        AssertNotTaken(dense, "'qlinearmatmul1' do not go together");
        OnnxNetwork softmax = new OnnxNetwork(13, 1, 4).Node("QuantizeLinear", Scale(1e-9f)).Node("DequantizeLinear", Scale(1e-9f)).Node("Softmax");
        AssertNotTaken(softmax, "Softmax 'softmax2' has the scale");
        OnnxNetwork product = new OnnxNetwork(13, 1, 4).Node("QuantizeLinear", Scale(1)).Node("DequantizeLinear", Scale(1));
        string x = product.Last;
        product.Node("Mul", [x]).Node("QuantizeLinear", Scale(1e-6f)).Node("DequantizeLinear", Scale(1e-6f));
        AssertNotTaken(product, "output scale of 'mul2'");
    }

    private static void AssertNotTaken(OnnxNetwork network, string expected) => Assert.Contains(
        expected, Assert.Throws<ConversionException>(() => Converter.TakeOver(network.Import(), null, null, new ConversionOptions())).Message);

    [Fact]
    public void ANetworkQuantizedInPartAsksForPictures()
    {
        OnnxNetwork network = Start().Node("QuantizeLinear", [_scale, _zero]).Node("DequantizeLinear", [_scale, _zero])
            .Node("LeakyRelu").Node("Abs");
        Graph fused = Fusion.Apply(network.Import());
        string message = Assert.Throws<ConversionException>(() => Quantizer.Quantize(fused, Ranges.None)).Message;
        Assert.Contains("no scale for y2, y3", message);
        Assert.Contains("Calibrate", message);
        float[][] samples = [.. Enumerable.Range(0, 3).Select(i => Tensors.Random(new Random(i), fused.Input.Length))];
        QuantizedGraph quantized = Quantizer.Quantize(fused, Calibrator.Run(fused, samples));
        Assert.Equal(new ActivationQuantization(0.05f, 3), quantized.Input.Quantization);
    }

    [Fact]
    public void DynamicallyQuantizedLayersKeepTheirIntegersAndAreCalibrated()
    {
        var random = new Random(8);
        sbyte[] weights = [.. Enumerable.Range(0, 12).Select(_ => (sbyte)random.Next(-128, 128))];
        OnnxNetwork network = Dynamic();
        string scale = network.From("s").Node("Mul", [(new[] { 0.01f }, Array.Empty<int>())]).Last;
        network.From("q").Node("MatMulInteger", [(weights, new[] { 4, 3 }), "z"]).Node("Cast", null, ("to", 1)).Node("Mul", [scale])
            .Node("Add", [(new[] { 0.5f, -0.25f, 0f }, new[] { 3 })]).Node("Relu");
        Graph graph = network.Import(), fused = Fusion.Apply(graph);
        FullyConnected layer = Assert.IsType<FullyConnected>(Assert.Single(fused.Nodes).Operation);
        Assert.Equal([.. Enumerable.Range(0, 12).Select(i => weights[(i % 4 * 3) + (i / 4)])], layer.Given!.Weights);
        Assert.All(layer.Given.Scales, s => Assert.Equal(0.01f, s));
        Assert.Contains("scales of 1 activation ", Assert.Single(graph.Notes));

        float[] x = Tensors.Random(random, 4);
        using var host = new OnnxRuntimeHost(network.ToBytes());
        Tensors.AssertClose(host.Run(x, 1, 4), new FloatExecutor(fused).Run(x), 0.02, "dynamic");
    }

    [Fact]
    public void TruncatedAndMutatedFilesAreRefusedOrRun()
    {
        const int Seed = 21, Mutations = 1500;
        Graph fused = Fusion.Apply(TestNetworks.Tiny(1));
        QuantizedGraph quantized = Quantizer.Quantize(fused, Calibrator.Run(fused, [Tensors.Random(new Random(1), fused.Input.Length)]));
        byte[] good = QdqWriter.Build(quantized).ToByteArray();
        var random = new Random(Seed);
        int run = 0;
        for (int i = 0; i < Mutations; i++)
        {
            byte[] bytes = i % 4 == 0 ? good[..random.Next(good.Length)] : (byte[])good.Clone();
            for (int flips = random.Next(1, 4); flips > 0 && bytes.Length > 0; flips--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            try
            {
                Graph graph = OnnxReader.Read(bytes, "mutated.onnx");
                if (graph.IsQuantized)
                {
                    Converter.TakeOver(graph, null, null, new ConversionOptions());
                    run++;
                }
            }
            catch (Exception e) when (e is OnnxImportException or ConversionException)
            {
                // the ones that are expected
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {Seed}, mutation {i}: {e}");
            }
        }

        Assert.True(run > 20, $"only {run} of {Mutations} mutations still run");
    }

    private static OnnxNetwork Start() => new(21, 1, 2, 4, 4);

    private static OnnxNetwork Dynamic() => new OnnxNetwork(13, 1, 4).Node(new NodeProto
    {
        OpType = "DynamicQuantizeLinear",
        Name = "dynamic",
        Input = { "x" },
        Output = { "q", "s", "z" },
    });

    private static OnnxNetwork Faulty(string fault)
    {
        (float[], int[]) two = ([0.1f, 0.2f], [2]), three = ([0.1f, 0.2f, 0.3f], [3]);
        OnnxNetwork Quantized() => Start().Node("QuantizeLinear", [_scale, _zero]);
        OnnxNetwork Weights((float[], int[]) scales, int axis)
        {
            OnnxNetwork network = Quantized().Node("DequantizeLinear", [_scale, _zero]);
            string x = network.Last;
            string w = network.From(network.Constant((new sbyte[54], new[] { 3, 2, 3, 3 }))).Node("DequantizeLinear", [scales], ("axis", axis)).Last;
            return network.From(x).Node("Conv", [w]);
        }

        (sbyte[], int[]) matrix = (new sbyte[8], [4, 2]);
        return fault switch
        {
            "integers as a scale" => Quantized().Node("DequantizeLinear", [_zero, _zero]),
            "zero point of another type" => Quantized().Node("DequantizeLinear", [_scale, (new byte[] { 3 }, Array.Empty<int>())]),
            "two zero points" => Start().Node("QuantizeLinear", [_scale, (new sbyte[2], new[] { 2 })]).Node("DequantizeLinear", [_scale, _zero]),
            "another scale" => Quantized().Node("DequantizeLinear", [(new[] { 0.06f }, Array.Empty<int>()), _zero]),
            "scales of an activation" => Start().Node("QuantizeLinear", [two, (new sbyte[2], new[] { 2 })], ("axis", 1))
                .Node("DequantizeLinear", [two, (new sbyte[2], new[] { 2 })], ("axis", 1)),
            "wide activations" => Start().Node("QuantizeLinear", [_scale], ("output_dtype", 5)).Node("DequantizeLinear", [_scale]),
            "floats" => Start().Node("DequantizeLinear", [_scale, _zero]),
            "relu of integers" => Quantized().Node("Relu"),
            "blocks" => Start().Node("QuantizeLinear", [_scale, _zero], ("block_size", 16)).Node("DequantizeLinear", [_scale, _zero]),
            "axis of the weights" => Weights(two, 1),
            "number of scales" => Weights(two, 0),
            "axis that is not there" => Weights(three, 7),
            "unscaled sums" => Dynamic().From("q").Node("MatMulInteger", [matrix, "z"]).Node("Cast", null, ("to", 1)).Node("Relu"),
            "scale of something else" => Dynamic().From("x").Node("Mul", ["s"]),
            "zero point of something else" => new OnnxNetwork(13, 1, 4).Node("QuantizeLinear", [_scale, _zero])
                .Node("MatMulInteger", [matrix, (new sbyte[] { 4 }, Array.Empty<int>())]).Node("Cast", null, ("to", 1)),
            "float bias of integers" => Quantized().Node("QLinearConv", [_scale, _zero, (new sbyte[54], new[] { 3, 2, 3, 3 }), _scale,
                (new sbyte[1], Array.Empty<int>()), _scale, _zero, (new float[3], new[] { 3 })]),
            _ => throw new ArgumentException(fault),
        };
    }

    private static void AssertRefused(OnnxNetwork network, string node, string expected)
    {
        OnnxImportException e = Assert.Throws<OnnxImportException>(network.Import);
        Assert.Contains(e.UnsupportedNodes, n => $"{n}".StartsWith(node, StringComparison.Ordinal) && n.Reason.Contains(expected));
    }
}
