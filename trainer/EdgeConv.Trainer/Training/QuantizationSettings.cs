namespace EdgeConv.Trainer.Training;

/// <summary>What quantization-aware training starts from and aims at.</summary>
/// <param name="From">The run folder or .onnx file that is fine-tuned.</param>
/// <param name="Int4">Names of the layers whose weights take four bits, with commas; "all" for all, empty for none.</param>
/// <param name="CalibrationImages">Training pictures from which the scales of the activations come.</param>
/// <param name="Equalize">Whether channels are brought to like sizes across layers first, as `convert --equalize` does.</param>
public sealed record QuantizationSettings(string From, string Int4 = "", int CalibrationImages = 500, bool Equalize = false)
{
    /// <summary>The word for every layer.</summary>
    public const string All = "all";
}
