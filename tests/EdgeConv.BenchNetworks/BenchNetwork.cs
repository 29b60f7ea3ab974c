using System.Globalization;
using System.Text.RegularExpressions;
using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Onnx;
using EdgeConv.Converters.Quantization;

namespace EdgeConv.BenchNetworks;

/// <summary>A layer or a network that the benches measure: the same weights for every engine.</summary>
/// <param name="Name">As the command line takes it.</param>
/// <param name="Title">As tables show it.</param>
/// <param name="IsLayer">One layer, int8 in and out as between its neighbours; otherwise a whole network.</param>
/// <param name="Build">Makes the float network.</param>
public sealed partial record BenchNetwork(string Name, string Title, bool IsLayer, Func<Graph> Build)
{
    /// <summary>For ONNX Runtime: int8 activations, NHWC at both ends as our runtime has them. Mostly its faster form on ARM, never on x64.</summary>
    public static QdqForm Signed { get; } = new() { SignedActivations = true, IntegerEnds = true };

    /// <summary>The same in uint8.</summary>
    public static QdqForm Unsigned { get; } = new() { IntegerEnds = true };

    /// <summary>All of them, layers first.</summary>
    public static IReadOnlyList<BenchNetwork> All { get; } =
    [
        Layer("conv3x3-64-28", "3x3 64->64, 28x28", 28, 64, 64, 3),
        Layer("conv3x3-128-56", "3x3 128->128, 56x56", 56, 128, 128, 3),
        Layer("conv1x1-256-28", "1x1 256->256, 28x28", 28, 256, 256, 1),
        Layer("conv5x5-16-28", "5x5 16->16, 28x28", 28, 16, 16, 5),
        Layer("dw3x3-64-56", "depthwise 3x3 64, 56x56", 56, 64, 64, 3, groups: 64),
        new("lenet5", "LeNet-5", false, KnownNetworks.LeNet5),
        new("ds-cnn", "DS-CNN (MLPerf Tiny)", false, KnownNetworks.DsCnn),
        new("resnet8", "ResNet-8 (MLPerf Tiny)", false, KnownNetworks.ResNet8),
        new("alexnet", "AlexNet, grouped, no LRN", false, KnownNetworks.AlexNet),
        new("vgg16", "VGG-16", false, KnownNetworks.Vgg16),
    ];

    /// <summary>A square convolution with stride 1, padding that keeps the size, and ReLU.</summary>
    public static BenchNetwork Layer(string name, string title, int size, int inputs, int outputs, int kernel, int groups = 1) =>
        Rectangle(name, title, (size, size), inputs, outputs, kernel, groups);

    /// <summary>A network by name, or any convolution, as conv3x3-64-96-2x14: kernel, channels in and out, height and width.</summary>
    /// <exception cref="ArgumentException">Unknown; the message lists the known ones.</exception>
    public static BenchNetwork Parse(string name) => All.FirstOrDefault(n => n.Name == name) ?? AnyConvolution(name)
        ?? throw new ArgumentException($"'{name}' is no layer or network of the bench; there are {string.Join(", ", All.Select(n => n.Name))}, "
            + "and any convolution like conv3x3-64-96-2x14: kernel, channels in and out, height and width.");

    private static BenchNetwork Rectangle(string name, string title, (int Height, int Width) size, int inputs, int outputs, int kernel, int groups = 1) =>
        new(name, title, true, () => new NetworkBuilder(name, size.Height, size.Width, inputs).Conv(outputs, kernel, groups: groups).Build());

    private static BenchNetwork? AnyConvolution(string name)
    {
        Match match = Convolution().Match(name);
        if (!match.Success)
        {
            return null;
        }

        int Number(int group) => int.Parse(match.Groups[group].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);
        (int kernel, int inputs, int outputs, int height, int width) = (Number(1), Number(2), Number(3), Number(4), Number(5));
        return Rectangle(name, $"{kernel}x{kernel} {inputs}->{outputs}, {height}x{width}", (height, width), inputs, outputs, kernel);
    }

    /// <summary>Multiply-accumulates of one inference.</summary>
    public static long MultiplyAccumulates(Graph graph) => graph.Nodes.Sum(node => node.Operation switch
    {
        Conv2D c => (long)node.Output.Length * (c.Weights.Length / c.Bias.Length),
        FullyConnected f => f.Weights.Length,
        _ => 0,
    });

    /// <summary>The int8 network. Ranges are set, not calibrated: random weights keep the size of activations, and speed does not depend on them.</summary>
    public static QuantizedGraph Quantize(Graph graph)
    {
        Dictionary<string, ValueRange> ranges = new() { [graph.Input.Name] = new ValueRange(0, 4) };
        foreach (Node node in graph.Nodes)
        {
            bool mayBeNegative = node.Operation is Conv2D { Activation: Activation.None } or FullyConnected { Activation: Activation.None };
            ranges[node.Output.Name] = new ValueRange(mayBeNegative ? -12 : 0, 12);
        }

        return Quantizer.Quantize(graph, new Ranges(ranges));
    }

    /// <summary>As the command line takes it.</summary>
    public override string ToString() => Name;

    [GeneratedRegex(@"^conv([1-9]\d?)x\1-([1-9]\d{0,3})-([1-9]\d{0,3})-([1-9]\d{0,3})x([1-9]\d{0,3})$")]
    private static partial Regex Convolution();
}
