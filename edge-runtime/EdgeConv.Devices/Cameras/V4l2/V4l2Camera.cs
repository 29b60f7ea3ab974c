using System.Diagnostics;
using System.Runtime.InteropServices;
using EdgeConv.Devices.Frames;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Devices.Cameras.V4l2;

/// <summary>
/// Streams from a video device through memory that it shares with the kernel. Frames are copied out: the driver gets its memory back at once, never
/// waits for whoever looks, and may be unplugged while its last frame is looked at.
/// </summary>
internal sealed unsafe class V4l2Camera : ICamera
{
    private const uint Capture = 1;
    private const uint Mapped = 1;
    private const uint Progressive = 1;
    private const uint Buffers = 4;
    private static readonly (int Width, int Height) _usualSize = (640, 480);

    private readonly V4l2Device _device;
    private readonly V4l2PixelFormat _format;
    private readonly V4l2Format _set;
    private readonly YuvRule _rule;
    private readonly int _timeout;
    private readonly int _stop;
    private (nint Address, nuint Length)[] _maps = [];
    private int _mapped;
    private bool _streams;

    /// <summary>Opens, agrees on a format, and starts.</summary>
    /// <exception cref="FrameException">Any of it fails.</exception>
    public V4l2Camera(CameraUri uri)
    {
        double? rate = uri.FramesASecond();
        _timeout = 1000 * uri.Timeout(rate < 1 ? (int)(4 / rate.Value) : 4);
        _stop = -1;
        _device = new V4l2Device(uri.Target);
        try
        {
            (_format, _set) = Negotiate(uri);
            _rule = V4l2PixelFormat.Rule(_set);
            double given = SetRate(rate);
            Description = $"{_device.Card}, {_set.Width}x{_set.Height} {_format.Name}{(given > 0 ? $", {given:0.##} frames/s" : "")}";
            _stop = LibC.EventFile(0, LibC.CloseOnExec | LibC.EventNonBlocking);
            WatchForChanges();
            Map();
            uint type = Capture;
            _device.Ask(V4l2Request.StreamOn, ref type, "does not start");
            _streams = true;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public string Description { get; } = "";

    public bool Read(FrameBuffer frame)
    {
        long begin = Stopwatch.GetTimestamp();
        while (Wait())
        {
            V4l2Buffer buffer = new() { Type = Capture, Memory = Mapped };
            if (!_device.Try(V4l2Request.Dequeue, ref buffer))
            {
                int code = Marshal.GetLastPInvokeError();
                if (code == LibC.TryAgain)
                {
                    continue;
                }

                throw _device.Error("gives no frame", code);
            }

            bool isGood = Copy(buffer, frame);
            V4l2Buffer back = new() { Type = Capture, Memory = Mapped, Index = buffer.Index };
            _device.Ask(V4l2Request.Queue, ref back, "does not take its memory back");
            if (isGood)
            {
                return true;
            }

            if (Stopwatch.GetElapsedTime(begin).TotalMilliseconds > _timeout)
            {
                throw new FrameException($"{_device.Path} sends only damaged or cut frames for {_timeout / 1000} s.");
            }
        }

        return false;
    }

    public void Stop()
    {
        ulong one = 1;
        if (_stop >= 0)
        {
            _ = LibC.Write(_stop, &one, sizeof(ulong));
        }
    }

    public void Dispose()
    {
        if (_streams)
        {
            uint type = Capture;
            _device.Try(V4l2Request.StreamOff, ref type);
            _streams = false;
        }

        for (; _mapped > 0; _mapped--)
        {
            _ = LibC.Unmap(_maps[_mapped - 1].Address, _maps[_mapped - 1].Length);
        }

        if (_stop >= 0)
        {
            _ = LibC.Close(_stop);
        }

        _device.Dispose();
    }

    /// <summary>Waits for a frame.</summary>
    /// <returns>False when <see cref="Stop"/> was called.</returns>
    private bool Wait()
    {
        LibC.PollEntry* entries = stackalloc LibC.PollEntry[2];
        entries[0] = new LibC.PollEntry { File = _device.File, Events = LibC.In | LibC.Priority };
        entries[1] = new LibC.PollEntry { File = _stop, Events = LibC.In };
        int ready;
        do
        {
            ready = LibC.Poll(entries, 2, _timeout);
        }
        while (ready < 0 && Marshal.GetLastPInvokeError() == LibC.Interrupted);
        if (entries[1].Returned != 0)
        {
            return false;
        }

        if (ready == 0)
        {
            throw new FrameException($"{_device.Path} stalls: no frame in {_timeout / 1000} s.");
        }

        V4l2Event change = default;
        if ((entries[0].Returned & LibC.Priority) != 0 && _device.Try(V4l2Request.DequeueEvent, ref change))
        {
            throw new FrameException($"{_device.Path} changes its picture.");
        }

        return (entries[0].Returned & LibC.In) != 0 || (entries[0].Returned & (LibC.Error | LibC.HangUp)) == 0
            ? true
            : throw _device.Error("gives no more frames", LibC.NoDevice);
    }

    /// <summary>Whether it is a whole frame; drivers hand out what a bad cable leaves of one, too.</summary>
    private bool Copy(in V4l2Buffer buffer, FrameBuffer frame)
    {
        (nint address, nuint length) = _maps[buffer.Index];
        int used = (int)Math.Min(buffer.BytesUsed, (ulong)length), stride = (int)_set.BytesPerLine;
        int width = (int)_set.Width, height = (int)_set.Height;
        if ((buffer.Flags & V4l2Buffer.HasError) != 0 || used == 0 || _format.Pixels is { } pixels && used < pixels.ByteLength(width, height, stride))
        {
            return false;
        }

        new ReadOnlySpan<byte>((void*)address, used).CopyTo(frame.Resize(used));
        if (_format.Pixels is { } format)
        {
            frame.Set(width, height, format, stride, _rule);
        }
        else
        {
            frame.SetJpeg();
        }

        frame.Number = buffer.Sequence;
        // The kernel's monotonic clock is the stopwatch's.
        frame.Taken = (buffer.Flags & V4l2Buffer.TimestampMask) == V4l2Buffer.TimestampMonotonic
            ? (buffer.Seconds * 1_000_000 + buffer.Microseconds) * (Stopwatch.Frequency / 1_000_000)
            : Stopwatch.GetTimestamp();
        return true;
    }

    private (V4l2PixelFormat Format, V4l2Format Set) Negotiate(CameraUri uri)
    {
        (int width, int height) = uri.Size() ?? _usualSize;
        V4l2PixelFormat wanted = ChooseFormat(uri, width, height);
        V4l2Format set = new()
        {
            Type = Capture,
            Width = (uint)width,
            Height = (uint)height,
            FourCC = wanted.FourCC,
            Field = Progressive,
            Private = V4l2Format.Magic,
        };
        _device.Ask(V4l2Request.SetFormat, ref set, "does not take a format");
        int row = wanted.Pixels is { } pixels ? (int)pixels.RowBytes((int)set.Width) : 0;
        bool isUsable = set.FourCC == wanted.FourCC && set.Width is > 0 and <= 32768 && set.Height is > 0 and <= 32768 && set.BytesPerLine <= 1 << 20
            && (row == 0 || set.BytesPerLine == 0 || set.BytesPerLine >= row);
        return isUsable ? (wanted, set) : throw new FrameException(
            $"{_device.Path} lists {wanted.Name}, but gives {V4l2PixelFormat.Text(set.FourCC)} of {set.Width}x{set.Height}. Choose another with format=.");
    }

    /// <summary>The one that was asked for; else the best that has the size and the pace, the best that has the size, the best.</summary>
    private V4l2PixelFormat ChooseFormat(CameraUri uri, int width, int height)
    {
        IReadOnlyList<uint> all = _device.FourCCs();
        string list = all.Count == 0 ? "none" : string.Join(", ", all.Select(V4l2PixelFormat.Text));
        if (uri.Options.TryGetValue("format", out string? name))
        {
            V4l2PixelFormat format = V4l2PixelFormat.Parse(name);
            return all.Contains(format.FourCC) ? format : throw new FrameException($"{_device.Path} has no format {format.Name}; it has {list}.");
        }

        V4l2PixelFormat[] known = [.. V4l2PixelFormat.All.Where(format => all.Contains(format.FourCC))];
        double rate = uri.FramesASecond() ?? 0;
        return known.FirstOrDefault(format => Has(format, rate)) ?? known.FirstOrDefault(format => Has(format, 0)) ?? known.FirstOrDefault()
            ?? throw new FrameException($"{_device.Path} has no format that is understood: it has {list}, of which none is one of "
                + $"{string.Join(", ", V4l2PixelFormat.All.Select(format => format.Name))}.");

        bool Has(V4l2PixelFormat format, double atLeast)
        {
            IReadOnlyList<CameraSize> sizes = _device.Sizes(format.FourCC);
            return sizes.Count == 0 || sizes.Any(size => size.Width == width && size.Height == height && (size.FramesASecond == 0 || size.FramesASecond >= atLeast));
        }
    }

    /// <summary>Asks for a pace, where one is wanted.</summary>
    /// <returns>The pace that it has, 0 where the driver does not say.</returns>
    private double SetRate(double? rate)
    {
        V4l2StreamParameters parameters = new() { Type = Capture };
        if (rate is { } wanted)
        {
            (parameters.Numerator, parameters.Denominator) = (1000, (uint)(wanted * 1000));
            _device.Try(V4l2Request.SetParameters, ref parameters);
        }
        else
        {
            _device.Try(V4l2Request.GetParameters, ref parameters);
        }

        return parameters.Numerator > 0 ? (double)parameters.Denominator / parameters.Numerator : 0;
    }

    /// <summary>HDMI and analogue inputs tell when their signal changes; others do not know the request.</summary>
    private void WatchForChanges()
    {
        V4l2EventSubscription subscription = new() { Type = V4l2EventSubscription.SourceChange };
        _device.Try(V4l2Request.SubscribeEvent, ref subscription);
    }

    private void Map()
    {
        V4l2RequestBuffers request = new() { Count = Buffers, Type = Capture, Memory = Mapped };
        _device.Ask(V4l2Request.RequestBuffers, ref request, "shares no memory");
        _maps = new (nint Address, nuint Length)[request.Count];
        for (uint i = 0; i < request.Count; i++)
        {
            V4l2Buffer buffer = new() { Type = Capture, Memory = Mapped, Index = i };
            _device.Ask(V4l2Request.QueryBuffer, ref buffer, "shares no memory");
            nint address = LibC.Map(0, buffer.Length, LibC.ProtectRead | LibC.ProtectWrite, LibC.Shared, _device.File, (nint)buffer.Offset);
            if (address == LibC.Failed)
            {
                throw _device.Error("shares no memory", Marshal.GetLastPInvokeError());
            }

            _maps[i] = (address, buffer.Length);
            _mapped++;
            _device.Ask(V4l2Request.Queue, ref buffer, "takes no memory");
        }
    }
}
