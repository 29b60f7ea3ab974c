using EdgeConv.Devices.Frames;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Devices.Cameras;

/// <summary>
/// A device or stream that is open, read by one thread. It knows nothing of reconnecting: what goes wrong is an exception, and then it is
/// disposed of and opened again.
/// </summary>
internal interface ICamera : IDisposable
{
    /// <summary>What it gives, for people: 640x480 YUYV, 30 frames/s.</summary>
    string Description { get; }

    /// <summary>Waits for the next frame and copies it.</summary>
    /// <returns>False at the end of a recording.</returns>
    /// <exception cref="FrameException">The camera stalls, is gone, or sends something else than before.</exception>
    bool Read(FrameBuffer frame);

    /// <summary>Ends a <see cref="Read"/> of another thread soon: it throws or returns.</summary>
    void Stop();
}

/// <summary>Memory for a frame, used again and again.</summary>
internal sealed class FrameBuffer
{
    private byte[] _bytes = [];

    /// <summary>Pixels, or a whole JPEG.</summary>
    public Memory<byte> Bytes { get; private set; }

    /// <summary>The picture; of a JPEG once it is decoded.</summary>
    public Picture Picture { get; private set; }

    /// <summary>Whether the bytes are a JPEG that is not decoded yet: frames that nobody looks at are never decoded.</summary>
    public bool IsJpeg { get; private set; }

    /// <summary>Which file it is, of a recording.</summary>
    public string? Name { get; set; }

    /// <summary>The camera's own count.</summary>
    public long Number { get; set; }

    /// <summary>When it was taken, in ticks of the stopwatch.</summary>
    public long Taken { get; set; }

    /// <summary>Room for a frame; what is in it is anything.</summary>
    public Span<byte> Resize(int length)
    {
        if (_bytes.Length < length)
        {
            _bytes = new byte[length];
        }

        Bytes = _bytes.AsMemory(0, length);
        return Bytes.Span;
    }

    /// <summary>The bytes are a picture of that size and format.</summary>
    public void Set(int width, int height, PixelFormat format, int stride = 0, YuvRule yuv = default)
    {
        IsJpeg = false;
        Picture = new Picture(Bytes, width, height, format) { Stride = stride, Yuv = yuv };
    }

    /// <summary>A picture of someone else's memory, which stays as it is.</summary>
    public void Set(in Picture picture)
    {
        IsJpeg = false;
        Picture = picture;
    }

    /// <summary>The bytes are a JPEG.</summary>
    public void SetJpeg() => IsJpeg = true;
}
