using EdgeConv.Converters.Data;
using EdgeConv.Converters.Graphs;

namespace EdgeConv.Converters.Quantization;

/// <summary>
/// Rounded weights move a channel's mean; the bias can take that back. Layer by layer, each seeing what the corrected ones before it
/// give: bias -= mean of quantized sums - mean of float sums. Nagel et al. (2019), section 4.2, from samples.
/// </summary>
public static class BiasCorrection
{
    /// <summary>Samples that are looked at, spread over those that are given: each layer takes one run of each.</summary>
    private const int MostSamples = 100;

    /// <summary>The network with the biases to quantize. Its float answers are no longer the original's.</summary>
    /// <param name="fused">What <see cref="Fusion.Apply"/> returned.</param>
    /// <param name="ranges">What <see cref="Calibrator.Run"/> returned for it.</param>
    /// <param name="options">What it will be quantized to.</param>
    /// <param name="samples">Inputs, NHWC.</param>
    /// <param name="progress">Gets the number of runs that are done.</param>
    /// <param name="cancel">Stops the work.</param>
    public static Graph Apply(Graph fused, Ranges ranges, QuantizerOptions options, IReadOnlyList<float[]> samples,
        IProgress<int>? progress = null, CancellationToken cancel = default)
    {
        float[][] chosen = [.. PictureSamples.Spread(samples.Count, MostSamples).Select(i => samples[i])];
        Dictionary<string, double[]> wanted = Means(chosen, () =>
        {
            var executor = new FloatExecutor(WithSums(fused));
            return (sample, visit) => executor.Run(sample, visit);
        }, cancel);
        Graph corrected = fused;
        int done = 0;
        foreach (Node node in fused.Nodes.Where(n => wanted.ContainsKey(n.Name)))
        {
            QuantizedGraph quantized = Quantizer.Quantize(corrected, ranges, options);
            Graph sums = WithSums(corrected);
            Dictionary<string, double[]> found = Means(chosen, () =>
            {
                var network = new SimulatedNetwork(sums, quantized);
                return (sample, visit) => network.Run(sample, visit);
            }, cancel);
            double[] shift = [.. found[node.Name].Zip(wanted[node.Name], (f, w) => f - w)];
            corrected = corrected with
            {
                Nodes = [.. corrected.Nodes.Select(n => n.Name == node.Name ? n with { Operation = Shifted(n.Operation, shift) } : n)],
            };
            progress?.Report(done += chosen.Length);
        }

        return corrected;
    }

    /// <summary>The number of runs that <see cref="Apply"/> will report.</summary>
    internal static int Runs(Graph fused, int samples) =>
        fused.Nodes.Count(n => n.Operation is Conv2D or FullyConnected) * Math.Min(samples, MostSamples);

    // The mean of each channel of each layer with weights.
    private static Dictionary<string, double[]> Means(
        float[][] samples, Func<Action<float[], Action<Node, float[]>>> create, CancellationToken cancel)
    {
        // Sums are added in the order of the samples, so that threads do not change the result.
        var parts = new Dictionary<string, double[]>[samples.Length];
        Parallelism.For(samples.Length, create,
            (i, run) =>
            {
                Dictionary<string, double[]> means = parts[i] = [];
                run(samples[i], (node, values) =>
                {
                    if (node.Operation is Conv2D or FullyConnected)
                    {
                        means[node.Name] = Mean(values, node.Output.Shape[^1]);
                    }
                });
            },
            _ => { }, null, cancel);
        return parts[0].Keys.ToDictionary(name => name, name =>
        {
            var mean = new double[parts[0][name].Length];
            foreach (Dictionary<string, double[]> part in parts)
            {
                for (int c = 0; c < mean.Length; c++)
                {
                    mean[c] += part[name][c] / parts.Length;
                }
            }

            return mean;
        });
    }

    private static double[] Mean(float[] values, int channels)
    {
        var mean = new double[channels];
        for (int i = 0; i < values.Length; i++)
        {
            mean[i % channels] += values[i];
        }

        return [.. mean.Select(m => m * channels / values.Length)];
    }

    // Layers without their fused activations, which stand behind them; the values keep their names.
    private static Graph WithSums(Graph graph) => graph with
    {
        Nodes = [.. graph.Nodes.SelectMany(node => node.Operation switch
        {
            Conv2D { Activation: not Activation.None } c => Split(node, c with { Activation = Activation.None }, Activations.Of(c.Activation, c.Bounds)),
            FullyConnected { Activation: not Activation.None } f =>
                Split(node, f with { Activation = Activation.None }, Activations.Of(f.Activation, f.Bounds)),
            _ => [node],
        })],
    };

    private static Node[] Split(Node node, Operation operation, Activate activation)
    {
        var sum = new Value($"{node.Output.Name}.sum", node.Output.Shape);
        return
        [
            node with { Operation = operation, Output = sum },
            new Node($"{node.Name}.activation", activation, [sum.Name], node.Output),
        ];
    }

    private static Operation Shifted(Operation operation, double[] shift) => operation switch
    {
        Conv2D c => c with { Bias = [.. c.Bias.Zip(shift, (b, s) => (float)(b - s))] },
        FullyConnected f => f with { Bias = [.. f.Bias.Zip(shift, (b, s) => (float)(b - s))] },
        _ => operation,
    };
}
