using EdgeConv.Converters.Graphs;

namespace EdgeConv.Converters.Networks;

/// <summary>AlexNet and its relatives.</summary>
internal static class AlexNets
{
    private static readonly float _he = MathF.Sqrt(6);

    public static IReadOnlyList<KnownNetwork> All { get; } =
    [
        new("alexnet", "AlexNet of 2012: two groups, LRN, overlapping pooling, dropout", Of2012),
        new("alexnet-2014", "AlexNet in a single column, without LRN", Of2014),
        new("alexnet-cifar", "AlexNet's five convolutions at the size of CIFAR's pictures", Cifar),
    ];

    /// <summary>
    /// Krizhevsky, Sutskever, Hinton, "ImageNet classification with deep convolutional neural networks" (2012). The two halves that lived on
    /// two GPUs are two groups; 227x227 is what 55x55 behind the first layer takes.
    /// </summary>
    private static NetworkDescription Of2012(NetworkOptions options) => new("alexnet", options.Input(227, 227, 3),
    [
        new ConvLayer(96, 11, Stride: 4), Relu(), new LrnLayer(), new MaxPoolLayer(3, 2),
        new ConvLayer(256, 5, Padding: 2, Groups: 2), Relu(), new LrnLayer(), new MaxPoolLayer(3, 2),
        new ConvLayer(384, 3, Padding: 1), Relu(),
        new ConvLayer(384, 3, Padding: 1, Groups: 2), Relu(),
        new ConvLayer(256, 3, Padding: 1, Groups: 2), Relu(), new MaxPoolLayer(3, 2),
        new FullyConnectedLayer(4096), Relu(), new DropoutLayer(),
        new FullyConnectedLayer(4096), Relu(), new DropoutLayer(),
        new FullyConnectedLayer(options.Classes ?? 1000),
    ])
    { InitialGain = _he };

    /// <summary>Krizhevsky, "One weird trick for parallelizing convolutional neural networks" (2014): fewer filters, one column.</summary>
    private static NetworkDescription Of2014(NetworkOptions options) => new("alexnet-2014", options.Input(224, 224, 3),
    [
        new ConvLayer(64, 11, Stride: 4, Padding: 2), Relu(), new MaxPoolLayer(3, 2),
        new ConvLayer(192, 5, Padding: 2), Relu(), new MaxPoolLayer(3, 2),
        new ConvLayer(384, 3, Padding: 1), Relu(),
        new ConvLayer(256, 3, Padding: 1), Relu(),
        new ConvLayer(256, 3, Padding: 1), Relu(), new MaxPoolLayer(3, 2),
        new DropoutLayer(), new FullyConnectedLayer(4096), Relu(),
        new DropoutLayer(), new FullyConnectedLayer(4096), Relu(),
        new FullyConnectedLayer(options.Classes ?? 1000),
    ])
    { InitialGain = _he };

    /// <summary>Overlapping pooling, two groups and dropout stay; batch normalization stands for LRN.</summary>
    private static NetworkDescription Cifar(NetworkOptions options) => new("alexnet-cifar", options.Input(32, 32, 3),
    [
        new ConvLayer(48, 5, Padding: 2, Bias: false), new BatchNormLayer(), Relu(), new MaxPoolLayer(3, 2),
        new ConvLayer(128, 3, Padding: 1, Groups: 2, Bias: false), new BatchNormLayer(), Relu(), new MaxPoolLayer(3, 2),
        new ConvLayer(192, 3, Padding: 1, Bias: false), new BatchNormLayer(), Relu(),
        new ConvLayer(192, 3, Padding: 1, Groups: 2, Bias: false), new BatchNormLayer(), Relu(),
        new ConvLayer(128, 3, Padding: 1, Groups: 2, Bias: false), new BatchNormLayer(), Relu(), new MaxPoolLayer(3, 2),
        new FullyConnectedLayer(256), Relu(), new DropoutLayer(),
        new FullyConnectedLayer(options.Classes ?? 10),
    ]);

    private static ActivationLayer Relu() => new(Activation.Relu);
}
