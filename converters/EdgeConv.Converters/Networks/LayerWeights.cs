using EdgeConv.Converters.Data;

namespace EdgeConv.Converters.Networks;

/// <summary>All learnt values of a network end to end, layer by layer, weights before bias; likewise the measured ones.</summary>
public static class LayerWeights
{
    /// <summary>The learnt values of each layer, in the order of <see cref="Layer.ParameterShapes"/>.</summary>
    public static IReadOnlyList<float[][]> Split(NetworkDescription network, ReadOnlyMemory<float> flat)
    {
        int offset = 0;
        return [.. network.Place().Select(layer => layer.Layer.ParameterShapes(layer.Input).Select(shape =>
        {
            int length = (int)PlacedLayer.Length(shape);
            offset += length;
            return flat.Slice(offset - length, length).ToArray();
        }).ToArray())];
    }

    /// <summary>The measured values of each layer.</summary>
    public static IReadOnlyList<float[]> SplitStatistics(NetworkDescription network, ReadOnlyMemory<float> flat)
    {
        int offset = 0;
        return [.. network.Place().Select(layer =>
        {
            offset += layer.Statistics;
            return flat.Slice(offset - layer.Statistics, layer.Statistics).ToArray();
        })];
    }

    /// <summary>Weights to begin with, by the seed: uniform within <see cref="NetworkDescription.InitialGain"/> / sqrt(fan-in).</summary>
    public static float[] Initial(NetworkDescription network, ulong seed)
    {
        var weights = new float[network.Parameters];
        int offset = 0;
        IReadOnlyList<PlacedLayer> layers = network.Place();
        for (int i = 0; i < layers.Count; i++)
        {
            PlacedLayer layer = layers[i];
            IReadOnlyList<long[]> shapes = layer.Layer.ParameterShapes(layer.Input);
            var random = SplitMix64.For(seed, (ulong)i);
            // Scores begin small, whatever the layers before them need: large ones would be certainty without knowledge.
            float gain = i == layers.Count - 1 ? 1 : network.InitialGain;
            float bound = gain / MathF.Sqrt(layer.Layer.FanIn(layer.Input));
            for (int part = 0; part < shapes.Count; part++)
            {
                Span<float> values = weights.AsSpan(offset, (int)PlacedLayer.Length(shapes[part]));
                offset += values.Length;
                if (layer.Layer is BatchNormLayer) values.Fill(part == 0 ? 1 : 0);
                else if (part > 0 && network.InitialGain != 1) values.Clear();
                else foreach (ref float value in values) value = random.NextSymmetric(bound);
            }
        }
        return weights;
    }

    /// <summary>Mean 0 and variance 1, as long as nothing has been measured.</summary>
    public static float[] InitialStatistics(NetworkDescription network) =>
        [.. network.Place().SelectMany(layer => Enumerable.Range(0, layer.Statistics).Select(i => i < layer.Statistics / 2 ? 0f : 1f))];
}
