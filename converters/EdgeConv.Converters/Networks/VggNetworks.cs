using EdgeConv.Converters.Graphs;

namespace EdgeConv.Converters.Networks;

/// <summary>
/// VGG: nothing but 3x3 convolutions and 2x2 maxima. Source: Simonyan, Zisserman, "Very deep convolutional networks for large-scale image
/// recognition" (2015), table 1.
/// </summary>
internal static class VggNetworks
{
    private static readonly int[] _filters = [64, 128, 256, 512, 512];

    // Convolutions in each of the five blocks: configurations A, B, D and E.
    private static readonly (int Layers, int[] Blocks)[] _configurations =
        [(11, [1, 1, 2, 2, 2]), (13, [2, 2, 2, 2, 2]), (16, [2, 2, 3, 3, 3]), (19, [2, 2, 4, 4, 4])];

    public static IReadOnlyList<KnownNetwork> All { get; } =
    [
        .. _configurations.SelectMany(c => new[] { Published(c.Layers, c.Blocks, false), Published(c.Layers, c.Blocks, true) }),
        new("vgg-cifar", "VGG at the size of CIFAR's pictures: six convolutions with batch norm", Cifar),
    ];

    private static KnownNetwork Published(int layers, int[] blocks, bool normalize)
    {
        string name = normalize ? $"vgg{layers}-bn" : $"vgg{layers}";
        string summary = $"VGG, {blocks.Sum()} convolutions and 3 fully connected layers{(normalize ? ", batch norm" : "")}";
        return new KnownNetwork(name, summary, options => new NetworkDescription(name, options.Input(224, 224, 3),
        [
            .. blocks.SelectMany((count, block) => Block(_filters[block], count, normalize, bias: true)),
            new FullyConnectedLayer(4096), new ActivationLayer(Activation.Relu), new DropoutLayer(),
            new FullyConnectedLayer(4096), new ActivationLayer(Activation.Relu), new DropoutLayer(),
            new FullyConnectedLayer(options.Classes ?? 1000),
        ])
        { InitialGain = MathF.Sqrt(6) });
    }

    private static NetworkDescription Cifar(NetworkOptions options) => new("vgg-cifar", options.Input(32, 32, 3),
    [
        .. Block(32, 2, normalize: true, bias: false), .. Block(64, 2, normalize: true, bias: false),
        .. Block(128, 2, normalize: true, bias: false),
        new FullyConnectedLayer(256), new ActivationLayer(Activation.Relu), new DropoutLayer(),
        new FullyConnectedLayer(options.Classes ?? 10),
    ]);

    private static IEnumerable<Layer> Block(int filters, int count, bool normalize, bool bias)
    {
        for (int i = 0; i < count; i++)
        {
            yield return new ConvLayer(filters, 3, Padding: 1, Bias: bias);
            if (normalize) yield return new BatchNormLayer();
            yield return new ActivationLayer(Activation.Relu);
        }
        yield return new MaxPoolLayer(2, 2);
    }
}
