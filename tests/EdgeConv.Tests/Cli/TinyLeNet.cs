using EdgeConv.Converters;
using EdgeConv.Converters.Data;
using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Onnx;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Tests.Cli;

/// <summary>LeNet-5 with random weights of a fixed seed, as ONNX and as model file, and pictures to show it; made once.</summary>
public sealed class TinyLeNet : IDisposable
{
    private const int PicturesAClass = 3;

    public TinyLeNet()
    {
        Onnx = At("lenet.onnx");
        OnnxWriter.Write(Graph(channels: 1), Onnx);
        Pictures = MakePictures();
        Model = At("lenet.ecm");
        File.WriteAllBytes(Model, Convert(Graph(channels: 1)));
        ColorModel = At("color.ecm");
        File.WriteAllBytes(ColorModel, Convert(Graph(channels: 3)));
    }

    /// <summary>A folder for a test's own files.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("edgeconv-cli-tests-").FullName;

    /// <summary>The float network.</summary>
    public string Onnx { get; }

    /// <summary>The same as .ecm.</summary>
    public string Model { get; }

    /// <summary>A network for colour pictures.</summary>
    public string ColorModel { get; }

    /// <summary>28x28 grey pictures, a folder a class, under train/ and test/.</summary>
    public string Pictures { get; }

    /// <summary>One of them.</summary>
    public string Picture => Path.Combine(Pictures, "test", "7", "0.pgm");

    /// <summary>A path in <see cref="Folder"/>.</summary>
    public string At(string name) => Path.Combine(Folder, name);

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static Graph Graph(int channels)
    {
        Random random = new(5);
        float[] Weights(int count, int inputs) =>
            [.. Enumerable.Range(0, count).Select(_ => (float)((random.NextDouble() - 0.5) * 2 / Math.Sqrt(inputs)))];
        Conv2D Conv(int inputs, int outputs, int pad) => new(
            Weights(outputs * 25 * inputs, 25 * inputs), Weights(outputs, 1),
            new Window(5, 5, PadTop: pad, PadLeft: pad, PadBottom: pad, PadRight: pad), 1);
        FullyConnected Full(int inputs, int outputs) => new(Weights(inputs * outputs, inputs), Weights(outputs, 1));
        (string Name, Operation Operation, int[] Shape)[] layers =
        [
            ("conv1", Conv(channels, 6, 2), [1, 28, 28, 6]), ("relu1", new Activate(Activation.Relu), [1, 28, 28, 6]),
            ("pool1", new MaxPool(new Window(2, 2, 2, 2)), [1, 14, 14, 6]),
            ("conv2", Conv(6, 16, 0), [1, 10, 10, 16]), ("relu2", new Activate(Activation.Relu), [1, 10, 10, 16]),
            ("pool2", new MaxPool(new Window(2, 2, 2, 2)), [1, 5, 5, 16]),
            ("flatten", new Reshape(), [1, 400]), ("fc1", Full(400, 120), [1, 120]), ("relu3", new Activate(Activation.Relu), [1, 120]),
            ("fc2", Full(120, 84), [1, 84]), ("relu4", new Activate(Activation.Relu), [1, 84]),
            ("fc3", Full(84, 10), [1, 10]),
        ];
        List<Node> nodes = [];
        string input = "image";
        foreach ((string name, Operation operation, int[] shape) in layers)
        {
            nodes.Add(new Node(name, operation, [input], new Value($"{name}.out", shape)));
            input = $"{name}.out";
        }

        float[] half = [.. Enumerable.Repeat(0.5f, channels)];
        ColorOrder color = channels == 1 ? ColorOrder.Gray : ColorOrder.Rgb;
        return new Graph("tiny-lenet", new Value("image", [1, 28, 28, channels]), nodes, input)
        {
            Picture = new PictureInput(new PictureLayout(28, 28, color), half, half),
            Labels = [.. Enumerable.Range(0, 10).Select(digit => $"{digit}")],
        };
    }

    private byte[] Convert(Graph graph) => Converter.Convert(
        graph, DataSets.Open(Pictures, Split.Train), null, new ConversionOptions { CalibrationImages = 10 }).File;

    private string MakePictures()
    {
        Random random = new(6);
        byte[] pixels = new byte[28 * 28];
        foreach (string split in (string[])["train", "test"])
        {
            for (int i = 0; i < 10 * PicturesAClass; i++)
            {
                string folder = At(Path.Combine("pictures", split, $"{i / PicturesAClass}"));
                Directory.CreateDirectory(folder);
                random.NextBytes(pixels);
                File.WriteAllBytes(Path.Combine(folder, $"{i % PicturesAClass}.pgm"), [.. "P5 28 28 255\n"u8, .. pixels]);
            }
        }

        return At("pictures");
    }
}
