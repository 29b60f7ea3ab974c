using EdgeConv.Converters.Graphs;

namespace EdgeConv.Converters.Networks;

/// <summary>Networks for small devices: few weights for what they can do.</summary>
internal static class SmallNetworks
{
    public static IReadOnlyList<KnownNetwork> All { get; } =
    [
        new("ds-cnn", "for microcontrollers: depthwise separable convolutions", DepthwiseSeparable),
        new("resnet8", "for microcontrollers: residual additions, as in the MLPerf Tiny benchmark", ResNet8),
        new("conv7-fashion", "strong for its size on grey 28x28: seven convolutions, the first whitens", Conv7Fashion),
        new("conv7-cifar", "strong for its size on 32x32 colour: seven convolutions, the first whitens", Conv7Cifar),
        new("resnet14-cifar", "stronger and slower on 32x32 colour: whitening, then six residual blocks", ResNet14Cifar),
    ];

    /// <summary>A depthwise 3x3 and a 1x1 convolution stand for each convolution. Source: Howard et al., "MobileNets" (2017).</summary>
    private static NetworkDescription DepthwiseSeparable(NetworkOptions options)
    {
        (int Filters, int Stride)[] blocks = [(32, 2), (32, 1), (64, 2), (64, 1), (128, 2), (128, 1)];
        return new("ds-cnn", options.Input(32, 32, 3),
        [
            .. Convolution(16, 3, 1),
            .. blocks.SelectMany<(int Filters, int Stride), Layer>(block =>
            [
                new DepthwiseLayer(3, block.Stride, 1, Bias: false), new BatchNormLayer(), Relu(),
                .. Convolution(block.Filters, 1, 1),
            ]),
            new GlobalAverageLayer(), new FullyConnectedLayer(options.Classes ?? 10),
        ]);
    }

    /// <summary>
    /// Banbury et al., "MLPerf Tiny benchmark" (2021): three residual blocks. Learnt and measured values together are the 78,666 that are
    /// published, so convolutions have biases here.
    /// </summary>
    private static NetworkDescription ResNet8(NetworkOptions options) => new("resnet8", options.Input(32, 32, 3),
    [
        new ConvLayer(16, 3, Padding: 1), new BatchNormLayer(), Relu() with { Name = "stem" },
        .. Residual("block1", "stem", 16, 1, project: false),
        .. Residual("block2", "block1", 32, 2, project: true),
        .. Residual("block3", "block2", 64, 2, project: true),
        new GlobalAverageLayer(), new FullyConnectedLayer(options.Classes ?? 10),
    ]);

    /// <summary>
    /// The whitening start of <see cref="Conv7"/>, then residual blocks: additions carry what depth would lose, for fewer multiply-accumulates
    /// than wide pairs. After He et al., "Deep residual learning" (2016), with fewer blocks where pictures are large.
    /// </summary>
    private static NetworkDescription ResNet14Cifar(NetworkOptions options)
    {
        FeatureShape input = options.Input(32, 32, 3);
        (string Name, string Input, int Filters, bool Halves)[] blocks =
        [
            ("s1b1", "stem", 16, false), ("s2b1", "s1b1", 40, true), ("s2b2", "s2b1", 40, false),
            ("s3b1", "s2b2", 80, true), ("s3b2", "s3b1", 80, false), ("s3b3", "s3b2", 80, false),
        ];
        return new("resnet14-cifar", input,
        [
            new ConvLayer(8 * input.Channels, 2, Start: InitialFilters.Whitening), Relu(),
            new ConvLayer(16, 3, Padding: 1, Bias: false), new BatchNormLayer(), Relu() with { Name = "stem" },
            .. blocks.SelectMany(block => Residual(block.Name, block.Input, block.Filters, block.Halves ? 2 : 1, block.Halves, bias: false)),
            new GlobalAverageLayer(), new FullyConnectedLayer(options.Classes ?? 10),
        ]);
    }

    // bias is that of the 3x3 convolutions, which the normalization after them makes superfluous; no normalization follows a projection.
    private static IEnumerable<Layer> Residual(string name, string input, int filters, int stride, bool project, bool bias = true)
    {
        yield return new ConvLayer(filters, 3, stride, Padding: 1, Bias: bias) { From = [input] };
        yield return new BatchNormLayer();
        yield return Relu();
        yield return new ConvLayer(filters, 3, Padding: 1, Bias: bias);
        yield return new BatchNormLayer() with { Name = $"{name}-main" };
        if (project) yield return new ConvLayer(filters, 1, stride) { From = [input] };
        yield return new AddLayer { From = [project ? $"{name}-main" : input] };
        yield return Relu() with { Name = name };
    }

    /// <summary>
    /// The first convolution decorrelates 2x2 patches and stays frozen; then pairs of 3x3 convolutions, the first of each pooled before its
    /// normalization. After Jordan's "94% on CIFAR-10 in 3.29 seconds" (2024), much narrower.
    /// </summary>
    private static NetworkDescription Conv7(string name, FeatureShape input, int classes, params int[] widths) => new(name, input,
    [
        new ConvLayer(widths[0], 2, Start: InitialFilters.Whitening), Relu(),
        .. widths.Skip(1).SelectMany<int, Layer>(width =>
        [
            new ConvLayer(width, 3, Padding: 1, Bias: false), new MaxPoolLayer(2, 2), new BatchNormLayer(), Relu(),
            .. Convolution(width, 3, 1),
        ]),
        new GlobalAverageLayer(), new FullyConnectedLayer(classes),
    ]);

    private static NetworkDescription Conv7Fashion(NetworkOptions options)
    {
        FeatureShape input = options.Input(28, 28, 1);
        return Conv7("conv7-fashion", input, options.Classes ?? 10, 8 * input.Channels, 16, 32, 64);
    }

    private static NetworkDescription Conv7Cifar(NetworkOptions options)
    {
        FeatureShape input = options.Input(32, 32, 3);
        return Conv7("conv7-cifar", input, options.Classes ?? 10, 8 * input.Channels, 32, 64, 128);
    }

    private static Layer[] Convolution(int filters, int kernel, int stride) =>
        [new ConvLayer(filters, kernel, stride, kernel / 2, Bias: false), new BatchNormLayer(), Relu()];

    private static ActivationLayer Relu() => new(Activation.Relu);
}
