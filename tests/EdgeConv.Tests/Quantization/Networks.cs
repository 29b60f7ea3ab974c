using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Quantization;
using EdgeConv.Runtime;
using EdgeConv.Tests.Converters;

namespace EdgeConv.Tests.Quantization;

/// <summary>Networks and figures for the tests of precision.</summary>
internal static class Networks
{
    /// <summary>Convolution, depthwise, pointwise, pooling, flatten, two fully connected layers, from a seed.</summary>
    public static Graph Separable(int seed) => new NetworkBuilder("separable", seed, [1, 12, 12, 2])
        .Conv(8, new Window(3, 3, PadTop: 1, PadLeft: 1, PadBottom: 1, PadRight: 1), activation: Activation.Relu)
        .Conv(8, new Window(3, 3, PadTop: 1, PadLeft: 1, PadBottom: 1, PadRight: 1), groups: 8, activation: Activation.Relu)
        .Conv(12, new Window(1, 1), activation: Activation.Relu)
        .Pool(w => new MaxPool(w), new Window(3, 3, 3, 3)).Flatten().Dense(20).Dense(10).Build();

    /// <summary>The same answers, with channels whose ranges lie up to a factor of 64 apart.</summary>
    public static Graph Unbalanced(int seed)
    {
        Graph graph = Separable(seed);
        Node[] nodes = [.. graph.Nodes];
        double[] factors = [.. Enumerable.Range(0, 8).Select(c => Math.Pow(2, (c * 5 % 8) - 3.5))];
        var first = (Conv2D)nodes[0].Operation;
        var second = (Conv2D)nodes[1].Operation;
        int row = first.Weights.Length / 8;
        nodes[0] = nodes[0] with
        {
            Operation = first with
            {
                Weights = [.. first.Weights.Select((w, i) => (float)(w * factors[i / row]))],
                Bias = [.. first.Bias.Select((b, c) => (float)(b * factors[c]))],
            },
        };
        nodes[1] = nodes[1] with
        {
            Operation = second with { Weights = [.. second.Weights.Select((w, i) => (float)(w / factors[i / 9]))] },
        };
        return graph with { Nodes = nodes };
    }

    /// <summary>Inputs.</summary>
    public static float[][] Samples(Graph graph, int count, int seed = 0) =>
        [.. Enumerable.Range(0, count).Select(i => Tensors.Random(new Random((seed * 1000) + i), graph.Input.Length))];

    /// <summary>SQNR of the model file's answers in decibels, on the runtime itself.</summary>
    public static double Sqnr(Graph real, QuantizedGraph quantized, float[][] samples)
    {
        using Model model = Model.Load(Lowering.Lower(quantized, new LoweringOptions()));
        using var interpreter = new Interpreter(model);
        var executor = new FloatExecutor(real);
        QuantizedValue output = quantized.Nodes.Select(n => n.Output).First(o => o.Name == quantized.Output);
        var bytes = new sbyte[output.Length];
        double signal = 0, error = 0;
        foreach (float[] sample in samples)
        {
            float[] expected = executor.Run(sample);
            interpreter.Invoke([.. sample.Select(v => quantized.Input.Quantization.Quantize(v))], bytes);
            float[] found = output.Dequantize(bytes);
            signal += expected.Sum(e => (double)e * e);
            error += expected.Zip(found, (e, f) => ((double)e - f) * (e - f)).Sum();
        }

        return 10 * Math.Log10(signal / error);
    }
}
