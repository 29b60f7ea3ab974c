using EdgeConv.Converters.Data;
using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Networks;
using EdgeConv.Converters.Onnx;
using EdgeConv.Converters.Quantization;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;
using EdgeConv.Runtime.Preprocessing;
using EdgeConv.Trainer.Networks;
using EdgeConv.Trainer.Pictures;
using EdgeConv.Trainer.QuantizationAware;
using TorchSharp;
using ConversionOptions = EdgeConv.Converters.ConversionOptions;
using Converter = EdgeConv.Converters.Converter;
using InputQuantizer = EdgeConv.Converters.InputQuantizer;

namespace EdgeConv.Tests.Trainer;

/// <summary>What quantization-aware training simulates is what the model file computes.</summary>
[Collection("torch")]
public sealed class FakeQuantizationTests
{
    private const int Pictures = 4;

    [Theory]
    [InlineData("lenet5", "")]
    [InlineData("lenet5", "conv1,fc1")]
    [InlineData("lenet5-1998", "")]
    [InlineData("ds-cnn", "")]
    [InlineData("ds-cnn", "all")]
    [InlineData("resnet8", "")]
    [InlineData("conv7-cifar", "")]
    [InlineData("resnet14-cifar", "")]
    public void Every_byte_of_every_layer_is_that_of_the_model_file(string name, string int4) =>
        Compare(KnownNetworks.Create(name, 10), int4);

    [Fact]
    public void So_is_that_of_a_network_of_every_other_kind_of_layer() => Compare(NetworkParser.Parse("""
        input 13x17x3
        conv 6 3x3 stride 2 pad 1
        trunk: sigmoid
        dw 3x3 pad same
        relu6
        concat trunk trunk
        avgpool 3x3 stride 2 pad 1
        maxpool 3x3 stride 1 pad 1
        lrn 3 alpha 0.5 beta 0.6 k 1
        conv 8 1x1 groups 2
        bn
        fc 12
        hidden: tanh
        dropout
        add hidden
        concat hidden
        fc 10
        """, "all.net"), "");

    private static void Compare(NetworkDescription network, string int4)
    {
        FrozenQuantization frozen = Freeze(network, int4);
        using var simulated = new FakeQuantizedNetwork(frozen);

        // Not the weights that the scales of the activations were chosen for: some values leave their range.
        float[] weights = [.. frozen.Weights];
        var random = new SplitMix64(3);
        foreach (ref float weight in weights.AsSpan()) weight *= 1.2f + random.NextSymmetric(0.4f);
        simulated.Load(weights);

        QuantizedGraph quantized = frozen.Quantize(weights);
        using Model whole = Model.Load(Lowering.Lower(quantized, new LoweringOptions())), model = whole.LayerByLayer();
        using var interpreter = new Interpreter(model, KernelPath.Default);
        PictureSamples samples = PictureSamples.Load(new Noise(network.Input), Layout(network.Input));
        var filler = new BatchFiller(samples, quantized.Picture!);
        using Batch batch = filler.Create(Pictures);
        filler.Fill(batch, [0, 1, 2, 3]);

        var layers = new Dictionary<string, float[]>();
        using (torch.no_grad())
        using (torch.NewDisposeScope())
            simulated.Forward(batch.Pictures, (value, tensor) => layers[value] = InOurOrder(tensor));
        for (int i = 0; i < Pictures; i++)
        {
            sbyte[] input = Bytes(quantized.Input, layers[quantized.Input.Name], i);
            Assert.Equal(new InputQuantizer(Lowering.Preprocessing(quantized.Picture!, quantized.Input)).Run(samples.Pixels(i).ToArray()), input);
            interpreter.SetInput(input);
            foreach ((int step, QuantizedNode node) in quantized.Nodes.Index())
            {
                interpreter.RunOperator(step);
                sbyte[] expected = interpreter.Activation(model.Operators[step].Output).ToArray();
                Assert.True(expected.Distinct().Count() > 1, $"{node.Name} is constant, which shows nothing");
                Assert.True(expected.SequenceEqual(Bytes(node.Output, layers[node.Output.Name], i)), $"{node.Name} of picture {i}");
            }
        }
    }

