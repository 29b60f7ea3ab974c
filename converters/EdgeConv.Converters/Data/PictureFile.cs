using EdgeConv.Devices.Frames;
using EdgeConv.Runtime.Preprocessing;
using StbImageSharp;

namespace EdgeConv.Converters.Data;

/// <summary>Reads picture files: PNG, JPEG, BMP, GIF (first frame), TGA, PSD, PGM, PPM.</summary>
public static class PictureFile
{
    /// <summary>Longest side that is accepted, in pixels.</summary>
    internal const int MaxSide = 32768;

    private const string CutShort = "it is cut short or damaged, the file ends before the picture does";

    private const long MaxPixels = 120_000_000;

    private static readonly HashSet<string> _extensions = new(
        [".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tga", ".psd", ".pgm", ".ppm", ".pnm"], StringComparer.OrdinalIgnoreCase);

    /// <summary>True when the name ends like that of a picture.</summary>
    public static bool HasPictureExtension(string path) => _extensions.Contains(Path.GetExtension(path));

    /// <summary>Decodes a file to <see cref="PixelFormat.Gray8"/> or <see cref="PixelFormat.Rgb24"/>; transparency is dropped.</summary>
    /// <exception cref="DataSetException">The file cannot be read or does not decode; the message names it.</exception>
    public static Picture Load(string path)
    {
        try
        {
            return Decode(File.ReadAllBytes(path), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            string reason = e is FileNotFoundException or DirectoryNotFoundException ? "there is no such file" : e.Message;
            throw new DataSetException($"Picture {path} cannot be read: {reason}.", e);
        }
    }

    /// <summary>Decodes a file that is already in memory.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="name">For messages.</param>
    /// <exception cref="DataSetException">The bytes do not decode; the message says the name.</exception>
    public static Picture Decode(byte[] bytes, string name)
    {
        if (bytes.Length == 0) throw new DataSetException($"Picture {name} is empty (0 bytes).");
        try
        {
            return NetpbmReader.Recognizes(bytes) ? NetpbmReader.Read(bytes) : DecodeStb(bytes);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The decoder is a translation of C and meets broken files with any exception at all.
            string reason = e is FormatException ? e.Message : "it is damaged or not a picture";
            throw new DataSetException($"Picture {name} does not decode: {reason}. PNG, JPEG, BMP, GIF, PGM and PPM are read.", e);
        }
    }

    /// <exception cref="FormatException">No pixels, or too many to hold.</exception>
    internal static void CheckSize(int width, int height)
    {
        if (width < 1 || height < 1) throw new FormatException($"its size is {width} x {height}");
        if (width > MaxSide || height > MaxSide || (long)width * height > MaxPixels)
            throw new FormatException($"{width} x {height} pixels are more than the {MaxPixels / 1_000_000} million that are accepted");
    }

    private static Picture DecodeStb(byte[] bytes)
    {
        if (JpegMarkers.Begins(bytes) && !JpegMarkers.HasEnd(bytes)) throw new FormatException(CutShort);
        using var stream = new EndingStream(bytes, 0, bytes.Length);
        ImageInfo info = ImageInfo.FromStream(stream) ?? throw new FormatException("it is of no known picture format, damaged, or too large");
        CheckSize(info.Width, info.Height);
        bool gray = info.ColorComponents is ColorComponents.Grey or ColorComponents.GreyAlpha;
        using var pixels = new EndingStream(bytes, 0, bytes.Length);
        ImageResult image = ImageResult.FromStream(pixels, gray ? ColorComponents.Grey : ColorComponents.RedGreenBlue);
        if (pixels.IsCutShort) throw new FormatException(CutShort);
        return new Picture(image.Data, image.Width, image.Height, gray ? PixelFormat.Gray8 : PixelFormat.Rgb24);
    }
}
