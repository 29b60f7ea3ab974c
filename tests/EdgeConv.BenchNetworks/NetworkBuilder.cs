using EdgeConv.Converters.Graphs;
using EdgeConv.Runtime;

namespace EdgeConv.BenchNetworks;

/// <summary>
/// Appends layers with weights from a seed. They are normally distributed, as those of trained networks nearly are, so that the largest
/// weight of a channel stands as far above the others as it does there: what a kernel may prove about its accumulators depends on that.
/// </summary>
internal sealed class NetworkBuilder(string name, int height, int width, int channels)
{
    private readonly Random _random = new(1);
    private readonly List<Node> _nodes = [];
    private readonly Value _input = new("input", [1, height, width, channels]);

    /// <summary>What the last layer writes.</summary>
    public Value Last { get; private set; } = new("input", [1, height, width, channels]);

    /// <summary>Square convolution with ReLU; odd kernels keep the size where nothing else is said.</summary>
    public NetworkBuilder Conv(int outputs, int kernel, int stride = 1, int? pad = null, int groups = 1)
    {
        int p = pad ?? kernel / 2;
        return Conv(outputs, new Window(kernel, kernel, stride, stride, PadTop: p, PadLeft: p, PadBottom: p, PadRight: p), groups);
    }

    /// <summary>Any convolution.</summary>
    public NetworkBuilder Conv(int outputs, Window window, int groups = 1, Activation activation = Activation.Relu)
    {
        int fanIn = window.KernelH * window.KernelW * Last.Shape[3] / groups;
        return Add(new Conv2D(Normal(outputs * fanIn, fanIn), new float[outputs], window, groups, activation), AfterWindow(window, outputs));
    }

    /// <summary>Maximum without padding.</summary>
    public NetworkBuilder MaxPool(int size, int stride) => Pool(new MaxPool(new Window(size, size, stride, stride)));

    /// <summary>Mean over the whole picture.</summary>
    public NetworkBuilder GlobalAverage() => Pool(new AveragePool(new Window(Last.Shape[1], Last.Shape[2])));

    /// <summary>From a picture to a row.</summary>
    public NetworkBuilder Flatten() => Add(new Reshape(), [1, Last.Length]);

    /// <summary>Fully connected.</summary>
    public NetworkBuilder Dense(int outputs, Activation activation = Activation.Relu) =>
        Add(new FullyConnected(Normal(outputs * Last.Length, Last.Length), new float[outputs], activation), [1, outputs]);

    /// <summary>Goes on from an earlier value.</summary>
    public NetworkBuilder From(Value value)
    {
        Last = value;
        return this;
    }

    /// <summary>Adds an earlier value, then ReLU.</summary>
    public NetworkBuilder Plus(Value other) =>
        Add(new Arithmetic(ArithmeticFunction.Add, Activation: Activation.Relu), [.. Last.Shape], other.Name);

    /// <summary>The network.</summary>
    public Graph Build() => new(name, _input, [.. _nodes], Last.Name);

    private NetworkBuilder Pool(Operation pool) => Add(pool, AfterWindow(pool is MaxPool m ? m.Window : ((AveragePool)pool).Window, Last.Shape[3]));

    private int[] AfterWindow(Window window, int outputs) => [1, window.OutputH(Last.Shape[1]), window.OutputW(Last.Shape[2]), outputs];

    private NetworkBuilder Add(Operation operation, int[] shape, params string[] others)
    {
        var output = new Value($"value{_nodes.Count}", shape);
        _nodes.Add(new Node($"{operation.Kind.ToLowerInvariant()}{_nodes.Count}", operation, [Last.Name, .. others], output));
        Last = output;
        return this;
    }

    // Box and Muller, two at a time; variance 2 / fan-in keeps the size of what passes a ReLU.
    private float[] Normal(int count, int fanIn)
    {
        var values = new float[count];
        double deviation = Math.Sqrt(2.0 / fanIn);
        for (int i = 0; i < count; i += 2)
        {
            double radius = deviation * Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble()));
            (double sine, double cosine) = Math.SinCos(2 * Math.PI * _random.NextDouble());
            values[i] = (float)(radius * sine);
            if (i + 1 < count)
            {
                values[i + 1] = (float)(radius * cosine);
            }
        }

        return values;
    }
}
