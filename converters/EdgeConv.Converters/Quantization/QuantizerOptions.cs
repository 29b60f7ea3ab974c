namespace EdgeConv.Converters.Quantization;

/// <summary>Which scales and zero points int8 activations may have.</summary>
public enum ActivationScheme
{
    /// <summary>256 steps over the range that was seen; the finest.</summary>
    Asymmetric,

    /// <summary>Zero point 0: for engines that have no other, at the cost of a bit behind a ReLU.</summary>
    Symmetric,

    /// <summary>Zero point 0 and a scale of 2^n: for engines that shift where others multiply.</summary>
    PowerOfTwo,
}

/// <summary>What a network is quantized to; int8 throughout unless something else is asked for.</summary>
public sealed record QuantizerOptions
{
    /// <summary>Scales and zero points of int8 activations. Tanh, sigmoid and softmax keep the outputs that TFLite fixed for them.</summary>
    public ActivationScheme Activations { get; init; }

    /// <summary>Names of the convolutions and fully connected layers that take and give int16 activations (16x8).</summary>
    public IReadOnlyCollection<string> Wide { get; init; } = [];

    /// <summary>Names of the convolutions and fully connected layers whose weights take four bits.</summary>
    public IReadOnlyCollection<string> Int4 { get; init; } = [];

    /// <summary>The precision of one layer.</summary>
    internal LayerPrecision Of(string layer) => new(Wide.Contains(layer), Int4.Contains(layer));
}

/// <summary>How a layer with weights counts.</summary>
/// <param name="Wide">int16 activations, int64 sums.</param>
/// <param name="Int4">Weights from -7 to 7.</param>
internal readonly record struct LayerPrecision(bool Wide, bool Int4);
