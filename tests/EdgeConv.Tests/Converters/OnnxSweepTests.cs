using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Onnx;
using EdgeConv.Converters.Quantization;
using EdgeConv.Runtime;

namespace EdgeConv.Tests.Converters;

/// <summary>Imported operators against ONNX Runtime, on random attributes and shapes from printed seeds.</summary>
public class OnnxSweepTests
{
    private const double Tolerance = 1e-4;
    private const int CasesEach = 75;
    private const int NewestOpset = 26;

    [Theory]
    [InlineData("conv")]
    [InlineData("grouped conv")]
    [InlineData("max pool")]
    [InlineData("average pool")]
    [InlineData("global average pool")]
    [InlineData("batch norm")]
    [InlineData("gemm")]
    [InlineData("matmul and add")]
    [InlineData("softmax")]
    [InlineData("log softmax")]
    [InlineData("local response")]
    [InlineData("activation")]
    [InlineData("arithmetic")]
    [InlineData("counted average pool")]
    [InlineData("global max pool")]
    [InlineData("reduce")]
    [InlineData("clip")]
    [InlineData("unary")]
    [InlineData("prelu")]
    [InlineData("two operands")]
    [InlineData("constant picture")]
    [InlineData("concat")]
    [InlineData("pad")]
    [InlineData("pad and convolve")]
    [InlineData("transposed conv")]
    [InlineData("transpose")]
    [InlineData("reshape")]
    [InlineData("spelled out function")]
    [InlineData("residual")]
    [InlineData("inception")]
    [InlineData("separable")]
    [InlineData("squeeze and excite")]
    [InlineData("channel shuffle")]
    [InlineData("channels last")]
    [InlineData("shape arithmetic")]
    [InlineData("slice")]
    [InlineData("split")]
    [InlineData("gather")]
    [InlineData("resize")]
    [InlineData("upsample")]
    [InlineData("concat of many")]
    [InlineData("encoder and decoder")]
    public void AgreesWithOnnxRuntime(string family)
    {
        int compared = 0;
        for (int seed = 0; seed < CasesEach; seed++)
        {
            var random = new Random(seed);
            int[] image = [1, random.Next(1, 6), random.Next(3, 12), random.Next(3, 12)];
            OnnxNetwork network = Network(family, random, image);
            compared += Compare(network, random, $"{family}, seed {seed}") ? 1 : 0;
        }

        Assert.True(compared >= CasesEach / 2, $"{family}: only {compared} of {CasesEach} networks made sense");
    }

