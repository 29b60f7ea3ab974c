namespace EdgeConv.Devices.Updating;

/// <summary>What a package says of its model: what a signature signs. Layout and limits are in PACKAGE.md.</summary>
public sealed record PackageManifest
{
    /// <summary>The model's name.</summary>
    public required string Name { get; init; }

    /// <summary>The model's version number: a board that has run a higher one refuses it.</summary>
    public required long Version { get; init; }

    /// <summary>The rounding rule of its arithmetic.</summary>
    public int RoundingRule { get; init; } = 1;

    /// <summary>Length of the model file.</summary>
    public required int ModelBytes { get; init; }

    /// <summary>SHA-256 of the model file, in hex.</summary>
    public required string ModelHash { get; init; }

    /// <summary>Length of the labelled frames; 0 where there are none.</summary>
    public int FramesBytes { get; init; }

    /// <summary>SHA-256 of the labelled frames, in hex.</summary>
    public required string FramesHash { get; init; }

    /// <summary>The kinds of operators that it has.</summary>
    public IReadOnlyList<string> Operators { get; init; } = [];

    /// <summary>The kernel paths on which its golden vectors gave their bytes when it was signed.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>The names of its classes.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>The oldest agent that may run it.</summary>
    public Version MinimumAgent { get; init; } = new(0, 0, 0);

    /// <summary>SHA-256 of the data that it was trained on, in hex, or null.</summary>
    public string? DataHash { get; init; }

    /// <summary>SHA-256 of the run that trained it, in hex, or null.</summary>
    public string? TrainingHash { get; init; }

    /// <summary>The longest that an inference may take on the board, or null.</summary>
    public TimeSpan? Latency { get; init; }

    /// <summary>The part of the labelled frames that it must know, from 0 to 1.</summary>
    public double LeastAccuracy { get; init; }

    /// <summary>What an installation is remembered by.</summary>
    public InstalledPackage Identity => new(Name, Version, ModelHash);
}
