using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using EdgeConv.Devices.Frames;

namespace EdgeConv.Devices.Cameras.V4l2;

/// <summary>A size of frames with its highest pace.</summary>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
/// <param name="FramesASecond">0 where the driver does not say.</param>
public readonly record struct CameraSize(int Width, int Height, double FramesASecond);

/// <summary>An open video device: what it is and what it can.</summary>
internal sealed unsafe class V4l2Device : IDisposable
{
    private const uint Capture = 1;
    private const int MostListed = 64;

    private int _file;

    /// <summary>Opens a device that captures and streams.</summary>
    /// <exception cref="FrameException">It cannot be opened, or it is something else; the message says what to do.</exception>
    public V4l2Device(string path)
    {
        Path = path;
        if (!OperatingSystem.IsLinux() || !Environment.Is64BitProcess)
        {
            throw new FrameException("V4L2 cameras are there on 64-bit Linux only.");
        }

        _file = LibC.Open(path, LibC.ReadWrite | LibC.NonBlocking | LibC.CloseOnExec);
        if (_file < 0)
        {
            throw Error("cannot be opened", Marshal.GetLastPInvokeError());
        }

        try
        {
            ReadCapabilities();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public string Path { get; }

    /// <summary>The camera's own name.</summary>
    public string Card { get; private set; } = "";

    public int File => _file;

    /// <summary>The formats that are understood here, as the device lists them.</summary>
    public IReadOnlyList<V4l2PixelFormat> Formats() => [.. FourCCs().Select(V4l2PixelFormat.Of).OfType<V4l2PixelFormat>()];

    /// <summary>All formats by their four letters.</summary>
    public IReadOnlyList<uint> FourCCs()
    {
        List<uint> found = [];
        V4l2FormatDescription description = new() { Type = Capture };
        while (found.Count < MostListed && Try(V4l2Request.EnumerateFormats, ref description))
        {
            found.Add(description.FourCC);
            uint next = description.Index + 1;
            description = new() { Type = Capture, Index = next };
        }

        return found;
    }

    /// <summary>Sizes of a format; of a range its smallest and largest.</summary>
    public IReadOnlyList<CameraSize> Sizes(uint fourCC)
    {
        List<CameraSize> found = [];
        V4l2FrameSize size = new() { FourCC = fourCC };
        while (found.Count < MostListed && Try(V4l2Request.EnumerateFrameSizes, ref size))
        {
            if (size.Type != V4l2FrameSize.Discrete)
            {
                return [Size(fourCC, size.Width, size.MinHeight), Size(fourCC, size.HeightOrMaxWidth, size.MaxHeight)];
            }

            found.Add(Size(fourCC, size.Width, size.HeightOrMaxWidth));
            size = new() { FourCC = fourCC, Index = size.Index + 1 };
        }

        return found;
    }

    /// <summary>A request, again where a signal came in between.</summary>
    public bool Try<T>(uint request, ref T argument)
        where T : unmanaged
    {
        fixed (T* pointer = &argument)
        {
            while (LibC.Ioctl(_file, request, pointer) < 0)
            {
                if (Marshal.GetLastPInvokeError() != LibC.Interrupted)
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <summary>A request that must succeed.</summary>
    /// <exception cref="FrameException">It does not.</exception>
    public void Ask<T>(uint request, ref T argument, string what)
        where T : unmanaged
    {
        if (!Try(request, ref argument))
        {
            throw Error(what, Marshal.GetLastPInvokeError());
        }
    }

    /// <summary>What went wrong, in words, and what to do about it.</summary>
    public FrameException Error(string what, int code)
    {
        string hint = code switch
        {
            2 => " Is it plugged in? `edgeconv-agent cameras` lists what there is.",
            13 => " Add the user to the group video: sudo usermod -aG video $USER, then log in again.",
            LibC.Busy => " Another program has it.",
            LibC.NoDevice or 5 => " It was unplugged.",
            LibC.NotATerminal or LibC.Invalid => " It is not a camera that streams.",
            _ => "",
        };
        return new FrameException($"{Path} {what}: {Marshal.GetPInvokeErrorMessage(code)}.{hint}");
    }

    public void Dispose()
    {
        if (_file >= 0)
        {
            _ = LibC.Close(_file);
            _file = -1;
        }
    }

    private void ReadCapabilities()
    {
        V4l2Capability capability = default;
        Ask(V4l2Request.QueryCapabilities, ref capability, "is no video device");
        Card = Text16.Read(MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<Text32, byte>(ref capability.Card), 32));
        uint can = (capability.Capabilities & V4l2Capability.HasDeviceCapabilities) != 0 ? capability.DeviceCapabilities : capability.Capabilities;
        if ((can & V4l2Capability.VideoCapture) == 0 || (can & V4l2Capability.Streaming) == 0)
        {
            throw new FrameException((can & V4l2Capability.VideoCaptureMultiPlanar) != 0
                ? $"{Path} ({Card}) gives frames in several memory planes, which is not read here. On a Raspberry Pi use rpicam: for its own cameras."
                : $"{Path} ({Card}) gives no frames: it is another part of a camera. `edgeconv-agent cameras` lists those that do.");
        }
    }

    private CameraSize Size(uint fourCC, uint width, uint height)
    {
        V4l2FrameInterval interval = new() { FourCC = fourCC, Width = width, Height = height };
        double rate = 0;
        while (interval.Index < MostListed && Try(V4l2Request.EnumerateFrameIntervals, ref interval))
        {
            rate = interval.Numerator > 0 ? Math.Max(rate, (double)interval.Denominator / interval.Numerator) : rate;
            interval = new() { FourCC = fourCC, Width = width, Height = height, Index = interval.Index + 1 };
        }

        return new CameraSize((int)width, (int)height, rate);
    }
}
