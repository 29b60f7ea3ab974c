using System.Diagnostics;
using System.Runtime.InteropServices;
using EdgeConv.Devices.Deciding;
using EdgeConv.Devices.Watching;

namespace EdgeConv.Agent.Serving;

/// <summary>A decided class and since when.</summary>
internal readonly record struct Change(long At, string Label, float? Confidence);

/// <summary>
/// What the watcher saw, for those who ask from other threads: written a frame at a time without allocating, read as a <see cref="WatchState"/>.
/// </summary>
internal sealed class WatchRecord(string camera) : IWatchListener
{
    private const int KeptChanges = 128;
    private const int TimedOfFrames = 4;
    private static readonly TimeSpan _lookFor = TimeSpan.FromSeconds(3);

    private readonly Lock _lock = new();
    private readonly long _begin = Stopwatch.GetTimestamp();
    private readonly Latency _latency = new();
    private readonly Dictionary<string, long> _framesOfClass = [];
    private readonly Queue<Change> _changes = new(KeptChanges + 1);
    private FrameClassifier? _classifier;
    private float[] _confidences = [];
    private double[] _layers = [];
    private string _picture = "";
    private (int Width, int Height) _size;
    private string _label = ClassDecider.UnknownName;
    private float? _confidence;
    private int _decided = ClassDecider.Unknown;
    private bool _isKnown;
    private bool _isBlind = true;
    private double _interval;
    private long _frames, _blind, _last, _changed, _number;
    private long _lookedAt = long.MinValue;
    private string? _refusal;
    private long _swaps, _refusals, _saved;

    /// <summary>Someone looks at the page now: layers are timed for some seconds.</summary>
    public void Look() => Volatile.Write(ref _lookedAt, Stopwatch.GetTimestamp());

    /// <summary>Another model took over.</summary>
    public void Swapped()
    {
        lock (_lock)
        {
            _refusal = null;
            _swaps++;
        }
    }

    /// <summary>A model file was not taken.</summary>
    public void Refused(string why)
    {
        lock (_lock)
        {
            _refusal = why;
            _refusals++;
        }
    }

    /// <summary>A labelled frame was saved.</summary>
    public void Saved() => Interlocked.Increment(ref _saved);

    /// <inheritdoc/>
    public void Seen(in Observation observation)
    {
        lock (_lock)
        {
            FrameClassifier classifier = observation.Classifier;
            bool isSame = classifier == _classifier;
            if (!isSame)
            {
                (_classifier, _confidences, _layers) = (classifier, new float[classifier.Classes], new double[classifier.Model.Operators.Count]);
            }

            classifier.Confidences.CopyTo(_confidences);
            ReadLayers(classifier);
            _latency.Add(observation.Busy.TotalSeconds);
            if (_last != 0 && !_isBlind)
            {
                _interval = Latency.Smooth(_interval, Stopwatch.GetElapsedTime(_last, observation.Now).TotalSeconds);
            }

            (_frames, _number, _last, _isBlind) = (_frames + 1, observation.Frame.Number, observation.Now, false);
            // A name may have to be put together, which a frame must not cost.
            _label = isSame && observation.Decided == _decided ? _label : observation.Label;
            (_decided, _confidence, _isKnown) = (observation.Decided, observation.VotedConfidence, observation.Decided != ClassDecider.Unknown);
            CollectionsMarshal.GetValueRefOrAddDefault(_framesOfClass, _label, out _)++;
            Describe(observation);
            if (observation.IsChange)
            {
                Keep(new Change(observation.Now, _label, _confidence));
            }

            long looked = Volatile.Read(ref _lookedAt);
            classifier.TimesLayers = looked != long.MinValue && _frames % TimedOfFrames == 0 && Stopwatch.GetElapsedTime(looked) < _lookFor;
        }
    }

    /// <inheritdoc/>
    public void Blind(long now)
    {
        lock (_lock)
        {
            _blind++;
            if (_isKnown)
            {
                Keep(new Change(now, ClassDecider.UnknownName, null));
            }

            (_isBlind, _isKnown, _decided, _label, _confidence, _interval) = (true, false, ClassDecider.Unknown, ClassDecider.UnknownName, null, 0);
            _confidences.AsSpan().Clear();
        }
    }

    /// <summary>How it is now.</summary>
    public WatchState Read()
    {
        lock (_lock)
        {
            long now = Stopwatch.GetTimestamp();
            return new WatchState
            {
                Camera = camera,
                Picture = _picture,
                Uptime = Stopwatch.GetElapsedTime(_begin, now),
                Frames = _frames,
                Number = _number,
                BlindTimes = _blind,
                FrameAge = _last == 0 ? null : Stopwatch.GetElapsedTime(_last, now),
                IsBlind = _isBlind,
                Label = _label,
                Confidence = _confidence,
                IsKnown = _isKnown,
                FramesASecond = _interval > 0 ? 1 / _interval : 0,
                Latency = new LatencyState([.. _latency.Cumulative()], _latency.Sum, _latency.Count, _latency.Recent),
                Classes = [.. _confidences.Select((value, i) => (_classifier!.Label(i), value))],
                FramesOfClass = [.. _framesOfClass],
                Changes = [.. _changes.Select(change => (Stopwatch.GetElapsedTime(change.At, now), change.Label, change.Confidence))],
                ChangeCount = _changed,
                Layers = _layers.Any(time => time > 0) ? [.. _layers.Select((time, i) => (_classifier!.Model.Operators[i].Name, time))] : [],
                Model = _classifier is null ? null : new ModelState(
                    _classifier.Model.Name, _classifier.Model.FileBytes, _classifier.Path.Name, [.. Enumerable.Range(0, _classifier.Classes).Select(_classifier.Label)]),
                Refusal = _refusal,
                Swaps = _swaps,
                Refusals = _refusals,
                Saved = Volatile.Read(ref _saved),
            };
        }
    }

    private void Keep(Change change)
    {
        _changes.Enqueue(change);
        _changed++;
        if (_changes.Count > KeptChanges)
        {
            _changes.Dequeue();
        }
    }

    private void ReadLayers(FrameClassifier classifier)
    {
        if (!classifier.TimesLayers)
        {
            return;
        }

        for (int i = 0; i < _layers.Length; i++)
        {
            _layers[i] = Latency.Smooth(_layers[i], classifier.LayerTicks[i] / (double)Stopwatch.Frequency);
        }
    }

    private void Describe(in Observation observation)
    {
        (int width, int height) = (observation.Frame.Picture.Width, observation.Frame.Picture.Height);
        if ((width, height) != _size)
        {
            _size = (width, height);
            _picture = $"{width}x{height} {observation.Frame.Picture.Format}";
        }
    }
}
