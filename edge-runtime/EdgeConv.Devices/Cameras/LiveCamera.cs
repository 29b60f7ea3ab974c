using System.Diagnostics;
using EdgeConv.Devices.Acting;
using EdgeConv.Devices.Frames;

namespace EdgeConv.Devices.Cameras;

/// <summary>
/// A camera that is read by a thread of its own. Of the frames that come while nobody looks only the newest is kept, so that none is ever old;
/// a camera that stalls, goes away or changes is opened again, with pauses that grow to some seconds, for as long as it takes. No allocation a
/// frame, except for JPEG.
/// </summary>
public sealed class LiveCamera : IFrameSource
{
    private static readonly TimeSpan _firstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(8);

    private readonly Func<ICamera> _open;
    private readonly Action<string> _say;
    private readonly Action<string> _warn;
    private readonly string _name;
    private readonly Thread _thread;
    private readonly Lock _cameraLock = new();
    private readonly object _frames = new();
    private FrameBuffer _writing = new();
    private FrameBuffer _newest = new();
    private FrameBuffer _shown = new();
    private ICamera? _camera;
    private bool _isFresh;
    private bool _hasEnded;
    private volatile bool _stopping;
    private long _broken;
    private long _lastSign = Stopwatch.GetTimestamp();

    /// <summary>Starts reading.</summary>
    /// <param name="name">For messages.</param>
    /// <param name="open">Opens the camera; called again whenever it was lost.</param>
    /// <param name="say">Told when the camera comes; from another thread.</param>
    /// <param name="first">The camera, where it is open already.</param>
    /// <param name="warn">Told when it goes, and when it sends what does not decode; the same as the one before where it is null.</param>
    internal LiveCamera(string name, Func<ICamera> open, Action<string> say, ICamera? first = null, Action<string>? warn = null)
    {
        _warn = warn ?? say;
        _name = name;
        _open = open;
        _say = say;
        _thread = new Thread(() => Run(first)) { IsBackground = true, Name = "camera" };
        _thread.Start();
    }

    /// <summary>How often the camera was lost.</summary>
    public int Losses { get; private set; }

    /// <summary>Since the last frame, or the last attempt to have the camera back: it grows where a driver hangs.</summary>
    public TimeSpan Idle => Stopwatch.GetElapsedTime(Volatile.Read(ref _lastSign));

    /// <inheritdoc/>
    public bool TryRead(out Frame frame) => Wait(Timeout.InfiniteTimeSpan, out frame) == FrameWait.Frame;

    /// <inheritdoc/>
    public FrameWait Wait(TimeSpan timeout, out Frame frame)
    {
        long deadline = timeout == Timeout.InfiniteTimeSpan ? long.MaxValue : Stopwatch.GetTimestamp() + (long)(timeout.TotalSeconds * Stopwatch.Frequency);
        while (true)
        {
            FrameWait found = Take(deadline);
            if (found != FrameWait.Frame || TryDecode(_shown))
            {
                frame = found == FrameWait.Frame
                    ? new Frame(_shown.Picture, _shown.Name ?? _name) { Number = _shown.Number, Taken = _shown.Taken }
                    : default;
                return found;
            }
        }
    }

    /// <summary>Ends it, also a wait in another thread.</summary>
    public void Stop()
    {
        _stopping = true;
        lock (_cameraLock)
        {
            _camera?.Stop();
        }

        lock (_frames)
        {
            _hasEnded = true;
            Monitor.PulseAll(_frames);
        }
    }

    /// <summary>Stops, and waits until the camera is given back.</summary>
    public void Dispose()
    {
        Stop();
        _thread.Join();
    }

    private FrameWait Take(long deadline)
    {
        lock (_frames)
        {
            while (!_isFresh)
            {
                if (_hasEnded)
                {
                    return FrameWait.End;
                }

                int left = deadline == long.MaxValue ? Timeout.Infinite
                    : (int)Math.Clamp((deadline - Stopwatch.GetTimestamp()) * 1000.0 / Stopwatch.Frequency, 0, int.MaxValue);
                if (left == 0 || !Monitor.Wait(_frames, left))
                {
                    if (!_isFresh)
                    {
                        return FrameWait.Timeout;
                    }
                }
            }

            if (_stopping)
            {
                return FrameWait.End;
            }

            (_newest, _shown) = (_shown, _newest);
            _isFresh = false;
            return FrameWait.Frame;
        }
    }

    private bool TryDecode(FrameBuffer frame)
    {
        if (!frame.IsJpeg)
        {
            return true;
        }

        try
        {
            frame.Set(MotionJpeg.Decode(frame, _name));
            return true;
        }
        catch (FrameException error)
        {
            _broken++;
            if (Complaints.IsTold(_broken))
            {
                _warn($"{error.Message} {_broken} of its frames so far; it goes on with the next one.");
            }

            return false;
        }
    }

    private void Run(ICamera? first)
    {
        TimeSpan pause = _firstPause;
        long lostAt = 0;
        while (!_stopping)
        {
            Volatile.Write(ref _lastSign, Stopwatch.GetTimestamp());
            try
            {
                ICamera camera = first ?? _open();
                first = null;
                lock (_cameraLock)
                {
                    _camera = camera;
                }

                // Stop may have come before the camera was there for it to stop.
                if (!_stopping)
                {
                    Play(camera, ref pause, ref lostAt);
                }

                break;
            }
            catch (FrameException error)
            {
                Close();
                if (_stopping)
                {
                    break;
                }

                lostAt = lostAt == 0 ? Stopwatch.GetTimestamp() : lostAt;
                Losses++;
                _warn($"{_name}: {error.Message} Trying again in {pause.TotalSeconds:0.##} s.");
                Sleep(pause);
                pause = pause * 2 < _longestPause ? pause * 2 : _longestPause;
            }
        }

        Close();
        lock (_frames)
        {
            _hasEnded = true;
            Monitor.PulseAll(_frames);
        }
    }

    private void Play(ICamera camera, ref TimeSpan pause, ref long lostAt)
    {
        bool isFirst = true;
        while (camera.Read(_writing) && !_stopping)
        {
            Volatile.Write(ref _lastSign, Stopwatch.GetTimestamp());
            if (isFirst)
            {
                string back = lostAt == 0 ? "" : $" It was away for {Stopwatch.GetElapsedTime(lostAt).TotalSeconds:F1} s.";
                _say($"{_name}: {camera.Description}.{back}");
                (isFirst, pause, lostAt) = (false, _firstPause, 0);
            }

            lock (_frames)
            {
                (_writing, _newest) = (_newest, _writing);
                _isFresh = true;
                Monitor.PulseAll(_frames);
            }
        }
    }

    private void Close()
    {
        lock (_cameraLock)
        {
            _camera?.Dispose();
            _camera = null;
        }
    }

    private void Sleep(TimeSpan pause)
    {
        lock (_frames)
        {
            if (!_stopping)
            {
                Monitor.Wait(_frames, pause);
            }
        }
    }
}
