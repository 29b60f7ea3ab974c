namespace EdgeConv.Runtime.Preprocessing;

/// <summary>
/// Rows of any picture as planes of the wanted channels: the colour half of a <see cref="PictureLayout"/>. A pixel of Y, U and V first becomes
/// red, green and blue, each of them a byte, as it would be in a file of the same picture.
/// </summary>
internal sealed class PictureRows(ColorOrder color)
{
    private byte[] _red = [];
    private byte[] _green = [];
    private byte[] _blue = [];
    private byte[] _pairs = [];
    private int _width;

    /// <summary>Makes room for rows of that many pixels.</summary>
    public void Prepare(int width)
    {
        _width = width;
        // Pixels that share chroma are read together, so that up to one more is read on either side.
        _red = new byte[width + 2];
        _green = new byte[width + 2];
        _blue = new byte[width + 2];
        _pairs = new byte[width + 2];
    }

    /// <summary>Reads part of a row.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="pixels">Its bytes.</param>
    /// <param name="y">Which row.</param>
    /// <param name="left">Its first pixel; as many as was prepared for follow.</param>
    /// <param name="planes">[channels][width].</param>
    public void Read(in Picture picture, ReadOnlySpan<byte> pixels, int y, int left, Span<byte> planes)
    {
        Span<byte> first = planes[.._width];
        if (picture.Format == PixelFormat.Gray8)
        {
            pixels.Slice((int)((long)y * Stride(picture)) + left, _width).CopyTo(first);
            if (color != ColorOrder.Gray)
            {
                first.CopyTo(planes[_width..]);
                first.CopyTo(planes[(2 * _width)..]);
            }

            return;
        }

        int begin = ReadColors(picture, pixels, y, left);
        ReadOnlySpan<byte> red = _red.AsSpan(begin, _width), green = _green.AsSpan(begin, _width), blue = _blue.AsSpan(begin, _width);
        if (color == ColorOrder.Gray)
        {
            ColorPlanes.ToGray(red, green, blue, first);
            return;
        }

        bool isBgr = color == ColorOrder.Bgr;
        (isBgr ? blue : red).CopyTo(first);
        green.CopyTo(planes[_width..]);
        (isBgr ? red : blue).CopyTo(planes[(2 * _width)..]);
    }

    /// <summary>Fills the three colours.</summary>
    /// <returns>Where in them the row begins.</returns>
    private int ReadColors(in Picture picture, ReadOnlySpan<byte> pixels, int y, int left)
    {
        ReadOnlySpan<byte> row = pixels[(int)((long)y * Stride(picture))..];
        Span<byte> red = _red.AsSpan(0, _width), green = _green.AsSpan(0, _width), blue = _blue.AsSpan(0, _width);
        switch (picture.Format)
        {
            case PixelFormat.Rgb24:
                ColorPlanes.Split3(row[(3 * left)..], red, green, blue);
                return 0;
            case PixelFormat.Bgr24:
                ColorPlanes.Split3(row[(3 * left)..], blue, green, red);
                return 0;
            case PixelFormat.Rgba32:
                ColorPlanes.Split4(row[(4 * left)..], red, green, blue);
                return 0;
            case PixelFormat.Bgra32:
                ColorPlanes.Split4(row[(4 * left)..], blue, green, red);
                return 0;
            case PixelFormat.Rgb565:
                ColorPlanes.Split565(row[(2 * left)..], 0, red, green, blue);
                return 0;
            case PixelFormat.Rgb565BigEndian:
                ColorPlanes.Split565(row[(2 * left)..], 1, red, green, blue);
                return 0;
            default:
                int odd = left & 1;
                ReadYuv(picture, pixels, y, left - odd, _width + odd);
                return odd;
        }
    }

    /// <summary>From an even pixel on.</summary>
    private void ReadYuv(in Picture picture, ReadOnlySpan<byte> pixels, int y, int left, int width)
    {
        int stride = Stride(picture), even = width + (width & 1);
        Span<byte> luma = _red.AsSpan(0, even), u = _green.AsSpan(0, even), v = _blue.AsSpan(0, even), pairs = _pairs.AsSpan(0, even);
        ReadOnlySpan<byte> row = pixels[(int)((long)y * stride)..];
        ReadOnlySpan<byte> chroma = picture.Format == PixelFormat.Yuyv ? default : pixels[(int)((long)picture.Height * stride)..];
        switch (picture.Format)
        {
            case PixelFormat.Yuyv:
                ColorPlanes.SplitYuyv(row[(2 * left)..], luma, pairs);
                ColorPlanes.SpreadPairs(pairs, u, v);
                break;
            case PixelFormat.Nv12:
                row.Slice(left, even).CopyTo(luma);
                ColorPlanes.SpreadPairs(chroma.Slice(y / 2 * stride + left, even), u, v);
                break;
            default:
                int half = stride / 2, rows = (picture.Height + 1) / 2;
                row.Slice(left, even).CopyTo(luma);
                ColorPlanes.Spread(chroma.Slice(y / 2 * half + left / 2, even / 2), u);
                ColorPlanes.Spread(chroma.Slice((rows + y / 2) * half + left / 2, even / 2), v);
                break;
        }

        ColorPlanes.ToRgb(YuvFactors.Of(picture.Yuv), luma, u, v, luma, u, v);
    }

    private static int Stride(in Picture picture) => picture.Stride > 0 ? picture.Stride : (int)picture.Format.RowBytes(picture.Width);
}
