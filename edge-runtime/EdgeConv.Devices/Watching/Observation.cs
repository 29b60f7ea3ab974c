using EdgeConv.Devices.Deciding;
using EdgeConv.Devices.Frames;

namespace EdgeConv.Devices.Watching;

/// <summary>One frame and what the model made of it. Its memory is the watcher's: valid during the call only.</summary>
public readonly ref struct Observation
{
    /// <summary>The frame, with its picture.</summary>
    public required Frame Frame { get; init; }

    /// <summary>The model that looked at it; another one after a replacement.</summary>
    public required FrameClassifier Classifier { get; init; }

    /// <summary>The likeliest class of this frame.</summary>
    public required int Best { get; init; }

    /// <summary>The class that is decided, over frames, or <see cref="ClassDecider.Unknown"/>.</summary>
    public required int Decided { get; init; }

    /// <summary>Of the decided class, in the newest frame that voted for it.</summary>
    public required float VotedConfidence { get; init; }

    /// <summary>Whether <see cref="Decided"/> is another than after the frame before.</summary>
    public required bool IsChange { get; init; }

    /// <summary>When the answer was there, in ticks of the stopwatch.</summary>
    public required long Now { get; init; }

    /// <summary>From the frame at hand to the answer.</summary>
    public required TimeSpan Busy { get; init; }

    /// <summary>The name of the decided class, or "unknown".</summary>
    public string Label => Classifier.Label(Decided);

    /// <summary>Of the decided class in this frame, from 0 to 1; of the likeliest one where none is decided.</summary>
    public float Confidence => Classifier.Confidences[Decided == ClassDecider.Unknown ? Best : Decided];
}

/// <summary>Sees what a <see cref="Watcher"/> sees, on its thread: it must neither wait nor throw, and what it does for every frame should not allocate.</summary>
public interface IWatchListener
{
    /// <summary>A frame was classified.</summary>
    void Seen(in Observation observation);

    /// <summary>No frame for <see cref="Watcher.BlindAfter"/>; nothing is decided any more. Again after each such while.</summary>
    /// <param name="now">In ticks of the stopwatch.</param>
    void Blind(long now);
}
