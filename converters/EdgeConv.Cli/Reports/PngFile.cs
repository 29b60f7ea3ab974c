using EdgeConv.Runtime.Preprocessing;
using StbImageWriteSharp;

namespace EdgeConv.Cli.Reports;

/// <summary>Pictures as PNG.</summary>
internal static class PngFile
{
    /// <summary>The bytes of the file.</summary>
    public static byte[] Encode(in Picture picture)
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
}
