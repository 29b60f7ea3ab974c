using EdgeConv.Converters;
using EdgeConv.Converters.Data;
using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Onnx;
using EdgeConv.Converters.Quantization;
using EdgeConv.Runtime;
using Google.Protobuf;

namespace EdgeConv.Tests.Converters;

/// <summary>
/// LeNet-5, trained on MNIST for five epochs with augmentation (seed and settings of `edgeconv train --model lenet5 --data mnist --epochs 5
/// --augment`) and written by `edgeconv export --to onnx`: what our file and ONNX Runtime answer to the 10,000 test pictures.
/// </summary>
public class TrainedQdqTests
{
    private const double Right = 0.9937;
    private const double SameClass = 0.999;

    [Fact]
    public void OnnxRuntimeGivesTheSameClassToMnistAsTheModelFile()
    {
        string path = RepositoryFolder.Path("tests", "EdgeConv.Tests", "Converters", "Golden", "lenet5.qdq.onnx");
        Conversion taken = Converter.TakeOver(OnnxReader.Read(path), null, null, new ConversionOptions());
        byte[] exported = QdqWriter.Build(taken.Quantized).ToByteArray();
        using Model model = Model.Load(taken.File);
        using var interpreter = new Interpreter(model);
        using var host = new OnnxRuntimeHost(exported);
        IDataSet data = DataSets.Open("mnist", Split.Test);
        PictureInput picture = taken.Quantized.Picture!;
        using PictureSamples pictures = PictureSamples.Load(data, picture.Layout);
        var quantize = new InputQuantizer(model.Preprocessing!);
        var bytes = new sbyte[model.Output.Length];
        int same = 0, right = 0;
        for (int i = 0; i < data.Count; i++)
        {
            ReadOnlySpan<byte> pixels = pictures.Pixels(i);
            interpreter.Invoke(quantize.Run(pixels), bytes);
            int ours = Answers.IndexOfMax<sbyte>(bytes);
            int theirs = Answers.IndexOfMax<float>(host.Run(PictureTensor.ToFloat(picture, pixels), 1, 1, 28, 28));
            same += ours == theirs ? 1 : 0;
            right += ours == data.Label(i) ? 1 : 0;
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{same} of {data.Count} answers are the same, {right} are right");
        Assert.Equal(10_000, data.Count);
        Assert.Equal(Right, right / (double)data.Count);
        Assert.True(same >= SameClass * data.Count, $"{same} of {data.Count} answers are the same");
    }

    [Fact]
    public void TheWriterGivesTheFileThatWasReadByteForByte()
    {
        string path = RepositoryFolder.Path("tests", "EdgeConv.Tests", "Converters", "Golden", "lenet5.qdq.onnx");
        QuantizedGraph taken = Quantizer.Quantize(Fusion.Apply(OnnxReader.Read(path)), Ranges.None);
        Assert.Equal(File.ReadAllBytes(path), QdqWriter.Build(taken).ToByteArray());
    }
}
