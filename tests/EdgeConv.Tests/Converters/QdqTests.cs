using EdgeConv.Converters;
using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Onnx;
using EdgeConv.Converters.Quantization;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;
using Google.Protobuf;

namespace EdgeConv.Tests.Converters;

/// <summary>The QDQ file in ONNX Runtime against the model file in ours.</summary>
public class QdqTests
{
    private const int Pictures = 30;

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void OnnxRuntimeGivesTheSameClassAndNearlyTheSameBytes(bool tanh, bool softmax)
    {
        Graph graph = TestNetworks.LeNet5(9, tanh, softmax);
        var pictures = new Blobs(Pictures);
        Conversion conversion = Converter.Convert(graph, pictures, null, new ConversionOptions());
        using Model model = Model.Load(conversion.File);
        using var interpreter = new Interpreter(model, KernelPath.Reference);
        using var host = new OnnxRuntimeHost(QdqWriter.Build(conversion.Quantized).ToByteArray());
        var quantize = new InputQuantizer(model.Preprocessing!);
        ActivationQuantization input = conversion.Quantized.Input.Quantization;
        var output = new sbyte[10];
        int sameClass = 0, within = 0;
        for (int i = 0; i < Pictures; i++)
        {
            sbyte[] bytes = quantize.Run(pictures.Load(i).Pixels.ToArray());
            interpreter.Invoke(bytes, output);
            float[] theirs = host.Run([.. bytes.Select(b => (float)input.Dequantize(b))], 1, 1, 28, 28);
            float[] ours = [.. output.Select(q => (float)(model.Output.Scale * (q - model.Output.ZeroPoint)))];
            sameClass += Tensors.IndexOfMax(ours) == Tensors.IndexOfMax(theirs) ? 1 : 0;
            within += ours.Zip(theirs).Count(p => Math.Abs(p.First - p.Second) <= 1.01f * model.Output.Scale);
        }

        Assert.True(sameClass >= Pictures - 1, $"{sameClass} of {Pictures} have the same class");
        Assert.True(within >= Pictures * 10 * 0.95, $"{within} of {Pictures * 10} outputs within one step");
    }

    [Fact]
    public void EveryOperationRunsInOnnxRuntime()
    {
        Graph graph = new NetworkBuilder("everything", 2, [1, 28, 28, 3])
            .BatchNorm()
            .Conv(6, new Window(3, 3, 2, 1, 1, 2, 1, 2, 0, 1), groups: 3).Activate(Activation.Relu6)
            .Pool(w => new MaxPool(w), new Window(2, 2, 2, 1, PadTop: 1))
            .Conv(8, new Window(1, 1)).Activate(Activation.Sigmoid)
            .Pool(w => new AveragePool(w), new Window(3, 2, 1, 2, PadBottom: 1)).Activate(Activation.Relu)
            .Flatten().Activate(Activation.Tanh).Dense(4).Build();
        Graph fused = Fusion.Apply(graph);
        float[][] samples = [.. Enumerable.Range(0, 10).Select(i => Tensors.Random(new Random(i), graph.Input.Length))];
        QuantizedGraph quantized = Quantizer.Quantize(fused, Calibrator.Run(fused, samples));
        using var host = new OnnxRuntimeHost(QdqWriter.Build(quantized).ToByteArray());
        float[] nchw = samples[0];
        float[] real = new FloatExecutor(fused).Run(Tensors.ToNhwc(nchw, graph.Input.Shape));
        Tensors.AssertClose(real, host.Run(nchw, 1, 3, 28, 28), 0.15, "float against int8");
    }
}
