using System.Diagnostics;
using System.Globalization;
using EdgeConv.Devices.Deciding;
using EdgeConv.Devices.Watching;

namespace EdgeConv.Agent.Operating;

/// <summary>
/// Tells systemd that the agent is up, what it sees, and that it lives, which is only said while the watcher answers: frame by frame, or, without
/// frames, while the camera is being tried again. A classifier, rule or driver that hangs is not covered up.
/// </summary>
internal sealed class Heartbeat : IWatchListener, IDisposable
{
    private static readonly TimeSpan _statusEvery = TimeSpan.FromSeconds(5);

    private readonly ServiceNotifier _notifier;
    private readonly Func<TimeSpan> _cameraIdle;
    private readonly TimeSpan _longestSilence;
    private readonly Thread _thread;
    private readonly ManualResetEventSlim _end = new();
    private string _label = ClassDecider.UnknownName;
    private int _decided = ClassDecider.Unknown;
    private long _frames;
    private long _pulse = Stopwatch.GetTimestamp();
    private volatile bool _isBlind;

    /// <summary>Says that the agent is ready, and begins to say that it lives.</summary>
    /// <param name="notifier">systemd; stays the caller's.</param>
    /// <param name="period">The least time between frames that are looked at: silence that long is no hang.</param>
    /// <param name="cameraIdle">Since the camera's last sign of life.</param>
    public Heartbeat(ServiceNotifier notifier, TimeSpan period, Func<TimeSpan> cameraIdle)
    {
        (_notifier, _cameraIdle) = (notifier, cameraIdle);
        _longestSilence = period + (notifier.Watchdog ?? _statusEvery);
        notifier.Send("READY=1\nSTATUS=Waiting for the first frame");
        _thread = new Thread(Run) { IsBackground = true, Name = "heartbeat" };
        _thread.Start();
    }

    /// <summary>How long a camera may be away from its driver before that counts as hanging: twice the longest pause between attempts, and time to open.</summary>
    public TimeSpan CameraPatience { get; init; } = TimeSpan.FromSeconds(60);

    /// <inheritdoc/>
    public void Seen(in Observation observation)
    {
        Volatile.Write(ref _pulse, observation.Now);
        Interlocked.Increment(ref _frames);
        _isBlind = false;
        if (observation.Decided != _decided)
        {
            (_decided, _label) = (observation.Decided, observation.Label);
        }
    }

    /// <inheritdoc/>
    public void Blind(long now)
    {
        Volatile.Write(ref _pulse, now);
        (_isBlind, _decided, _label) = (true, ClassDecider.Unknown, ClassDecider.UnknownName);
    }

    /// <summary>Says that the agent ends.</summary>
    public void Dispose()
    {
        _end.Set();
        _thread.Join();
        _end.Dispose();
        _notifier.Send("STOPPING=1");
    }

    private void Run()
    {
        TimeSpan pause = _notifier.Watchdog / 3 is { } third && third < _statusEvery ? third : _statusEvery;
        long lastStatus = Stopwatch.GetTimestamp(), lastFrames = 0;
        while (!_end.Wait(pause))
        {
            if (_notifier.Watchdog is not null && Stopwatch.GetElapsedTime(Volatile.Read(ref _pulse)) < _longestSilence && _cameraIdle() < CameraPatience)
            {
                _notifier.Send("WATCHDOG=1");
            }

            if (Stopwatch.GetElapsedTime(lastStatus) >= _statusEvery)
            {
                long frames = Interlocked.Read(ref _frames);
                double rate = (frames - lastFrames) / Stopwatch.GetElapsedTime(lastStatus).TotalSeconds;
                (lastStatus, lastFrames) = (Stopwatch.GetTimestamp(), frames);
                _notifier.Send(_isBlind ? "STATUS=No frames; the camera is being tried again"
                    : string.Create(CultureInfo.InvariantCulture, $"STATUS=Sees {Volatile.Read(ref _label)}, {rate:F1} frames/s"));
            }
        }
    }
}
