using EdgeConv.Converters.Graphs;

namespace EdgeConv.Converters.Quantization;

/// <summary>What the network's answer loses when one layer alone is quantized: its weights and its output.</summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Kind">What it computes.</param>
/// <param name="OutputSqnrDecibels">10 log10 of the energy of the network's output over that of its error; null when there is none.</param>
/// <param name="Agreement">Share of pictures that keep their class.</param>
/// <param name="Accuracy">Share of pictures that are right; null without labels.</param>
public sealed record LayerSensitivity(string Name, string Kind, double? OutputSqnrDecibels, double Agreement, double? Accuracy);

/// <summary>Quantizes one layer at a time.</summary>
internal static class Sensitivity
{
    /// <summary>Every layer that rounds something, the most sensitive first.</summary>
    /// <param name="fused">The float network.</param>
    /// <param name="quantized">What the quantizer made of it.</param>
    /// <param name="samples">Inputs, NHWC.</param>
    /// <param name="labels">Classes of the samples; null when they are not known.</param>
    /// <param name="progress">Gets the number of runs that are done.</param>
    /// <param name="cancel">Stops the work.</param>
    public static IReadOnlyList<LayerSensitivity> Measure(Graph fused, QuantizedGraph quantized, IReadOnlyList<float[]> samples,
        IReadOnlyList<int>? labels, IProgress<int>? progress, CancellationToken cancel)
    {
        var real = new float[samples.Count][];
        Parallelism.For(samples.Count, () => new FloatExecutor(fused),
            (i, executor) => real[i] = [.. executor.Run(samples[i])], _ => { }, null, cancel);
        var result = new List<LayerSensitivity>();
        foreach (string layer in Layers(fused, quantized))
        {
            var rounded = new float[samples.Count][];
            Parallelism.For(samples.Count, () => new SimulatedNetwork(fused, quantized, [layer]),
                (i, network) => rounded[i] = [.. network.Run(samples[i])], _ => { }, null, cancel);
            result.Add(Compare(fused.Nodes.First(n => n.Name == layer), real, rounded, labels));
            progress?.Report(result.Count * samples.Count);
        }

        return [.. result.OrderBy(r => r.OutputSqnrDecibels ?? double.PositiveInfinity)];
    }

    /// <summary>Names of the layers that round something; what the quantizer adds, such as the rescaled parts of a Concat, is none.</summary>
    public static IEnumerable<string> Layers(Graph fused, QuantizedGraph quantized) => quantized.Nodes
        .Where(n => n.Operation is not (QuantizedRequantize or QuantizedReshape or QuantizedMaxPool))
        .Select(n => n.Name)
        .Intersect(fused.Nodes.Select(n => n.Name));

    private static LayerSensitivity Compare(Node node, float[][] real, float[][] rounded, IReadOnlyList<int>? labels)
    {
        double signal = 0, error = 0;
        int same = 0, right = 0;
        for (int i = 0; i < real.Length; i++)
        {
            for (int j = 0; j < real[i].Length; j++)
            {
                double difference = (double)real[i][j] - rounded[i][j];
                signal += (double)real[i][j] * real[i][j];
                error += difference * difference;
            }

            int answer = Answers.IndexOfMax<float>(rounded[i]);
            same += answer == Answers.IndexOfMax<float>(real[i]) ? 1 : 0;
            right += labels is not null && answer == labels[i] ? 1 : 0;
        }

        double count = real.Length;
        return new LayerSensitivity(node.Name, node.Operation.Kind, error > 0 && signal > 0 ? 10 * Math.Log10(signal / error) : null,
            same / count, labels is null ? null : right / count);
    }
}
