using EdgeConv.Converters.Visualization;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Cli.Reports;

/// <summary>A small picture on the page.</summary>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
/// <param name="Rgb">Red, green, blue.</param>
internal readonly record struct Tile(int Width, int Height, byte[] Rgb)
{
    private const int LargestSide = 56;

    // What lies outside the picture: a pattern of colours that pictures do not have.
    private static readonly byte[][] _outside = [[104, 112, 150], [132, 140, 176]];

    /// <summary>Size of the tiles of a field in pictures of some size: a field that is larger shows the picture's whole side.</summary>
    public static (int Width, int Height) SizeOf(FieldOfView field, PictureLayout layout) =>
        (Math.Min(field.Width, layout.Width), Math.Min(field.Height, layout.Height));

    /// <summary>A rectangle of a picture; what lies outside is patterned.</summary>
    /// <param name="rgb">The whole picture.</param>
    /// <param name="layout">Its size.</param>
    /// <param name="field">The rectangle.</param>
    public static Tile Crop(byte[] rgb, PictureLayout layout, FieldOfView field)
    {
        (int width, int height) = SizeOf(field, layout);
        (int top, int left) = (field.Height > height ? 0 : field.Top, field.Width > width ? 0 : field.Left);
        byte[] pixels = new byte[width * height * 3];
        for (int i = 0; i < width * height; i++)
        {
            (int row, int column) = (top + (i / width), left + (i % width));
            bool isInside = (uint)row < (uint)layout.Height && (uint)column < (uint)layout.Width;
            ReadOnlySpan<byte> color = isInside
                ? rgb.AsSpan(((row * layout.Width) + column) * 3, 3)
                : _outside[(row + column) & 1];
            color.CopyTo(pixels.AsSpan(i * 3));
        }

        return new Tile(width, height, pixels).Shrunk();
    }

    /// <summary>A whole picture.</summary>
    public static Tile Whole(byte[] rgb, PictureLayout layout) => new(layout.Width, layout.Height, rgb);

    /// <summary>Numbers as grey: zero is mid grey when there are negative ones, else black.</summary>
    /// <param name="values">Rows x columns.</param>
    /// <param name="width">Columns.</param>
    /// <param name="largest">What is white.</param>
    /// <param name="isSigned">Whether there are negative ones.</param>
    public static Tile Gray(IReadOnlyList<float> values, int width, float largest, bool isSigned)
    {
        byte[] pixels = new byte[values.Count * 3];
        for (int i = 0; i < pixels.Length; i++)
        {
            float share = largest == 0 ? 0 : values[i / 3] / largest;
            pixels[i] = (byte)Math.Clamp(Math.Round(isSigned ? 128 + (share * 127) : share * 255), 0, 255);
        }

        return new Tile(width, values.Count / width, pixels);
    }

    /// <summary>Numbers over a picture: red where they are positive, blue where they are negative, the stronger the more.</summary>
    /// <param name="rgb">The picture.</param>
    /// <param name="layout">Its size.</param>
    /// <param name="values">One a pixel.</param>
    /// <param name="largest">The strongest.</param>
    public static Tile Heat(byte[] rgb, PictureLayout layout, float[] values, float largest)
    {
        byte[] pixels = new byte[rgb.Length];
        for (int i = 0; i < pixels.Length; i++)
        {
            float share = largest == 0 ? 0 : Math.Clamp(values[i / 3] / largest, -1, 1);
            double opacity = 0.85 * Math.Sqrt(Math.Abs(share));
            int pixel = i / 3 * 3;
            double gray = 40 + (0.6 * ((0.3 * rgb[pixel]) + (0.59 * rgb[pixel + 1]) + (0.11 * rgb[pixel + 2])));
            byte color = (share > 0 ? HeatColors.For : HeatColors.Against)[i % 3];
            pixels[i] = (byte)Math.Round((gray * (1 - opacity)) + (color * opacity));
        }

        return new Tile(layout.Width, layout.Height, pixels);
    }

    /// <summary>No larger than the page needs.</summary>
    public Tile Shrunk(int largestSide = LargestSide)
    {
        (int longest, int width, int height) = (Math.Max(Width, Height), Width, Height);
        if (longest <= largestSide)
        {
            return this;
        }

        (width, height) = (Math.Max(1, width * largestSide / longest), Math.Max(1, height * largestSide / longest));
        byte[] pixels = new byte[width * height * 3];
        new PictureResampler(new PictureLayout(width, height, ColorOrder.Rgb)).Run(new Picture(Rgb, Width, Height, PixelFormat.Rgb24), pixels);
        return new Tile(width, height, pixels);
    }
}

/// <summary>Ends of the scale of <see cref="Tile.Heat"/>.</summary>
internal static class HeatColors
{
    /// <summary>Speaks for the class.</summary>
    public static byte[] For { get; } = [255, 64, 40];

    /// <summary>Speaks against it.</summary>
    public static byte[] Against { get; } = [60, 140, 255];
}