    internal static OnnxNetwork Network(string family, Random random, int[] image)
    {
        int opset = random.Next(7, NewestOpset + 1);
        int c = image[1];
        OnnxNetwork Image() => new(opset, [.. image.Cast<object>()]);
        OnnxNetwork Row(int length) => new(opset, "N", length);
        (int inputs, int outputs) = (random.Next(1, 40), random.Next(1, 20));
        (float[], int[]) Values(params int[] shape) => (Tensors.Random(random, shape.Aggregate(1, (n, d) => n * d)), shape);
        (float[], int[]) Positive(int length) => ([.. Values(length).Item1.Select(v => 0.1f + Math.Abs(v))], [length]);
        switch (family)
        {
            case "conv" or "grouped conv":
                int groups = family == "conv" ? 1 : random.Next(2) == 0 ? c : Enumerable.Range(1, c).Last(g => c % g == 0 && g <= 2);
                int filters = groups * random.Next(1, 5);
                (int kh, int kw) = (random.Next(1, 5), random.Next(1, 5));
                object[] constants = [Values(filters, c / groups, kh, kw), Values(filters)];
                return Image().Node("Conv", random.Next(3) == 0 ? constants[..1] : constants,
                    [("group", groups), .. SweepNetworks.Window(random, kh, kw, dilate: true, padLimit: 3)]);
            case "max pool" or "average pool":
                bool max = family == "max pool";
                (int ph, int pw) = (random.Next(1, 5), random.Next(1, 5));
                bool dilate = max && opset >= 10 && random.Next(3) == 0;
                (string, object)[] ceil = opset >= 10 && !dilate ? [("ceil_mode", random.Next(2))] : [];
                (string, object)[] count = max ? [] : [("count_include_pad", 0)];
                return Image().Node(max ? "MaxPool" : "AveragePool", null,
                    [.. SweepNetworks.Window(random, ph, pw, dilate, padLimit: dilate ? 0 : Math.Min(ph, pw) - 1), .. ceil, .. count]);
            case "global average pool":
                return Image().Node("GlobalAveragePool");
            case "batch norm":
                return (random.Next(2) == 0 ? Image() : Row(c)).Node("BatchNormalization",
                    [Positive(c), Values(c), Values(c), Positive(c)], ("epsilon", random.Next(2) == 0 ? 1e-5f : 0.01f));
            case "gemm":
                bool transposed = random.Next(2) == 0;
                int[] biasShape = random.Next(3) switch { 0 => [outputs], 1 => [1, outputs], _ => [1] };
                object weights = transposed ? Values(outputs, inputs) : Values(inputs, outputs);
                return Row(inputs).Node("Gemm", [weights, Values(biasShape)],
                    ("transB", transposed ? 1 : 0), ("alpha", (float)random.NextDouble() + 0.5f), ("beta", (float)random.NextDouble() * 2));
            case "matmul and add":
                return Row(inputs).Node("MatMul", [Values(inputs, outputs)]).Node("Add", [Values(outputs)]);
            case "softmax":
                return opset >= 13 && random.Next(2) == 0
                    ? Image().Node("Softmax", null, ("axis", 1))
                    : Row(outputs).Node("Softmax");
            case "log softmax":
                return Row(outputs).Node("LogSoftmax");
            case "local response":
                return Image().Node("LRN", null, ("size", (2 * random.Next(4)) + 1), ("alpha", (float)random.NextDouble()), ("bias", 1.5f));
            case "activation":
                string function = ((string[])["Relu", "Tanh", "Sigmoid", "Clip", "Identity"])[random.Next(5)];
                OnnxNetwork scaled = Image().Node("Mul", [(new[] { 4f }, Array.Empty<int>())]);
                return function != "Clip" ? scaled.Node(function)
                    : opset >= 11 ? scaled.Node("Clip", [(new[] { 0f }, Array.Empty<int>()), (new[] { 6f }, Array.Empty<int>())])
                    : scaled.Node("Clip", null, ("min", 0f), ("max", 6f));
            case "arithmetic":
                string arithmetic = ((string[])["Add", "Sub", "Mul", "Div"])[random.Next(4)];
                return Image().Node(arithmetic, [random.Next(2) == 0 ? Values(c, 1, 1) : Values(1)]);
            default:
                return new SweepNetworks(random, opset, image).Build(family);
        }
    }

    private static bool Compare(OnnxNetwork network, Random random, string what)
    {
        Graph graph;
        try
        {
            graph = network.Import();
        }
        catch (OnnxImportException e) when (e.Message.Contains("would have the shape"))
        {
            return false; // the kernel is larger than the picture
        }

        float[] nchw = Tensors.Random(random, graph.Input.Length);
        long[] shape = graph.Input.Shape is [_, var h, var w, var c] ? [1, c, h, w] : [1, graph.Input.Length];
        using var host = new OnnxRuntimeHost(network.ToBytes());
        float[] expected = Tensors.ToNhwc(host.Run(nchw, shape), graph.Values()[graph.Output].Shape);
        float[] input = Tensors.ToNhwc(nchw, graph.Input.Shape);
        Graph fused = Fusion.Apply(graph);
        Tensors.AssertClose(expected, new FloatExecutor(graph).Run(input), Tolerance, what);
        Tensors.AssertClose(expected, new FloatExecutor(fused).Run(input), Tolerance, $"{what}, fused");
        Graph again = OnnxReader.Import(OnnxWriter.Build(fused), "again.onnx");
        Tensors.AssertClose(expected, new FloatExecutor(again).Run(input), Tolerance, $"{what}, written and read");

        // Whatever is imported has an int8 form that the runtime accepts.
        QuantizedGraph quantized = Quantizer.Quantize(fused, Calibrator.Run(fused, [input]));
        using Model model = Model.Load(Lowering.Lower(quantized, new LoweringOptions()));
        return true;
    }
}
