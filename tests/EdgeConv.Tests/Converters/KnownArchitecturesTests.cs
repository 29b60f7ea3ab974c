using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Onnx;
using EdgeConv.Converters.Onnx.Proto;
using EdgeConv.Converters.Quantization;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;
using EdgeConv.Tests.Quantization;
using Google.Protobuf;

namespace EdgeConv.Tests.Converters;

/// <summary>Networks built as people build them, from the ONNX file of their exporter to int8.</summary>
public class KnownArchitecturesTests
{
    private const double LeastDecibels = 20;

    [Theory]
    [InlineData("residual", "Conv2D Conv2D Conv2D Add Conv2D Conv2D Conv2D Add AveragePool Reshape FullyConnected")]
    [InlineData("inception", "Conv2D Conv2D Conv2D Conv2D MaxPool Concat Conv2D Conv2D Concat AveragePool Reshape FullyConnected")]
    [InlineData("separable", "Conv2D Conv2D Conv2D Conv2D Conv2D Conv2D Add AveragePool Reshape FullyConnected Softmax")]
    [InlineData("vgg", "Conv2D Conv2D MaxPool Conv2D Conv2D MaxPool Reshape FullyConnected FullyConnected")]
    [InlineData("mobile", "Conv2D HardSwish Conv2D AveragePool Conv2D Conv2D HardSigmoid Mul HardSwish Conv2D AveragePool Reshape FullyConnected")]
    [InlineData("decoder", "Conv2D MaxPool Conv2D TransposeConv Resize Concat Conv2D MaxPool Resize Conv2D AveragePool Reshape FullyConnected")]
    [InlineData("shuffle", "Conv2D Slice Slice Conv2D Conv2D Conv2D Concat Reshape Transpose Reshape Conv2D AveragePool Reshape FullyConnected")]
    public void Int8StaysCloseToFloatOnEveryPath(string architecture, string layers)
    {
        OnnxNetwork network = new ArchitectureBuilder(17).Build(architecture);
        Graph graph = network.Import(), fused = Fusion.Apply(graph);
        Assert.Equal(layers, string.Join(' ', fused.Nodes.Select(n => n.Operation.Kind)));
        float[][] samples = Networks.Samples(fused, 40);
        QuantizedGraph quantized = Quantizer.Quantize(fused, Calibrator.Run(fused, samples));
        double decibels = Networks.Sqnr(fused, quantized, Networks.Samples(fused, 10, seed: 1));
        Assert.True(decibels >= LeastDecibels, $"{architecture}: {decibels:F1} dB");

        sbyte[] golden = [.. samples[0].Select(v => quantized.Input.Quantization.Quantize(v))];
        using Model model = Model.Load(Lowering.Lower(quantized, new LoweringOptions { GoldenInputs = [golden] }));
        foreach (KernelPath path in KernelPath.All.Where(p => p.IsSupported))
        {
            Assert.Null(SelfTest.Run(model, path));
        }
    }

    [Fact]
    public void ATransposedConvolutionTakesInt4Weights()
    {
        Graph fused = Fusion.Apply(new ArchitectureBuilder(17).Build("decoder").Import());
        Node up = fused.Nodes.Single(n => n.Operation is TransposeConv);
        float[][] samples = Networks.Samples(fused, 20);
        Ranges ranges = Calibrator.Run(fused, samples);
        QuantizedGraph quantized = Quantizer.Quantize(fused, ranges, new QuantizerOptions { Int4 = [up.Name] });
        Assert.InRange(Networks.Sqnr(fused, quantized, samples), 15, 60);
        sbyte[] golden = [.. samples[0].Select(v => quantized.Input.Quantization.Quantize(v))];
        using Model model = Model.Load(Lowering.Lower(quantized, new LoweringOptions { GoldenInputs = [golden] }));
        TransposeConvOp step = Assert.Single(model.Operators.OfType<TransposeConvOp>());
        Assert.Equal(ElementType.Int4, model.Tensors[step.Weights].Type);
        Assert.All(KernelPath.All.Where(p => p.IsSupported), path => Assert.Null(SelfTest.Run(model, path)));
    }

