using EdgeConv.Devices.Deciding;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Devices.Updating;

/// <summary>What a board asks of a package.</summary>
public sealed record GateOptions
{
    /// <summary>Whose packages are taken.</summary>
    public Trust Trust { get; init; } = Trust.Everybody;

    /// <summary>This program's version.</summary>
    public required Version Agent { get; init; }

    /// <summary>The kernels that the model will run on.</summary>
    public KernelPath Path { get; init; } = KernelPath.Default;

    /// <summary>Threads that it will run on.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>The longest that an inference may take, whatever the package allows; null for what that says.</summary>
    public TimeSpan? Latency { get; init; }

    /// <summary>A folder of pictures a class that every model must know, or null.</summary>
    public string? Frames { get; init; }

    /// <summary>The part of them, 0 to 1.</summary>
    public double LeastAccuracy { get; init; }

    /// <summary>An older version than one that was confirmed here may come back, and a package that failed its trial may try again.</summary>
    public bool AllowsRollback { get; init; }

    /// <summary>Why the configuration cannot do with a model; null where it can.</summary>
    public Func<FrameClassifier, string?> Objection { get; init; } = _ => null;
}
