namespace EdgeConv.Runtime.Preprocessing;

/// <summary>Pictures of any format as those that files hold. Not for several threads at once.</summary>
public sealed class PictureColors
{
    private readonly PictureRows _gray = new(ColorOrder.Gray);
    private readonly PictureRows _colors = new(ColorOrder.Rgb);
    private byte[] _planes = [];
    private int _width;

    /// <summary>The format that holds a picture without loss: grey stays grey, all else is red, green and blue.</summary>
    public static PixelFormat FileFormat(PixelFormat format) => format == PixelFormat.Gray8 ? PixelFormat.Gray8 : PixelFormat.Rgb24;

    /// <summary>Writes the pixels of a picture as <see cref="FileFormat"/>, rows without gaps; a network sees the same in both.</summary>
    /// <param name="picture">Any.</param>
    /// <param name="pixels">Width * Height * bytes a pixel.</param>
    /// <exception cref="ArgumentException">The picture has no pixels or too few bytes, or there is no room for it.</exception>
    public void Convert(in Picture picture, Span<byte> pixels)
    {
        PictureChecks.Check(picture);
        PixelFormat format = FileFormat(picture.Format);
        if (pixels.Length != format.ByteLength(picture.Width, picture.Height))
        {
            throw new ArgumentException(
                $"found room for {pixels.Length} bytes, expected {format.ByteLength(picture.Width, picture.Height)}", nameof(pixels));
        }

        Prepare(picture.Width);
        int channels = format.BytesPerPixel(), width = picture.Width;
        PictureRows rows = channels == 1 ? _gray : _colors;
        ReadOnlySpan<byte> source = picture.Pixels.Span;
        for (int y = 0; y < picture.Height; y++)
        {
            rows.Read(picture, source, y, 0, _planes);
            Span<byte> row = pixels.Slice(y * width * channels, width * channels);
            for (int c = 0; c < channels; c++)
            {
                for (int x = 0; x < width; x++)
                {
                    row[x * channels + c] = _planes[c * width + x];
                }
            }
        }
    }

    private void Prepare(int width)
    {
        if (_width != width)
        {
            _width = width;
            _gray.Prepare(width);
            _colors.Prepare(width);
            _planes = new byte[3 * width];
        }
    }
}
