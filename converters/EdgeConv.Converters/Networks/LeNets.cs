using EdgeConv.Converters.Graphs;

namespace EdgeConv.Converters.Networks;

/// <summary>
/// LeNet-5. Source: LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition" (1998), section II.B.
/// </summary>
internal static class LeNets
{
    private const string Of1998Name = "lenet5-1998";

    // Table I of the paper: which of the six maps each of the sixteen filters sees.
    private static readonly int[][] _table =
    [
        [0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5], [0, 4, 5], [0, 1, 5],
        [0, 1, 2, 3], [1, 2, 3, 4], [2, 3, 4, 5], [0, 3, 4, 5], [0, 1, 4, 5], [0, 1, 2, 5],
        [0, 1, 3, 4], [1, 2, 4, 5], [0, 2, 3, 5],
        [0, 1, 2, 3, 4, 5],
    ];

    public static IReadOnlyList<KnownNetwork> All { get; } =
    [
        new("lenet5", "LeNet-5 as it is used today: ReLU, maximum pooling", Today),
        new(Of1998Name, "LeNet-5 of 1998: tanh, average pooling, 32x32; --connection-table for its partial connections", Of1998),
        new("lenet-nano", "for microcontrollers and their interpreters: under 6,000 parameters, 87,000 multiply-accumulates", Nano),
    ];

    public static bool HasTable(KnownNetwork network) => network.Name == Of1998Name;

    /// <summary>MNIST's own 28x28 padded by the first layer.</summary>
    private static NetworkDescription Today(NetworkOptions options) => new("lenet5", options.Input(28, 28, 1),
    [
        new ConvLayer(6, 5, Padding: 2), new ActivationLayer(Activation.Relu), new MaxPoolLayer(2, 2),
        new ConvLayer(16, 5), new ActivationLayer(Activation.Relu), new MaxPoolLayer(2, 2),
        new FullyConnectedLayer(120), new ActivationLayer(Activation.Relu),
        new FullyConnectedLayer(84), new ActivationLayer(Activation.Relu),
        new FullyConnectedLayer(options.Classes ?? 10),
    ]);

    /// <summary>No padding, average pooling without weights of its own; the last layer is linear, without RBF units.</summary>
    private static NetworkDescription Of1998(NetworkOptions options) => new(Of1998Name, options.Input(32, 32, 1),
    [
        new ConvLayer(6, 5), new ActivationLayer(Activation.Tanh), new AveragePoolLayer(2, 2),
        options.ConnectionTable ? new TableConvLayer(5, _table) : new ConvLayer(16, 5),
        new ActivationLayer(Activation.Tanh), new AveragePoolLayer(2, 2),
        new FullyConnectedLayer(120), new ActivationLayer(Activation.Tanh),
        new FullyConnectedLayer(84), new ActivationLayer(Activation.Tanh),
        new FullyConnectedLayer(options.Classes ?? 10),
    ]);

    /// <summary>
    /// Strides instead of wide layers and of pooling: the fully connected layer, most of LeNet-5's weights, shrinks to a classifier, and no
    /// product is computed whose result is then thrown away. Filters come in multiples of three, as nanoFramework's code takes them.
    /// </summary>
    private static NetworkDescription Nano(NetworkOptions options) => new("lenet-nano", options.Input(28, 28, 1),
    [
        new ConvLayer(6, 5, Stride: 2, Padding: 2, Bias: false), new BatchNormLayer(), new ActivationLayer(Activation.Relu),
        new ConvLayer(12, 3, Stride: 2, Padding: 1, Bias: false), new BatchNormLayer(), new ActivationLayer(Activation.Relu),
        new ConvLayer(24, 3, Stride: 2, Bias: false), new BatchNormLayer(), new ActivationLayer(Activation.Relu),
        new FullyConnectedLayer(options.Classes ?? 10),
    ]);
}
