using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Quantization;

namespace EdgeConv.Converters;

/// <summary>Choices of a conversion.</summary>
public sealed record ConversionOptions
{
    /// <summary>How ranges are chosen.</summary>
    public CalibrationMethod Method { get; init; } = CalibrationMethod.MinMax;

    /// <summary>What layers are quantized to.</summary>
    public QuantizerOptions Quantizer { get; init; } = new();

    /// <summary>Whether to equalize channels across layers first.</summary>
    public bool Equalize { get; init; }

    /// <summary>Whether biases take back what rounded weights move.</summary>
    public bool CorrectBias { get; init; }

    /// <summary>Whether the report says what each layer alone costs.</summary>
    public bool MeasureSensitivity { get; init; }

    /// <summary>
    /// The loss of accuracy on the test set that is allowed, in percentage points; layers move to 16x8 until it holds. Null for no
    /// bound.
    /// </summary>
    public double? MaxDropPoints { get; init; }

    /// <summary>With a bound: give the largest layers int4 weights while it holds.</summary>
    public bool ShrinkWeights { get; init; }

    /// <summary>Whether anything but the plain choices is asked for; networks that arrive quantized leave none.</summary>
    public bool ChoosesQuantization => Equalize || CorrectBias || MeasureSensitivity || MaxDropPoints is not null || ShrinkWeights
        || Quantizer is not { Activations: ActivationScheme.Asymmetric, Wide.Count: 0, Int4.Count: 0 };

    /// <summary>Pictures to calibrate with, spread evenly over the calibration set; all of it when it has fewer.</summary>
    public int CalibrationImages { get; init; } = 500;

    /// <summary>Pictures on which layers are compared for the report.</summary>
    public int ComparedImages { get; init; } = 100;

    /// <summary>Golden vectors in the file, from calibration pictures.</summary>
    public int GoldenVectors { get; init; } = 2;

    /// <summary>Overrides the preprocessing that the network's file carries.</summary>
    public PictureInput? Picture { get; init; }

    /// <summary>Free-form facts for the file.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Metadata { get; init; } = [];
}

/// <summary>How far a conversion is.</summary>
/// <param name="Stage">What is being done, for people.</param>
/// <param name="Done">Pictures that are done.</param>
/// <param name="Total">Pictures in this stage.</param>
public sealed record ConversionProgress(string Stage, int Done, int Total);

/// <summary>What a conversion gave.</summary>
/// <param name="File">Bytes of the model file.</param>
/// <param name="Quantized">The network that the file holds.</param>
/// <param name="Report">How far int8 went from float.</param>
public sealed record Conversion(byte[] File, QuantizedGraph Quantized, QuantizationReport Report);
