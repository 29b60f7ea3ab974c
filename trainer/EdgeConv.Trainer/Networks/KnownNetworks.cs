using EdgeConv.Converters.Graphs;

namespace EdgeConv.Trainer.Networks;

/// <summary>Networks by name.</summary>
public static class KnownNetworks
{
    private static readonly Dictionary<string, Func<int, NetworkDescription>> _networks = new(StringComparer.OrdinalIgnoreCase)
    {
        ["lenet5"] = LeNet5,
        ["lenet5-1998"] = LeNet5Of1998,
    };

    /// <summary>What <see cref="Create"/> knows.</summary>
    public static IReadOnlyCollection<string> Names => _networks.Keys;

    /// <exception cref="UsageException">The name is unknown; the message lists the known ones.</exception>
    public static void Check(string name)
    {
        if (!_networks.ContainsKey(name)) throw new UsageException($"Unknown model '{name}'. Known: {string.Join(", ", Names)}.");
    }

    /// <summary>A network for a number of classes.</summary>
    /// <exception cref="UsageException">The name is unknown; the message lists the known ones.</exception>
    public static NetworkDescription Create(string name, int classes)
    {
        Check(name);
        return _networks[name](classes);
    }

    /// <summary>LeNet-5 as it is used today: ReLU, maximum pooling, MNIST's own 28x28 padded by the first layer.</summary>
    private static NetworkDescription LeNet5(int classes) => new("lenet5", new FeatureShape(28, 28, 1),
    [
        new ConvLayer(6, 5, Padding: 2), new ActivationLayer(Activation.Relu), new MaxPoolLayer(2, 2),
        new ConvLayer(16, 5), new ActivationLayer(Activation.Relu), new MaxPoolLayer(2, 2),
        new FullyConnectedLayer(120), new ActivationLayer(Activation.Relu),
        new FullyConnectedLayer(84), new ActivationLayer(Activation.Relu),
        new FullyConnectedLayer(classes),
    ]);

    /// <summary>
    /// LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition" (1998), section II.B: 32x32 pictures, no
    /// padding, average pooling, tanh. As is usual the second convolution sees all maps and the last layer is linear, without RBF units.
    /// </summary>
    private static NetworkDescription LeNet5Of1998(int classes) => new("lenet5-1998", new FeatureShape(32, 32, 1),
    [
        new ConvLayer(6, 5), new ActivationLayer(Activation.Tanh), new AveragePoolLayer(2, 2),
        new ConvLayer(16, 5), new ActivationLayer(Activation.Tanh), new AveragePoolLayer(2, 2),
        new FullyConnectedLayer(120), new ActivationLayer(Activation.Tanh),
        new FullyConnectedLayer(84), new ActivationLayer(Activation.Tanh),
        new FullyConnectedLayer(classes),
    ]);
}
