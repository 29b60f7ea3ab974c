using System.Text;
using EdgeConv.Devices.Frames;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Devices.Cameras.V4l2;

/// <summary>A format of a video device that is understood here.</summary>
/// <param name="Name">As it is typed: V4L2's four letters, or RGB24 and BGR24.</param>
/// <param name="FourCC">V4L2's number.</param>
/// <param name="Pixels">Null for JPEG.</param>
internal sealed record V4l2PixelFormat(string Name, uint FourCC, PixelFormat? Pixels)
{
    /// <summary>Best first where the user does not say: without loss before JPEG, and what a model wants at the least work.</summary>
    public static IReadOnlyList<V4l2PixelFormat> All { get; } =
    [
        new("YUYV", Code("YUYV"), PixelFormat.Yuyv),
        new("NV12", Code("NV12"), PixelFormat.Nv12),
        new("YU12", Code("YU12"), PixelFormat.I420),
        new("RGB24", Code("RGB3"), PixelFormat.Rgb24),
        new("BGR24", Code("BGR3"), PixelFormat.Bgr24),
        new("GREY", Code("GREY"), PixelFormat.Gray8),
        new("RGB565", Code("RGBP"), PixelFormat.Rgb565),
        new("RGB565X", Code("RGBR"), PixelFormat.Rgb565BigEndian),
        new("MJPEG", Code("MJPG"), null),
        new("JPEG", Code("JPEG"), null),
    ];

    /// <summary>The format of that number, or null.</summary>
    public static V4l2PixelFormat? Of(uint fourCC) => All.FirstOrDefault(format => format.FourCC == fourCC);

    /// <summary>The format of that name: ours or V4L2's.</summary>
    /// <exception cref="FrameException">There is none.</exception>
    public static V4l2PixelFormat Parse(string name) =>
        All.FirstOrDefault(format => name.Equals(format.Name, StringComparison.OrdinalIgnoreCase) || name.Equals(Text(format.FourCC), StringComparison.OrdinalIgnoreCase))
        ?? throw new FrameException($"format={name}: expected one of {string.Join(", ", All.Select(format => format.Name))}.");

    /// <summary>The four letters of a number.</summary>
    public static string Text(uint fourCC) => Encoding.Latin1.GetString(BitConverter.GetBytes(fourCC)).TrimEnd();

    /// <summary>Which rule the device's Y, U and V follow, by the words of the V4L2 specification on default encodings and ranges.</summary>
    public static YuvRule Rule(in V4l2Format format)
    {
        const uint colorSpaceRec709 = 3, colorSpaceJpeg = 7, encodingXv709 = 4, encoding709 = 2, fullRange = 1;
        bool is709 = format.YuvEncoding is encoding709 or encodingXv709 || format.YuvEncoding == 0 && format.ColorSpace == colorSpaceRec709;
        bool isFull = format.Quantization == fullRange || format.Quantization == 0 && format.ColorSpace == colorSpaceJpeg;
        return (is709, isFull) switch
        {
            (false, false) => YuvRule.Bt601,
            (false, true) => YuvRule.Bt601Full,
            (true, false) => YuvRule.Bt709,
            (true, true) => YuvRule.Bt709Full,
        };
    }

    private static uint Code(string letters) => BitConverter.ToUInt32(Encoding.Latin1.GetBytes(letters));
}
