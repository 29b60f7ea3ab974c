using EdgeConv.Runtime.Preprocessing;
using StbImageWriteSharp;

namespace EdgeConv.Cli.Reports;

/// <summary>Pictures as addresses that hold their own bytes.</summary>
internal static class InlinePicture
{
    /// <summary>A PNG of a picture, as an address.</summary>
    public static string Png(in Picture picture) => Address(PngBytes(picture));

    /// <summary>A PNG of a picture.</summary>
    public static byte[] PngBytes(in Picture picture)
    {
        ColorComponents components = picture.Format switch
        {
            PixelFormat.Gray8 => ColorComponents.Grey,
            PixelFormat.Rgb24 => ColorComponents.RedGreenBlue,
            _ => throw new ArgumentException($"{picture.Format} pictures are not written.", nameof(picture)),
        };
        using MemoryStream stream = new();
        new ImageWriter().WritePng(picture.Pixels.ToArray(), picture.Width, picture.Height, components, stream);
        return stream.ToArray();
    }

    /// <summary>The bytes of a PNG file.</summary>
    public static string Address(byte[] png) => $"data:image/png;base64,{Convert.ToBase64String(png)}";
}
