
namespace EdgeConv.Tests.TfLite.Models;

/// <summary>A network made from a seed, with an input for it.</summary>
/// <param name="Name">What it is, and its seed.</param>
/// <param name="File">The .tflite file.</param>
/// <param name="Input">Bytes of its input tensor.</param>
/// <param name="Outputs">Names of what its operators write, in their order.</param>
internal sealed record GeneratedModel(string Name, byte[] File, byte[] Input, IReadOnlyList<string> Outputs)
{
    private const int MostElements = 20000;

    /// <summary>The layers that networks are made of, and whether they take any shape, or images only.</summary>
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
            ["shuffle"] = (LayoutLayers.Shuffle, true),
            ["slice"] = (LayoutLayers.Slice, false),
            ["strided-slice"] = (LayoutLayers.StridedSlice, false),
            ["split"] = (LayoutLayers.Split, false),
            ["resize-nearest"] = (LayoutLayers.ResizeNearest, true),
            ["resize-bilinear"] = (LayoutLayers.ResizeBilinear, true),
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
            ["log-softmax"] = (ElementwiseLayers.LogSoftmax, false),
            ["mean"] = (LayoutLayers.Mean, false),
            ["sum"] = (LayoutLayers.Sum, false),
        };

    /// <summary>Those that take int16 as well.</summary>
    public static IReadOnlyList<string> WideLayers { get; } = [.. Layers.Keys.Except(["hard-swish", "elu", "bound", "log-softmax", "resize-nearest", "resize-bilinear"])];

    /// <summary>One layer of a kind, or a network; of int16 activations where the kind ends in that.</summary>
    public static GeneratedModel Of(string kind, int seed) => kind.Split(' ') is [var layer, "int16"]
        ? Of(layer, seed, wide: true)
        : Of(kind, seed, wide: false);

    private static GeneratedModel Of(string kind, int seed, bool wide) => kind == "network" ? OfNetwork(seed, wide) : OfLayer(kind, seed, wide);

    private static GeneratedModel OfLayer(string kind, int seed, bool wide)
    {
        ulong key = kind.Aggregate(14695981039346656037UL, (h, c) => (h ^ c) * 1099511628211UL);
        var w = new NetworkWriter(key + (ulong)seed, wide);
        (Func<NetworkWriter, Activation, Activation> layer, bool imagesOnly) = Layers[kind];
        int[] shape = imagesOnly || !w.Once(4) ? [1, w.Side(), w.Side(), w.Channels()] : [1, w.Next(1, 300)];
        return Finish(w, $"{kind}{(wide ? " int16" : "")} {seed}", NewInput(w, shape), [layer]);
    }

    // A few layers, one behind the other.
    private static GeneratedModel OfNetwork(int seed, bool wide)
    {
        var w = new NetworkWriter(0xC0FFEE + (ulong)seed, wide);
        string[] kinds = wide ? [.. WideLayers] : [.. Layers.Keys];
        var layers = Enumerable.Range(0, w.Next(2, 8)).Select(_ => Layers[w.Pick(kinds)]).ToArray();
        return Finish(w, $"network{(wide ? " int16" : "")} {seed}", NewInput(w, [1, w.Next(3, 9), w.Next(3, 9), w.Next(1, 8)]),
            [.. layers.Select(l => (Func<NetworkWriter, Activation, Activation>)((writer, x) =>
                (l.ImagesOnly && x.Shape is not [1, _, _, _]) || x.Shape.Length < 2 ? x : l.Layer(writer, x)))]);
    }

    private static Activation NewInput(NetworkWriter w, int[] shape) =>
        w.Activation("input", shape, w.Scale(0.004, 0.3) / (w.Wide ? 256 : 1), w.ZeroPoint());

    private static GeneratedModel Finish(
        NetworkWriter w, string name, Activation input, IReadOnlyList<Func<NetworkWriter, Activation, Activation>> layers)
    {
        Activation x = input;
        foreach (Func<NetworkWriter, Activation, Activation> layer in layers)
        {
            x = x.Length <= MostElements ? layer(w, x) : x;
        }

        x = x == input ? ElementwiseLayers.Quantize(w, x) : x;
        byte[] bytes = [.. w.Bytes(input.Length * (w.Wide ? 2 : 1)).Select(b => (byte)b)];
        return new GeneratedModel(name, w.Builder.Build([input.Tensor], [x.Tensor]), bytes,
            [.. w.Builder.Operators.SelectMany(o => o.Outputs).Select(o => w.Builder.Tensors[o].Name)]);
    }
}
