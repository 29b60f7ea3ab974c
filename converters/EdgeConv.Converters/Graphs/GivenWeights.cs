namespace EdgeConv.Converters.Graphs;

/// <summary>Integers that stand for a layer's weights and bias, in the same order as the float ones.</summary>
/// <param name="Weights">Output channel first.</param>
/// <param name="Scales">One an output channel; one in all for other constants.</param>
/// <param name="Bias">At input scale * weight scale of its channel; null where the file has a float bias, or one at another scale.</param>
/// <param name="ZeroPoint">Of all weights; 0 for convolutions.</param>
public sealed record GivenWeights(sbyte[] Weights, float[] Scales, long[]? Bias, int ZeroPoint = 0)
{
    /// <summary>Whether the weights take four bits in the model file.</summary>
    public bool IsInt4 { get; init; }

    /// <summary>The real weights.</summary>
    public float[] Floats()
    {
        int row = Weights.Length / Scales.Length;
        return [.. Weights.Select((w, i) => (float)((w - ZeroPoint) * (double)Scales[i / row]))];
    }

    /// <summary>The same integers for weights * scale + shift, a channel at a time; null where there are none.</summary>
    internal GivenWeights? Scaled(double[] scale, double[] shift)
    {
        int row = Weights.Length / Scales.Length;
        bool flips = Array.Exists(scale, s => s < 0);
        bool possible = scale.Length == Scales.Length && Array.TrueForAll(scale, s => s != 0)
            && !(flips && (ZeroPoint != 0 || Array.Exists(Weights, w => w == sbyte.MinValue)));
        return !possible ? null : new GivenWeights(
            flips ? [.. Weights.Select((w, i) => (sbyte)(w * Math.Sign(scale[i / row])))] : Weights,
            [.. Scales.Zip(scale, (s, k) => (float)(s * Math.Abs(k)))],
            Array.TrueForAll(shift, s => s == 0) ? Bias?.Zip(scale, (b, k) => b * Math.Sign(k)).ToArray() : null, ZeroPoint);
    }
}
