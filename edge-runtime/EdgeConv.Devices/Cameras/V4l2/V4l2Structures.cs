using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace EdgeConv.Devices.Cameras.V4l2;

/// <summary>Requests of linux/videodev2.h, with the sizes that their structures have where a pointer has 64 bits.</summary>
internal static class V4l2Request
{
    public const uint QueryCapabilities = 0x80685600;
    public const uint EnumerateFormats = 0xC0405602;
    public const uint GetFormat = 0xC0D05604;
    public const uint SetFormat = 0xC0D05605;
    public const uint RequestBuffers = 0xC0145608;
    public const uint QueryBuffer = 0xC0585609;
    public const uint Queue = 0xC058560F;
    public const uint Dequeue = 0xC0585611;
    public const uint StreamOn = 0x40045612;
    public const uint StreamOff = 0x40045613;
    public const uint GetParameters = 0xC0CC5615;
    public const uint SetParameters = 0xC0CC5616;
    public const uint EnumerateFrameSizes = 0xC02C564A;
    public const uint EnumerateFrameIntervals = 0xC034564B;
    public const uint SubscribeEvent = 0x4020565A;
    public const uint DequeueEvent = 0x80885659;
}

/// <summary>struct v4l2_capability.</summary>
[StructLayout(LayoutKind.Sequential, Size = 104)]
internal struct V4l2Capability
{
    public const uint VideoCapture = 0x1;
    public const uint VideoCaptureMultiPlanar = 0x1000;
    public const uint Streaming = 0x04000000;
    public const uint HasDeviceCapabilities = 0x80000000;

    public Text16 Driver;
    public Text32 Card;
    public Text32 Bus;
    public uint Version;
    public uint Capabilities;
    public uint DeviceCapabilities;
}

/// <summary>struct v4l2_fmtdesc.</summary>
[StructLayout(LayoutKind.Sequential, Size = 64)]
internal struct V4l2FormatDescription
{
    public uint Index;
    public uint Type;
    public uint Flags;
    public Text32 Description;
    public uint FourCC;
}

/// <summary>struct v4l2_format with a v4l2_pix_format in it; the union begins at a multiple of eight.</summary>
[StructLayout(LayoutKind.Explicit, Size = 208)]
internal struct V4l2Format
{
    /// <summary>Says that the fields after <see cref="Private"/> are there.</summary>
    public const uint Magic = 0xFEEDCAFE;

    [FieldOffset(0)] public uint Type;
    [FieldOffset(8)] public uint Width;
    [FieldOffset(12)] public uint Height;
    [FieldOffset(16)] public uint FourCC;
    [FieldOffset(20)] public uint Field;
    [FieldOffset(24)] public uint BytesPerLine;
    [FieldOffset(28)] public uint SizeImage;
    [FieldOffset(32)] public uint ColorSpace;
    [FieldOffset(36)] public uint Private;
    [FieldOffset(44)] public uint YuvEncoding;
    [FieldOffset(48)] public uint Quantization;
}

/// <summary>struct v4l2_requestbuffers.</summary>
[StructLayout(LayoutKind.Sequential, Size = 20)]
internal struct V4l2RequestBuffers
{
    public uint Count;
    public uint Type;
    public uint Memory;
}

/// <summary>struct v4l2_buffer.</summary>
[StructLayout(LayoutKind.Explicit, Size = 88)]
internal struct V4l2Buffer
{
    public const uint HasError = 0x40;
    public const uint TimestampMask = 0xE000;
    public const uint TimestampMonotonic = 0x2000;

    [FieldOffset(0)] public uint Index;
    [FieldOffset(4)] public uint Type;
    [FieldOffset(8)] public uint BytesUsed;
    [FieldOffset(12)] public uint Flags;
    [FieldOffset(16)] public uint Field;
    [FieldOffset(24)] public long Seconds;
    [FieldOffset(32)] public long Microseconds;
    [FieldOffset(56)] public uint Sequence;
    [FieldOffset(60)] public uint Memory;
    [FieldOffset(64)] public uint Offset;
    [FieldOffset(72)] public uint Length;
}

/// <summary>struct v4l2_streamparm for capture.</summary>
[StructLayout(LayoutKind.Explicit, Size = 204)]
internal struct V4l2StreamParameters
{
    public const uint TimePerFrame = 0x1000;

    [FieldOffset(0)] public uint Type;
    [FieldOffset(4)] public uint Capability;
    [FieldOffset(12)] public uint Numerator;
    [FieldOffset(16)] public uint Denominator;
}

/// <summary>struct v4l2_frmsizeenum: one size, or a range with steps.</summary>
[StructLayout(LayoutKind.Sequential, Size = 44)]
internal struct V4l2FrameSize
{
    public const uint Discrete = 1;

    public uint Index;
    public uint FourCC;
    public uint Type;
    public uint Width;
    public uint HeightOrMaxWidth;
    public uint StepWidth;
    public uint MinHeight;
    public uint MaxHeight;
    public uint StepHeight;
}

/// <summary>struct v4l2_frmivalenum: one interval, or a range that begins with the shortest.</summary>
[StructLayout(LayoutKind.Sequential, Size = 52)]
internal struct V4l2FrameInterval
{
    public uint Index;
    public uint FourCC;
    public uint Width;
    public uint Height;
    public uint Type;
    public uint Numerator;
    public uint Denominator;
}

/// <summary>struct v4l2_event_subscription.</summary>
[StructLayout(LayoutKind.Sequential, Size = 32)]
internal struct V4l2EventSubscription
{
    public const uint SourceChange = 5;

    public uint Type;
}

/// <summary>struct v4l2_event; nothing but its length matters here.</summary>
[StructLayout(LayoutKind.Sequential, Size = 136)]
internal struct V4l2Event
{
    public uint Type;
}

/// <summary>Sixteen bytes of text.</summary>
[InlineArray(16)]
internal struct Text16
{
    private byte _first;

    /// <summary>Up to the zero.</summary>
    public static string Read(ReadOnlySpan<byte> text) => Encoding.UTF8.GetString(text.IndexOf((byte)0) is >= 0 and var end ? text[..end] : text);
}

/// <summary>Thirty-two bytes of text.</summary>
[InlineArray(32)]
internal struct Text32
{
    private byte _first;
}
