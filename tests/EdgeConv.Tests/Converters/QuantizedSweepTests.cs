using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Onnx;
using EdgeConv.Converters.Quantization;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Tests.Converters;

/// <summary>
/// Quantized networks of one layer in ONNX Runtime and, taken over, in ours, from the same bytes. ONNX rounds halves to even and
/// requantizes in float: every output byte is within one step.
/// </summary>
public class QuantizedSweepTests
{
    private const int CasesEach = 40;
    private const int NewestOpset = 26;

    [Theory]
    [InlineData("conv")]
    [InlineData("qlinear conv")]
    [InlineData("transposed conv")]
    [InlineData("gemm")]
    [InlineData("matmul")]
    [InlineData("qlinear matmul")]
    [InlineData("qgemm")]
    [InlineData("matmul integer")]
    [InlineData("conv integer")]
    [InlineData("max pool")]
    [InlineData("average pool")]
    [InlineData("global average pool")]
    [InlineData("reduce mean")]
    [InlineData("qlinear pool")]
    [InlineData("sum")]
    [InlineData("difference")]
    [InlineData("product")]
    [InlineData("qlinear add")]
    [InlineData("qlinear mul")]
    [InlineData("constant")]
    [InlineData("concat")]
    [InlineData("qlinear concat")]
    [InlineData("function")]
    [InlineData("qlinear function")]
    [InlineData("softmax")]
    [InlineData("qlinear softmax")]
    [InlineData("integers")]
    [InlineData("requantize")]
    [InlineData("prelu")]
    [InlineData("pad")]
    public void EveryByteIsWithinOneStepOfOnnxRuntime(string family)
    {
        int compared = 0, apart = 0, bytes = 0;
        for (int seed = 0; seed < CasesEach; seed++)
        {
            var random = new Random(seed);
            int opset = random.Next(family == "pad" ? 11 : 10, NewestOpset + 1);
            int[] image = [1, random.Next(family.EndsWith("softmax") ? 2 : 1, 6), // ONNX Runtime's softmax of one class wraps around
                random.Next(3, 10), random.Next(3, 10)];
            var networks = new QuantizedNetworks(random, opset, image);
            (OnnxNetwork network, float scale, int zero, _) = networks.Build(family);
            Graph graph;
            try
            {
                graph = network.Import();
            }
            catch (OnnxImportException e) when (e.Message.Contains("would have the shape"))
            {
                continue;
            }

            using Model model = Model.Load(Lowering.Lower(Quantizer.Quantize(Fusion.Apply(graph), Ranges.None), new LoweringOptions()));
            Assert.Equal((scale, zero), (model.Output.Scale, model.Output.ZeroPoint));
            using var interpreter = new Interpreter(model, KernelPath.Reference);
            sbyte[] nchw = networks.Bytes(graph.Input.Length), found = new sbyte[model.Output.Length];
            long[] shape = graph.Input.Shape is [_, var h, var w, var c] ? [1, c, h, w] : [1, graph.Input.Length];
            using var host = new OnnxRuntimeHost(network.ToBytes());
            float[] theirs = Tensors.ToNhwc(host.Run([.. nchw.Select(networks.Real)], shape), graph.Values()[graph.Output].Shape);
            interpreter.Invoke(Tensors.ToNhwc(nchw, graph.Input.Shape), found);
            for (int i = 0; i < found.Length; i++)
            {
                double expected = Math.Round(theirs[i] / scale) + zero;
                Assert.True(Math.Abs(expected - found[i]) <= 1, $"{family}, seed {seed}, opset {opset}: byte {i} is {found[i]}, ONNX Runtime has {expected}");
                apart += expected == found[i] ? 0 : 1;
            }

            bytes += found.Length;
            compared++;
        }

        Assert.True(compared >= CasesEach / 2, $"{family}: only {compared} of {CasesEach} networks made sense");
        TestContext.Current.TestOutputHelper?.WriteLine($"{family}: {compared} networks, {apart} of {bytes} bytes one step apart");
    }
}
