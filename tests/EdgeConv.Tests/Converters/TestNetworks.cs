using EdgeConv.Converters.Graphs;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Tests.Converters;

/// <summary>Small networks with random weights, from a seed.</summary>
internal static class TestNetworks
{
    public static PictureInput Digits { get; } = new(new PictureLayout(28, 28, ColorOrder.Gray), [0.1307f], [0.3081f]);

    /// <summary>LeNet-5 for 28x28 pictures: ReLU and max pooling, or tanh and average pooling as in the paper.</summary>
    public static Graph LeNet5(int seed, bool tanh = false, bool softmax = false)
    {
        var network = new NetworkBuilder("lenet5", seed, [1, 28, 28, 1]);
        Activation activation = tanh ? Activation.Tanh : Activation.Relu;
        Func<Window, Operation> pool = tanh ? w => new AveragePool(w) : w => new MaxPool(w);
        network.Conv(6, new Window(5, 5, PadTop: 2, PadLeft: 2, PadBottom: 2, PadRight: 2)).Activate(activation);
        network.Pool(pool, new Window(2, 2, 2, 2));
        network.Conv(16, new Window(5, 5)).Activate(activation);
        network.Pool(pool, new Window(2, 2, 2, 2)).Flatten();
        network.Dense(120).Activate(activation).Dense(84).Activate(activation).Dense(10);
        if (softmax)
        {
            network.Add(new Softmax(), network.Shape);
        }

        return network.Build() with { Picture = Digits, Labels = [.. Enumerable.Range(0, 10).Select(i => $"digit {i}")] };
    }

    /// <summary>Every operation in a file of a few kilobytes.</summary>
    public static Graph Tiny(int seed) => new NetworkBuilder("tiny", seed, [1, 6, 6, 2])
        .Conv(2, new Window(2, 2, PadTop: 1)).BatchNorm().Activate(Activation.Relu).Pool(w => new MaxPool(w), new Window(2, 2, 2, 2))
        .Conv(2, new Window(2, 2), groups: 2).Activate(Activation.Relu6).Pool(w => new AveragePool(w), new Window(2, 1))
        .Activate(Activation.Tanh).Flatten().Dense(3).Activate(Activation.Sigmoid).Add(new Softmax(), [1, 3]).Build();
}

/// <summary>Appends layers one after another; weights are drawn so that activations keep their size.</summary>
internal sealed class NetworkBuilder(string name, int seed, int[] inputShape)
{
    private readonly Random _random = new(seed);
    private readonly List<Node> _nodes = [];
    private readonly Value _input = new("input", inputShape);
    private string _last = "input";

    public int[] Shape { get; private set; } = inputShape;

    public NetworkBuilder Conv(int outputs, Window window, int groups = 1, Activation activation = Activation.None)
    {
        int fanIn = window.KernelH * window.KernelW * Shape[3] / groups;
        var operation = new Conv2D(Tensors.Random(_random, outputs * fanIn, Math.Sqrt(2.0 / fanIn)),
            Tensors.Random(_random, outputs, 0.1), window, groups, activation);
        return Add(operation, [1, window.OutputH(Shape[1]), window.OutputW(Shape[2]), outputs]);
    }

    public NetworkBuilder Dense(int outputs)
    {
        int inputs = Shape[^1];
        return Add(new FullyConnected(Tensors.Random(_random, outputs * inputs, Math.Sqrt(2.0 / inputs)),
            Tensors.Random(_random, outputs, 0.1)), [1, outputs]);
    }

    public NetworkBuilder BatchNorm()
    {
        int c = Shape[^1];
        float[] Positive() => [.. Tensors.Random(_random, c).Select(v => 0.2f + Math.Abs(v))];
        return Add(new BatchNormalization(Positive(), Tensors.Random(_random, c), Tensors.Random(_random, c), Positive(), 1e-5f), Shape);
    }

    public NetworkBuilder Pool(Func<Window, Operation> create, Window window) =>
        Add(create(window), [1, window.OutputH(Shape[1]), window.OutputW(Shape[2]), Shape[3]]);

    public NetworkBuilder Activate(Activation function) => Add(new Activate(function), Shape);

    public NetworkBuilder Flatten() => Add(new Reshape(), [1, Shape.Aggregate(1, (n, d) => n * d)]);

    public NetworkBuilder Add(Operation operation, int[] shape)
    {
        Shape = shape;
        string output = $"value{_nodes.Count}";
        _nodes.Add(new Node($"{operation.Kind.ToLowerInvariant()}{_nodes.Count}", operation, [_last], new Value(output, shape)));
        _last = output;
        return this;
    }

    public Graph Build() => new(name, _input, [.. _nodes], _last);
}