    [Theory]
    [InlineData("residual")]
    [InlineData("inception")]
    [InlineData("separable")]
    [InlineData("vgg")]
    [InlineData("mobile")]
    [InlineData("decoder")]
    [InlineData("shuffle")]
    public void WrittenAsOnnxFloatAndInt8RunInOnnxRuntime(string architecture)
    {
        Graph graph = new ArchitectureBuilder(23).Build(architecture).Import(), fused = Fusion.Apply(graph);
        float[][] samples = Networks.Samples(fused, 20);
        float[] expected = [.. new FloatExecutor(graph).Run(samples[0])];
        float[] nchw = ToNchw(samples[0], graph.Input.Shape);
        long[] shape = [1, graph.Input.Shape[3], graph.Input.Shape[1], graph.Input.Shape[2]];
        using var real = new OnnxRuntimeHost(OnnxWriter.Build(fused).ToByteArray());
        Tensors.AssertClose(expected, real.Run(nchw, shape), 1e-4, "float");
        QuantizedGraph quantized = Quantizer.Quantize(fused, Calibrator.Run(fused, samples));
        using var integer = new OnnxRuntimeHost(QdqWriter.Build(quantized).ToByteArray());
        Tensors.AssertClose(expected, integer.Run(nchw, shape), 0.25, "int8");
    }

    // Layer after layer, differences of a step add up, the more the finer the steps of the answer are.
    [Theory]
    [InlineData("residual")]
    [InlineData("inception")]
    [InlineData("separable")]
    [InlineData("vgg")]
    [InlineData("mobile")]
    public void TakenOverAsAWholeTheyAnswerLikeOnnxRuntime(string architecture)
    {
        const int MostSteps = 6;
        const double MeanSteps = 0.75;
        var apart = new List<double>();
        for (int seed = 30; seed < 34; seed++)
        {
            Graph fused = Fusion.Apply(new ArchitectureBuilder(seed).Build(architecture).Import());
            ModelProto file = QdqWriter.Build(Quantizer.Quantize(fused, Calibrator.Run(fused, Networks.Samples(fused, 20))));
            QuantizedGraph taken = Quantizer.Quantize(Fusion.Apply(OnnxReader.Import(file, "taken.onnx")), Ranges.None);
            using var host = new OnnxRuntimeHost(file.ToByteArray());
            using Model model = Model.Load(Lowering.Lower(taken, new LoweringOptions()));
            using var interpreter = new Interpreter(model);
            long[] shape = [1, fused.Input.Shape[3], fused.Input.Shape[1], fused.Input.Shape[2]];
            var found = new sbyte[model.Output.Length];
            foreach (float[] sample in Networks.Samples(fused, 10, seed))
            {
                sbyte[] bytes = [.. sample.Select(v => taken.Input.Quantization.Quantize(v))];
                float[] real = [.. bytes.Select(b => (float)taken.Input.Quantization.Dequantize(b))];
                float[] theirs = host.Run(ToNchw(real, fused.Input.Shape), shape);
                interpreter.Invoke(bytes, found);
                apart.AddRange(theirs.Zip(found, (t, q) => Math.Abs(Math.Round(t / model.Output.Scale) + model.Output.ZeroPoint - q)));
            }
        }

        Assert.True(apart.Max() <= MostSteps && apart.Average() <= MeanSteps,
            $"{architecture}: up to {apart.Max()} steps apart, {apart.Average():F2} on average");
        TestContext.Current.TestOutputHelper?.WriteLine($"{architecture}: up to {apart.Max()} steps apart, {apart.Average():F2} on average");
    }

    // What a concatenation joins is quantized alike from the start, so that nothing has to be changed in between.
    [Fact]
    public void ConcatenatedLayersShareTheirScale()
    {
        Graph fused = Fusion.Apply(new ArchitectureBuilder(17).Build("inception").Import());
        QuantizedGraph quantized = Quantizer.Quantize(fused, Calibrator.Run(fused, Networks.Samples(fused, 5)));
        QuantizedNode concat = quantized.Nodes.First(n => n.Operation is QuantizedConcat);
        int tables = quantized.Nodes.Count(n => n.Operation is QuantizedTable);
        Assert.True(tables <= 1, $"{tables} tables; one may be needed, for the pooled part, which others read as well");
        Assert.All(concat.Inputs, i => Assert.Equal(
            concat.Output.Quantization, quantized.Nodes.First(n => n.Output.Name == i).Output.Quantization));
    }

    private static float[] ToNchw(float[] nhwc, IReadOnlyList<int> shape)
    {
        (int pixels, int channels) = (shape[1] * shape[2], shape[3]);
        return [.. Enumerable.Range(0, nhwc.Length).Select(i => nhwc[(i % pixels * channels) + (i / pixels)])];
    }
}
