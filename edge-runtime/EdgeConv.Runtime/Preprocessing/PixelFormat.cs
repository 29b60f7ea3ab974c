namespace EdgeConv.Runtime.Preprocessing;

/// <summary>Layout of the bytes of a picture, rows from top to bottom without gaps.</summary>
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
}

/// <summary>A picture in memory.</summary>
/// <param name="Pixels">Width * Height * bytes a pixel.</param>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
/// <param name="Format">Layout of a pixel.</param>
public readonly record struct Picture(ReadOnlyMemory<byte> Pixels, int Width, int Height, PixelFormat Format);

/// <summary>Bytes a pixel of each format.</summary>
public static class PixelFormats
{
    /// <summary>1, 3 or 4.</summary>
    public static int BytesPerPixel(this PixelFormat format) => format switch
    {
        PixelFormat.Gray8 => 1,
        PixelFormat.Rgb24 or PixelFormat.Bgr24 => 3,
        _ => 4,
    };
}
