
namespace EdgeConv.Tests.TfLite.Models;

/// <summary>A network made from a seed, with an input for it.</summary>
/// <param name="Name">What it is, and its seed.</param>
/// <param name="File">The .tflite file.</param>
/// <param name="Input">Bytes of its input tensor.</param>
/// <param name="Outputs">Names of what its operators write, in their order.</param>
internal sealed record GeneratedModel(string Name, byte[] File, byte[] Input, IReadOnlyList<string> Outputs)
{
    private const int MostElements = 20000;

    /// <summary>The layers that networks are made of: whether they take any shape, or images only.</summary>
    public static IReadOnlyDictionary<string, (Func<NetworkWriter, Activation, Activation> Layer, bool ImagesOnly)> Layers { get; } =
        new Dictionary<string, (Func<NetworkWriter, Activation, Activation>, bool)>
        {
            ["conv"] = (ConvolutionLayers.Conv2D, true),
            ["depthwise"] = (ConvolutionLayers.DepthwiseConv2D, true),
            ["transpose-conv"] = (ConvolutionLayers.TransposeConv, true),
            ["dense"] = (ConvolutionLayers.FullyConnected, false),
            ["max-pool"] = (LayoutLayers.MaxPool, true),
            ["average-pool"] = (LayoutLayers.AveragePool, true),
            ["concat"] = (LayoutLayers.Concatenation, false),
            ["pad"] = (LayoutLayers.Pad, false),
            ["reshape"] = (LayoutLayers.Reshape, false),
            ["transpose"] = (LayoutLayers.Transpose, false),
            ["add"] = (ElementwiseLayers.Add, false),
            ["sub"] = (ElementwiseLayers.Sub, false),
            ["mul"] = (ElementwiseLayers.Mul, false),
            ["prelu"] = (ElementwiseLayers.PRelu, false),
            ["leaky-relu"] = (ElementwiseLayers.LeakyRelu, false),
            ["relu"] = (ElementwiseLayers.Relu, false),
            ["relu6"] = (ElementwiseLayers.Relu6, false),
            ["logistic"] = (ElementwiseLayers.Logistic, false),
            ["tanh"] = (ElementwiseLayers.Tanh, false),
            ["hard-swish"] = (ElementwiseLayers.HardSwish, false),
            ["elu"] = (ElementwiseLayers.Elu, false),
            ["abs"] = (ElementwiseLayers.Abs, false),
            ["bound"] = (ElementwiseLayers.Bound, false),
            ["quantize"] = (ElementwiseLayers.Quantize, false),
            ["softmax"] = (ElementwiseLayers.Softmax, false),
        };

    /// <summary>One layer of a kind.</summary>
    public static GeneratedModel OfLayer(string kind, int seed)
    {
        ulong key = kind.Aggregate(14695981039346656037UL, (h, c) => (h ^ c) * 1099511628211UL);
        var w = new NetworkWriter(key + (ulong)seed);
        (Func<NetworkWriter, Activation, Activation> layer, bool imagesOnly) = Layers[kind];
        int[] shape = imagesOnly || !w.Once(4) ? [1, w.Side(), w.Side(), w.Channels()] : [1, w.Next(1, 300)];
        return Finish(w, $"{kind} {seed}", NewInput(w, shape), [layer]);
    }

    /// <summary>A few layers, one behind the other.</summary>
    public static GeneratedModel OfNetwork(int seed)
    {
        var w = new NetworkWriter(0xC0FFEE + (ulong)seed);
        var layers = Enumerable.Range(0, w.Next(2, 8)).Select(_ => w.Pick([.. Layers.Values])).ToArray();
        return Finish(w, $"network {seed}", NewInput(w, [1, w.Next(3, 9), w.Next(3, 9), w.Next(1, 8)]),
            [.. layers.Select(l => (Func<NetworkWriter, Activation, Activation>)((writer, x) =>
                (l.ImagesOnly && x.Shape is not [1, _, _, _]) || x.Shape.Length < 2 ? x : l.Layer(writer, x)))]);
    }

    private static Activation NewInput(NetworkWriter w, int[] shape) => w.Activation("input", shape, w.Scale(0.004, 0.3), w.ZeroPoint());

    private static GeneratedModel Finish(
        NetworkWriter w, string name, Activation input, IReadOnlyList<Func<NetworkWriter, Activation, Activation>> layers)
    {
        Activation x = input;
        foreach (Func<NetworkWriter, Activation, Activation> layer in layers)
        {
            x = x.Length <= MostElements ? layer(w, x) : x;
        }

        x = x == input ? ElementwiseLayers.Quantize(w, x) : x;
        byte[] bytes = [.. w.Bytes(input.Length).Select(b => (byte)b)];
        return new GeneratedModel(name, w.Builder.Build([input.Tensor], [x.Tensor]), bytes,
            [.. w.Builder.Operators.Select(o => w.Builder.Tensors[o.Outputs[0]].Name)]);
    }
}
