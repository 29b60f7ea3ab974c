using System.Diagnostics;
using EdgeConv.Agent.Serving;
using EdgeConv.Devices.Deciding;
using EdgeConv.Devices.Updating;
using EdgeConv.Devices.Watching;

namespace EdgeConv.Agent.Operating;

/// <summary>
/// Watches how a new model does: it is confirmed when it has answered frames for the trial period, and goes back when none is answered where frames
/// come. Without a camera the trial waits, also when that goes away at the change. A process that dies or hangs cannot say so: that is what the slots count starts for.
/// </summary>
internal sealed class Trial : IWatchListener, IDisposable
{
    private readonly ModelSource _source;
    private readonly ModelSlots _slots;
    private readonly TimeSpan _period;
    private readonly TimeSpan _silence;
    private readonly Journal _log;
    private readonly Timer _timer;
    private readonly Lock _lock = new();
    private FrameClassifier? _classifier;
    private string? _hash;
    private bool _sawFrames;
    private long _begin, _first, _last;

    /// <summary>Nothing is on trial yet.</summary>
    /// <param name="source">Has slots.</param>
    /// <param name="period">How long a model must answer.</param>
    /// <param name="log">For people.</param>
    /// <param name="silence">Without an answer for so long a model that gets frames is not well; null for what /healthz allows.</param>
    public Trial(ModelSource source, TimeSpan period, Journal log, TimeSpan? silence = null)
    {
        (_source, _slots, _period, _log) = (source, source.Slots!, period, log);
        _silence = silence ?? WatchState.OldestHealthy;   // a busy board is no sick model
        TimeSpan look = TimeSpan.FromMilliseconds(Math.Clamp(period.TotalMilliseconds / 5, 20, 1000));
        _timer = new Timer(_ => Judge(), null, look, look);
    }

    /// <summary>A model begins to look. Whether it is on trial the slots say.</summary>
    /// <param name="classifier">The model.</param>
    /// <param name="hasBegun">Its start was counted already.</param>
    public void Begin(FrameClassifier classifier, bool hasBegun)
    {
        SlotStatus status = _slots.Status();
        bool isTrial = status.State == TrialState.OnTrial;
        if (isTrial && !hasBegun)
        {
            // Before its time runs: a card may take longer over this than a model may be silent, and until then the model gets no frame.
            _slots.BeginStart(_source.HasFile);
        }

        lock (_lock)
        {
            (_classifier, _hash) = (classifier, isTrial ? status.Current!.ModelHash : null);
            (_sawFrames, _begin, _first) = (_last != 0 && Stopwatch.GetElapsedTime(_last) < _silence, Stopwatch.GetTimestamp(), 0);
        }

        if (isTrial)
        {
            _log.Information($"update: {status.Current!.Name} {status.Current.Version} is on trial for {_period.TotalSeconds:0.#} s");
        }
    }

    /// <summary>The current package cannot run here after all.</summary>
    public void Refused(string why)
    {
        if (_slots.Status() is { State: TrialState.OnTrial, Current: { } current })
        {
            GoBack(current.ModelHash, why);
        }
    }

    /// <summary>The agent ends as it was told to.</summary>
    public void EndWell()
    {
        if (_hash is not null)
        {
            _slots.EndStart();
        }
    }

    /// <inheritdoc/>
    public void Seen(in Observation observation)
    {
        lock (_lock)
        {
            _last = observation.Now;
            if (observation.Classifier == _classifier && _first == 0)
            {
                _first = observation.Now;
            }
        }
    }

    /// <inheritdoc/>
    public void Blind(long now)
    {
        lock (_lock)
        {
            // It is the camera that gives none: a model that hangs would not come to say so.
            _sawFrames = false;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        using ManualResetEvent ended = new(false);
        if (_timer.Dispose(ended))
        {
            ended.WaitOne();
        }
    }

    private void Judge()
    {
        string? good = null, bad = null;
        TimeSpan patience = _period > _silence ? _period : _silence;
        lock (_lock)
        {
            if (_hash is null)
            {
                return;
            }

            bool isAnswering = _first != 0;
            if (isAnswering && Stopwatch.GetElapsedTime(_first) >= _period && Stopwatch.GetElapsedTime(_last) < _silence)
            {
                (good, _hash) = (_hash, null);
            }
            else if (!isAnswering && _sawFrames && Stopwatch.GetElapsedTime(_begin) >= patience)
            {
                (bad, _hash) = (_hash, null);
            }
        }

        try
        {
            if (good is not null && _slots.Confirm(good))
            {
                _log.Information("update: the trial is over, the new model stays");
            }
            else if (bad is not null)
            {
                GoBack(bad, $"it answered no frame in {patience.TotalSeconds:0.#} s");
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _log.Warning($"update: how the trial ended cannot be written down: {error.Message}");
        }
    }

    private void GoBack(string hash, string why)
    {
        if (_slots.GoBack(hash, why, _source.HasFile))
        {
            _log.Warning($"update: {ModelSource.HowItFailed(_slots.Status())}");
        }
    }
}
