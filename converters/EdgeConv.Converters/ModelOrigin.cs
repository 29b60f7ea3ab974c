namespace EdgeConv.Converters;

/// <summary>Where a model file comes from, for its card and for those who sign it. What nobody recorded is null.</summary>
public sealed record ModelOrigin
{
    /// <summary>Version of the converter.</summary>
    public required string Converter { get; init; }

    /// <summary>The command that converted it.</summary>
    public string? Command { get; init; }

    /// <summary>SHA-256 of the model file: the card of another file is not this one's.</summary>
    public required string ModelSha256 { get; init; }

    /// <summary>Name of the network's file.</summary>
    public required string Source { get; init; }

    /// <summary>SHA-256 of the network's file.</summary>
    public required string SourceSha256 { get; init; }

    /// <summary>SHA-256 of the files beside it that have its weights, one behind the other in the order of their names; null where it has them itself.</summary>
    public string? SourceWeightsSha256 { get; init; }

    /// <summary>The data set that the ranges come from.</summary>
    public string? Calibration { get; init; }

    /// <summary>The data set that the accuracies were counted on.</summary>
    public string? Test { get; init; }

    /// <summary>The run that trained it.</summary>
    public TrainingOrigin? Training { get; init; }
}

/// <summary>What a run folder says about a training.</summary>
public sealed record TrainingOrigin
{
    /// <summary>The command that trained it.</summary>
    public string? Command { get; init; }

    /// <summary>The seed of weights, order and augmentation.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Passes over the pictures.</summary>
    public int? Epochs { get; init; }

    /// <summary>Name of the data set.</summary>
    public string? Data { get; init; }

    /// <summary>SHA-256 of labels and pictures, at the network's size, in their order.</summary>
    public string? DataSha256 { get; init; }

    /// <summary>Pictures that were trained on.</summary>
    public int? Pictures { get; init; }

    /// <summary>Of the float network.</summary>
    public double? TestAccuracy { get; init; }

    /// <summary>Versions of what computed it.</summary>
    public IReadOnlyList<string> Versions { get; init; } = [];

    /// <summary>SHA-256 of the run's settings.json, which names all that the training depends on.</summary>
    public required string Sha256 { get; init; }
}
