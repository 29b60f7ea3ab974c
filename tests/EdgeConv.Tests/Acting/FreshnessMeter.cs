using EdgeConv.Devices.Cameras;
using EdgeConv.Devices.Frames;
using EdgeConv.Devices.Watching;

namespace EdgeConv.Tests.Acting;

/// <summary>
/// A live camera, and how old each of its frames is when the watcher takes it, counted in the camera's own periods instead of milliseconds: a
/// machine that sleeps in between delays camera and watcher alike, and makes no frame older than the next one. Of the frames that the camera had
/// passed on when the watcher asked, only the newest is young enough: the next one is not there yet, so it is in its first period, or its camera is
/// late. A queue of any kind hands out one before it.
/// </summary>
internal sealed class FreshnessMeter : IFrameSource, IWatchListener
{
    private readonly CountedCamera _camera;
    private readonly LiveCamera _live;
    private readonly Func<long, int> _pause;
    private long _newest;
    private long _last = -1;

    /// <param name="uri">Files with a pace.</param>
    /// <param name="pause">Milliseconds that a listener takes over the n-th frame.</param>
    public FreshnessMeter(CameraUri uri, Func<long, int>? pause = null)
    {
        _pause = pause ?? (_ => 0);
        _camera = new CountedCamera(new FileCamera(uri, _ => { }));
        _live = new LiveCamera("folder", () => _camera, _ => { });
    }

    /// <summary>How many were taken.</summary>
    public int Frames { get; private set; }

    /// <summary>How many of them were older than one that was there already, or seen before.</summary>
    public int Stale { get; private set; }

    /// <summary>How many the watcher never saw.</summary>
    public long LeftOut { get; private set; }

    public bool TryRead(out Frame frame) => Wait(Timeout.InfiniteTimeSpan, out frame) == FrameWait.Frame;

    public FrameWait Wait(TimeSpan timeout, out Frame frame)
    {
        _newest = _camera.PassedOn - 1;
        return _live.Wait(timeout, out frame);
    }

    public void Seen(in Observation observation)
    {
        long number = observation.Frame.Number;
        Stale += number < _newest || number <= _last ? 1 : 0;
        LeftOut += number - _last - 1;
        _last = number;
        if (_pause(Frames++) is > 0 and int milliseconds)
        {
            Thread.Sleep(milliseconds);
        }
    }

    public void Blind(long now)
    {
    }

    public void Dispose() => _live.Dispose();

    /// <summary>The camera's thread asks for a frame when it has passed on the one before.</summary>
    private sealed class CountedCamera(ICamera camera) : ICamera
    {
        private long _asked;

        public string Description => camera.Description;

        public long PassedOn => Volatile.Read(ref _asked) - 1;

        public bool Read(FrameBuffer frame)
        {
            Interlocked.Increment(ref _asked);
            return camera.Read(frame);
        }

        public void Stop() => camera.Stop();

        public void Dispose() => camera.Dispose();
    }
}
