namespace EdgeConv.Converters.Quantization;

/// <summary>How far int8 went from float, layer by layer and in the answers.</summary>
public sealed record QuantizationReport
{
    /// <summary>How ranges were chosen; null where all scales were taken over from the network's file.</summary>
    public required CalibrationMethod? Method { get; init; }

    /// <summary>Whether the network arrived quantized: its integers and scales are those of its file.</summary>
    public bool TakenOver { get; init; }

    /// <summary>What its user should know about how the network was taken over, one sentence each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Which scales and zero points activations have.</summary>
    public ActivationScheme Activations { get; init; }

    /// <summary>Whether channels were equalized across layers first.</summary>
    public bool Equalized { get; init; }

    /// <summary>Whether biases took back what rounded weights moved.</summary>
    public bool BiasCorrected { get; init; }

    /// <summary>Pictures that the ranges come from.</summary>
    public required int CalibrationImages { get; init; }

    /// <summary>Pictures that the layers were compared on.</summary>
    public required int ComparedImages { get; init; }

    /// <summary>One a layer, in the order in which they run.</summary>
    public required IReadOnlyList<LayerReport> Layers { get; init; }

    /// <summary>Pictures that the accuracies were counted on; 0 without a test set.</summary>
    public int TestImages { get; init; }

    /// <summary>Share of test pictures that the float network gets right.</summary>
    public double? FloatAccuracy { get; init; }

    /// <summary>Share of test pictures that the int8 network gets right.</summary>
    public double? Int8Accuracy { get; init; }

    /// <summary>Share of test pictures for which both give the same class.</summary>
    public double? Agreement { get; init; }

    /// <summary>Names of the classes; empty when there are none.</summary>
    public IReadOnlyList<string> Classes { get; init; } = [];

    /// <summary>[true class][answer] counts of the float network; null without a test set.</summary>
    public int[][]? FloatConfusion { get; init; }

    /// <summary>[true class][answer] counts of the int8 network; null without a test set.</summary>
    public int[][]? Int8Confusion { get; init; }

    /// <summary>What the answer loses with one layer alone in int8, the most sensitive first; null when it was not measured.</summary>
    public IReadOnlyList<LayerSensitivity>? Sensitivity { get; init; }

    /// <summary>What the search for a bounded drop did; null without one.</summary>
    public MixedPrecisionReport? MixedPrecision { get; init; }

    /// <summary>Where the model comes from; null where nobody said.</summary>
    public ModelOrigin? Origin { get; init; }
}

/// <summary>
/// One layer's output in int8 beside float, both computed from the network's input on. Where the only reader is a maximum, a tanh
/// or a sigmoid that cannot tell values beyond some range apart, clipping them there is no error. Without a float network, or without
/// pictures to compare on, all figures of the comparison are null.
/// </summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Kind">What it computes.</param>
/// <param name="SqnrDecibels">10 log10 of signal energy over the energy of the error; null when there is no error, no signal or no comparison.</param>
/// <param name="Cosine">Cosine of the angle between float and int8 output; 1 where both are zero.</param>
/// <param name="FloatMin">Smallest float value seen.</param>
/// <param name="FloatMax">Largest float value seen.</param>
/// <param name="Scale">int8 scale of the output.</param>
/// <param name="ZeroPoint">int8 zero point of the output.</param>
/// <param name="SaturatedShare">Share of float values that lie outside what int8 can represent, by more than half a step.</param>
public sealed record LayerReport(string Name, string Kind, double? SqnrDecibels, double? Cosine, double? FloatMin, double? FloatMax,
    float Scale, int ZeroPoint, double? SaturatedShare)
{
    /// <summary>int8, 16x8 (int16 activations), 8x4 (int4 weights), 16x4, or int16 for a layer without weights.</summary>
    public string Precision { get; init; } = "int8";

    /// <summary>The float values.</summary>
    public ValueHistogram? Histogram { get; init; }
}

/// <summary>Counts of a layer's float values in bins of the same width; values beyond the ends are in the bins there.</summary>
/// <param name="Min">Where the first bin begins.</param>
/// <param name="Max">Where the last bin ends.</param>
/// <param name="ClipMin">The smallest real value that the integers stand for.</param>
/// <param name="ClipMax">The largest.</param>
/// <param name="Counts">One a bin.</param>
public sealed record ValueHistogram(double Min, double Max, double ClipMin, double ClipMax, IReadOnlyList<long> Counts);
