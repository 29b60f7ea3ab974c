using EdgeConv.Runtime.Preprocessing;
using StbImageWriteSharp;

namespace EdgeConv.Agent.Serving;

/// <summary>Frames as JPEG for the page: in their size up to some width, larger ones in every second, third... pixel.</summary>
internal sealed class JpegEncoder
{
    private const int WidestPicture = 800;
    private const int Quality = 75;

    private readonly PictureColors _colors = new();
    private readonly ImageWriter _writer = new();
    private byte[] _pixels = [];
    private byte[] _small = [];

    /// <summary>Encodes a frame of any format.</summary>
    /// <exception cref="ArgumentException">The picture has no pixels or too few bytes.</exception>
    public byte[] Encode(in Picture picture)
    {
        PixelFormat format = PictureColors.FileFormat(picture.Format);
        int channels = format == PixelFormat.Gray8 ? 1 : 3;
        int bytes = checked((int)format.ByteLength(picture.Width, picture.Height));
        Array.Resize(ref _pixels, bytes);
        _colors.Convert(picture, _pixels);
        int step = (picture.Width + WidestPicture - 1) / WidestPicture;
        (int width, int height) = (picture.Width / step, Math.Max(1, picture.Height / step));
        byte[] shown = step == 1 ? _pixels : Shrink(picture.Width, width, height, channels, step);
        using MemoryStream file = new();
        _writer.WriteJpg(shown, width, height, channels == 1 ? ColorComponents.Grey : ColorComponents.RedGreenBlue, file, Quality);
        return file.ToArray();
    }

    private byte[] Shrink(int sourceWidth, int width, int height, int channels, int step)
    {
        Array.Resize(ref _small, width * height * channels);
        for (int y = 0; y < height; y++)
        {
            int from = y * step * sourceWidth * channels, to = y * width * channels;
            for (int x = 0; x < width; x++, from += step * channels, to += channels)
            {
                _pixels.AsSpan(from, channels).CopyTo(_small.AsSpan(to));
            }
        }

        return _small;
    }
}
