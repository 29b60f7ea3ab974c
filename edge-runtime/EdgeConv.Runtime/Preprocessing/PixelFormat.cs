namespace EdgeConv.Runtime.Preprocessing;

/// <summary>Layout of the bytes of a picture, rows from top to bottom.</summary>
public enum PixelFormat : byte
{
    /// <summary>One byte a pixel.</summary>
    Gray8 = 0,

    /// <summary>Red, green, blue.</summary>
    Rgb24 = 1,

    /// <summary>Blue, green, red.</summary>
    Bgr24 = 2,

    /// <summary>Red, green, blue, ignored.</summary>
    Rgba32 = 3,

    /// <summary>Blue, green, red, ignored.</summary>
    Bgra32 = 4,

    /// <summary>Y0 U Y1 V for two pixels of a row.</summary>
    Yuyv = 5,

    /// <summary>A plane of Y, then a plane of U V pairs, one for two by two pixels.</summary>
    Nv12 = 6,

    /// <summary>A plane of Y, then one of U, then one of V, each of these two with a byte for two by two pixels.</summary>
    I420 = 7,

    /// <summary>Two bytes, the low one first: blue in the lowest 5 bits, then 6 of green, then 5 of red.</summary>
    Rgb565 = 8,

    /// <summary>The same, the high byte first, as camera modules send it.</summary>
    Rgb565BigEndian = 9,
}

/// <summary>A picture in memory.</summary>
/// <param name="Pixels">The rows, the first pixel first.</param>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
/// <param name="Format">Layout of a pixel.</param>
public readonly record struct Picture(ReadOnlyMemory<byte> Pixels, int Width, int Height, PixelFormat Format)
{
    /// <summary>Bytes from one row to the next, of the first plane; 0 where rows follow each other without a gap.</summary>
    public int Stride { get; init; }

    /// <summary>How Y, U and V become red, green and blue; without meaning for other formats.</summary>
    public YuvRule Yuv { get; init; }
}

/// <summary>A part of a picture, in pixels.</summary>
/// <param name="Left">First column.</param>
/// <param name="Top">First row.</param>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
public readonly record struct PictureRegion(int Left, int Top, int Width, int Height);

/// <summary>Sizes of each format.</summary>
public static class PixelFormats
{
    /// <summary>Bytes a pixel of a packed format: 1 to 4.</summary>
    /// <exception cref="ArgumentException">Pixels of that format share bytes.</exception>
    public static int BytesPerPixel(this PixelFormat format) => format switch
    {
        PixelFormat.Gray8 => 1,
        PixelFormat.Rgb565 or PixelFormat.Rgb565BigEndian => 2,
        PixelFormat.Rgb24 or PixelFormat.Bgr24 => 3,
        PixelFormat.Rgba32 or PixelFormat.Bgra32 => 4,
        _ => throw new ArgumentException($"pixels of {format} share bytes; ask for RowBytes or ByteLength", nameof(format)),
    };

    /// <summary>Bytes of a row without a gap, of the first plane where there are several.</summary>
    public static long RowBytes(this PixelFormat format, int width) => format switch
    {
        PixelFormat.Yuyv => 4L * Half(width),
        PixelFormat.Nv12 or PixelFormat.I420 => 2L * Half(width),
        _ => (long)width * format.BytesPerPixel(),
    };

    /// <summary>Bytes of a whole picture.</summary>
    /// <param name="format">Layout of a pixel.</param>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    /// <param name="stride">Bytes from row to row, 0 for no gap.</param>
    public static long ByteLength(this PixelFormat format, int width, int height, int stride = 0)
    {
        long step = stride > 0 ? stride : format.RowBytes(width);
        return format is PixelFormat.Nv12 or PixelFormat.I420 ? step * height + step * Half(height) : step * height;
    }

    private static int Half(int pixels) => (int)(((long)pixels + 1) / 2);
}
