using System.Diagnostics;
using EdgeConv.Devices.Frames;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Tests.Agent.Serving;

/// <summary>A camera that a test directs: what it sees, when it is away, when it ends.</summary>
internal sealed class StagedCamera : IFrameSource
{
    private readonly int _side;
    private long _number;

    /// <summary>Square grey pictures.</summary>
    public StagedCamera(int side = 2) => _side = side;

    /// <summary>The pixel that is bright, which is the class that the brightest-pixel model answers.</summary>
    public volatile int Bright;

    /// <summary>No frames come.</summary>
    public volatile bool IsAway;

    /// <summary>There will be none any more.</summary>
    public volatile bool HasEnded;

    /// <summary>A frame each so many milliseconds.</summary>
    public int Milliseconds { get; init; } = 10;

    public bool TryRead(out Frame frame) => Wait(Timeout.InfiniteTimeSpan, out frame) == FrameWait.Frame;

    public FrameWait Wait(TimeSpan timeout, out Frame frame)
    {
        frame = default;
        Stopwatch watch = Stopwatch.StartNew();
        do
        {
            Thread.Sleep(Milliseconds);
            if (HasEnded)
            {
                return FrameWait.End;
            }
        }
        while (IsAway && (timeout < TimeSpan.Zero || watch.Elapsed < timeout));
        if (IsAway)
        {
            return FrameWait.Timeout;
        }

        byte[] pixels = new byte[_side * _side];
        if (_side > 2)
        {
            // Something that moves, for those who look.
            for (int i = 0; i < pixels.Length; i++)
            {
                pixels[i] = (byte)((i % _side + i / _side + _number * 3) % 200);
            }
        }

        pixels[Bright] = 255;
        frame = new Frame(new Picture(pixels, _side, _side, PixelFormat.Gray8), "stage") { Number = _number++, Taken = Stopwatch.GetTimestamp() };
        return FrameWait.Frame;
    }

    public void Dispose()
    {
    }
}