    [Theory]
    [InlineData("lenet5", "conv1,fc1")]
    [InlineData("ds-cnn", "")]
    [InlineData("resnet8", "all")]
    public void The_quantized_file_that_training_leaves_converts_to_the_same_model_file(string name, string int4)
    {
        FrozenQuantization frozen = Freeze(KnownNetworks.Create(name, 10), int4);
        QuantizedGraph quantized = frozen.Quantize(frozen.Weights);
        using var folder = new TemporaryFolder();
        QdqWriter.Write(quantized, folder.Path("model.qdq.onnx"));
        Graph read = OnnxReader.Read(folder.Path("model.qdq.onnx"));
        byte[] taken = Converter.TakeOver(read, null, null, new ConversionOptions { GoldenVectors = 0 }).File;
        Assert.Equal(Lowering.Lower(quantized, new LoweringOptions()), taken);
    }

    private static FrozenQuantization Freeze(NetworkDescription network, string int4)
    {
        float[] statistics = LayerWeights.InitialStatistics(network);
        var random = new SplitMix64(9);
        foreach (ref float value in statistics.AsSpan()) value += random.NextSymmetric(0.25f);
        PictureLayout layout = Layout(network.Input);
        int channels = layout.Channels;
        // A mean of one half puts every normalized value half way between two steps.
        var picture = new PictureInput(layout, [.. Enumerable.Repeat(0.5f, channels)], [.. Enumerable.Repeat(0.25f, channels)]);
        Graph fused = Fusion.Apply(NetworkGraph.Create(network, LayerWeights.Initial(network, 5), statistics, picture, []));
        PictureSamples samples = PictureSamples.Load(new Noise(network.Input), layout);
        Ranges ranges = Calibrator.Run(fused, [.. Enumerable.Range(0, Pictures).Select(i => PictureTensor.ToFloat(picture, samples.Pixels(i)))]);
        string[] names = [.. fused.Nodes.Where(n => n.Operation is Conv2D or FullyConnected).Select(n => n.Name)];
        return FrozenQuantization.Create(fused, ranges, new QuantizerOptions
        {
            Int4 = int4 == "all" ? names : int4.Split(',', StringSplitOptions.RemoveEmptyEntries),
        });
    }

    private static PictureLayout Layout(FeatureShape input) =>
        new(input.Width, input.Height, input.Channels == 1 ? ColorOrder.Gray : ColorOrder.Rgb);

    private static float[] InOurOrder(torch.Tensor value) =>
        (value.dim() == 4 ? value.permute(0, 2, 3, 1).contiguous() : value.contiguous()).data<float>().ToArray();

    private static sbyte[] Bytes(QuantizedValue value, float[] centred, int picture) =>
        [.. centred.AsSpan(picture * value.Length, value.Length).ToArray().Select(q => checked((sbyte)(q + value.Quantization.ZeroPoint)))];

    /// <summary>Pictures with large and small features, all values from 0 to 255.</summary>
    private sealed class Noise(FeatureShape size) : IDataSet
    {
        public string Name => "noise";

        public IReadOnlyList<string> Classes { get; } = ["a", "b"];

        public int Count => Pictures;

        public int Label(int index) => index % 2;

        public Picture Load(int index)
        {
            var random = SplitMix64.For(17, (ulong)index);
            var pixels = new byte[size.Length];
            for (int i = 0; i < pixels.Length; i++)
                pixels[i] = (byte)(i / 7 % 2 == 0 ? random.NextInt32(256) : (i + index) * 13 % 256);
            return new Picture(pixels, size.Width, size.Height, size.Channels == 1 ? PixelFormat.Gray8 : PixelFormat.Rgb24);
        }
    }
}
