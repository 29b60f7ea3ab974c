using System.Diagnostics;
using EdgeConv.Devices.Frames;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Devices.Cameras;

/// <summary>Pictures of the disk at a camera's pace, once or for ever. What fits in memory is read once.</summary>
internal sealed class FileCamera : ICamera
{
    private const long MostKept = 64 << 20;

    private readonly CameraUri _uri;
    private readonly Action<string> _say;
    private readonly double _framesASecond;
    private readonly bool _loops;
    private readonly List<Frame> _kept = [];
    private long _begin = Stopwatch.GetTimestamp();
    private FrameFiles? _files;
    private long _keptBytes;
    private bool _isAllKept = true;
    private long _number;
    private volatile bool _stopped;

    public FileCamera(CameraUri uri, Action<string> say)
    {
        _uri = uri;
        _say = say;
        _framesASecond = uri.FramesASecond() ?? throw new ArgumentException("Without a pace files are not a camera.", nameof(uri));
        _loops = Loops(uri);
        _files = new FrameFiles(uri.Target);
    }

    public string Description => $"{_uri.Target}, {_framesASecond:0.##} frames/s{(_loops ? ", again and again" : "")}";

    public static bool Loops(CameraUri uri) => uri.Options.GetValueOrDefault("loop") switch
    {
        null or "0" => false,
        "1" => true,
        string other => throw new FrameException($"loop={other}: expected loop=1 or loop=0."),
    };

    public bool Read(FrameBuffer frame)
    {
        if (!TryNext(frame))
        {
            return false;
        }

        // Each frame has its own moment, so that reading slowly now and then does not slow the recording down. One that is late by more than a
        // period moves the others: a disk that is slower than the pace must not hand out frames that are older and older.
        double period = Stopwatch.Frequency / _framesASecond;
        long due = _begin + (long)(_number * period);
        long late = Stopwatch.GetTimestamp() - due;
        if (late > period)
        {
            (_begin, due) = (_begin + late, due + late);
        }

        while (!_stopped && due - Stopwatch.GetTimestamp() is > 0 and long left)
        {
            Thread.Sleep((int)Math.Clamp(left * 1000 / Stopwatch.Frequency, 1, 100));
        }

        frame.Taken = due;
        frame.Number = _number++;
        return !_stopped;
    }

    public void Stop() => _stopped = true;

    public void Dispose() => _files?.Dispose();

    private bool TryNext(FrameBuffer frame)
    {
        if (_files is null)
        {
            Frame kept = _kept[(int)(_number % _kept.Count)];
            frame.Set(kept.Picture);
            frame.Name = kept.Name;
            return true;
        }

        while (true)
        {
            try
            {
                if (_files.TryRead(out Frame read))
                {
                    Copy(read, frame);
                    return true;
                }
            }
            catch (FrameException error)
            {
                _say($"{error.Message} It is left out.");
                continue;
            }

            if (!_loops || _number == 0)
            {
                return false;
            }

            _files.Dispose();
            _files = _isAllKept ? null : new FrameFiles(_uri.Target);
            return TryNext(frame);
        }
    }

    private void Copy(in Frame read, FrameBuffer frame)
    {
        Picture picture = read.Picture;
        _keptBytes += picture.Pixels.Length;
        _isAllKept &= _loops && _keptBytes <= MostKept;
        frame.Name = read.Name;
        if (_isAllKept)
        {
            Picture own = picture with { Pixels = picture.Pixels.ToArray() };
            _kept.Add(read with { Picture = own });
            frame.Set(own);
            return;
        }

        _kept.Clear();
        picture.Pixels.Span.CopyTo(frame.Resize(picture.Pixels.Length));
        frame.Set(picture.Width, picture.Height, picture.Format);
    }
}
