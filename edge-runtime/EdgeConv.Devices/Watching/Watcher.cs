using System.Diagnostics;
using EdgeConv.Devices.Cameras;
using EdgeConv.Devices.Deciding;
using EdgeConv.Devices.Frames;

namespace EdgeConv.Devices.Watching;

/// <summary>Frames in, decided classes out: reads, classifies, decides, and tells its listeners. Allocates nothing a frame.</summary>
/// <param name="source">Stays the caller's.</param>
/// <param name="classifier">The first model. The watcher owns it, and every one that takes its place.</param>
/// <param name="rules">When a class counts as seen.</param>
/// <param name="listeners">Told in this order.</param>
public sealed class Watcher(IFrameSource source, FrameClassifier classifier, DecisionRules rules, IReadOnlyList<IWatchListener> listeners) : IDisposable
{
    // An array: to walk through a list costs memory, frame by frame.
    private readonly IWatchListener[] _listeners = [.. listeners];
    private FrameClassifier _classifier = classifier;
    private FrameClassifier? _next;
    private readonly ManualResetEventSlim _stop = new();
    private ClassDecider _decider = new(classifier.Classes, rules);

    /// <summary>Without a frame for so long nothing is seen any more.</summary>
    public static TimeSpan BlindAfter { get; } = TimeSpan.FromSeconds(2);

    /// <summary>The least time between two frames that are looked at; those between them are left out.</summary>
    public TimeSpan Period { get; init; }

    /// <summary>Lets another model look from the next frame on; from any thread. One that is still waiting for its first frame is disposed of.</summary>
    public void Replace(FrameClassifier next) => Interlocked.Exchange(ref _next, next)?.Dispose();

    /// <summary>Ends <see cref="Run"/> after the frame that is being looked at, or the wait for one or for its time; from any thread.</summary>
    public void Stop()
    {
        _stop.Set();
        (source as LiveCamera)?.Stop();
    }

    /// <summary>Watches until the source ends, has given so many frames, or it is stopped.</summary>
    /// <exception cref="FrameException">A file does not decode.</exception>
    public void Run(long frames = long.MaxValue)
    {
        long due = 0;
        for (long seen = 0; seen < frames && !_stop.IsSet;)
        {
            switch (source.Wait(BlindAfter, out Frame frame))
            {
                case FrameWait.End:
                    return;
                case FrameWait.Timeout:
                    BeBlind();
                    break;
                default:
                    seen++;
                    Look(frame);
                    due = Pause(due);
                    break;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _classifier.Dispose();
        _next?.Dispose();
        _stop.Dispose();
    }

    private void Look(in Frame frame)
    {
        TakeNext();
        long start = Stopwatch.GetTimestamp();
        int best = _classifier.Run(frame.Picture);
        long now = Stopwatch.GetTimestamp();
        bool isChange = _decider.Add(_classifier.Confidences, now);
        Observation observation = new()
        {
            Frame = frame,
            Classifier = _classifier,
            Best = best,
            Decided = _decider.Current,
            VotedConfidence = _decider.Confidence,
            IsChange = isChange,
            Now = now,
            Busy = Stopwatch.GetElapsedTime(start, now),
        };
        foreach (IWatchListener listener in _listeners)
        {
            listener.Seen(observation);
        }
    }

    private void BeBlind()
    {
        TakeNext();
        _decider.Reset();
        long now = Stopwatch.GetTimestamp();
        foreach (IWatchListener listener in _listeners)
        {
            listener.Blind(now);
        }
    }

    private void TakeNext()
    {
        if (Interlocked.Exchange(ref _next, null) is { } next)
        {
            _classifier.Dispose();
            _classifier = next;
            _decider = new ClassDecider(next.Classes, rules);
        }
    }

    /// <summary>Sleeps out the period; a live camera drops the frames of that time.</summary>
    private long Pause(long due)
    {
        if (Period <= TimeSpan.Zero)
        {
            return 0;
        }

        // On the grid of the period where it keeps up, from now on where it does not.
        long now = Stopwatch.GetTimestamp(), period = (long)(Period.TotalSeconds * Stopwatch.Frequency);
        due = due == 0 ? now + period : Math.Max(due + period, now);
        if (due > now)
        {
            _stop.Wait(Stopwatch.GetElapsedTime(now, due));
        }

        return due;
    }
}
