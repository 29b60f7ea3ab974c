namespace EdgeConv.Agent.Serving;

/// <summary>The model that looks.</summary>
internal sealed record ModelState(string Name, int FileBytes, string Path, IReadOnlyList<string> Labels);

/// <summary>How long frames took, as <see cref="Latency"/> counts them.</summary>
internal sealed record LatencyState(IReadOnlyList<long> Cumulative, double Sum, long Count, double Recent);

/// <summary>What was seen up to one moment.</summary>
internal sealed record WatchState
{
    /// <summary>Without a frame for longer, nobody can be sure what the camera sees.</summary>
    public static TimeSpan OldestHealthy { get; } = TimeSpan.FromSeconds(5);

    /// <summary>The same where so much time lies between two frames that are looked at.</summary>
    public static TimeSpan OldestAt(TimeSpan period) => OldestHealthy + 2 * period;

    public required string Camera { get; init; }

    public required string Picture { get; init; }

    public required TimeSpan Uptime { get; init; }

    /// <summary>Frames that were classified.</summary>
    public required long Frames { get; init; }

    /// <summary>The camera's count of the last of them.</summary>
    public required long Number { get; init; }

    /// <summary>How often no frame came for a while.</summary>
    public required long BlindTimes { get; init; }

    /// <summary>Since the last answer; null before the first.</summary>
    public required TimeSpan? FrameAge { get; init; }

    public required bool IsBlind { get; init; }

    public required string Label { get; init; }

    /// <summary>Of the class, in the newest frame that voted for it; null without frames.</summary>
    public required float? Confidence { get; init; }

    public required bool IsKnown { get; init; }

    public required double FramesASecond { get; init; }

    public required LatencyState Latency { get; init; }

    public required IReadOnlyList<(string Label, float Confidence)> Classes { get; init; }

    public required IReadOnlyList<KeyValuePair<string, long>> FramesOfClass { get; init; }

    /// <summary>The last decisions, oldest first.</summary>
    public required IReadOnlyList<(TimeSpan Ago, string Label, float? Confidence)> Changes { get; init; }

    public required long ChangeCount { get; init; }

    /// <summary>Seconds a layer; empty while nobody looks.</summary>
    public required IReadOnlyList<(string Name, double Seconds)> Layers { get; init; }

    public required ModelState? Model { get; init; }

    /// <summary>Why the model file that lies there now was not taken.</summary>
    public required string? Refusal { get; init; }

    public required long Swaps { get; init; }

    public required long Refusals { get; init; }

    public required long Saved { get; init; }

    /// <summary>Null where frames come and are answered; otherwise what is wrong.</summary>
    /// <param name="period">The least time between frames that are looked at.</param>
    public string? Illness(TimeSpan period)
    {
        TimeSpan oldest = OldestAt(period);
        return FrameAge switch
        {
            null when Uptime < oldest => null,
            null => $"no frame since the start {Uptime.TotalSeconds:F0} s ago",
            { } age when IsBlind || age > oldest => $"no frame for {age.TotalSeconds:F0} s",
            _ => null,
        };
    }
}
