using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Runtime.Tests.Parity;

/// <summary>QUANTIZATION.md, section 6, a byte at a time and in float or long where that is plainer. Shares no code with the runtime's.</summary>
internal static class PlainPictures
{
    /// <summary>Random pixels of any format, size, gap and rule.</summary>
    public static Picture Random(Random random, PixelFormat format, int largest)
    {
        int width = random.Next(1, largest), height = random.Next(1, largest);
        int row = format switch
        {
            PixelFormat.Gray8 => width,
            PixelFormat.Rgb24 or PixelFormat.Bgr24 => 3 * width,
            PixelFormat.Rgba32 or PixelFormat.Bgra32 => 4 * width,
            PixelFormat.Yuyv => (width + 1) / 2 * 4,
            PixelFormat.Rgb565 or PixelFormat.Rgb565BigEndian => 2 * width,
            _ => (width + 1) / 2 * 2,
        };
        int stride = random.Next(2) == 0 ? 0 : row + 2 * random.Next(9);
        int rows = format is PixelFormat.Nv12 or PixelFormat.I420 ? height + (height + 1) / 2 : height;
        byte[] pixels = new byte[Math.Max(stride, row) * rows];
        random.NextBytes(pixels);
        return new Picture(pixels, width, height, format) { Stride = stride, Yuv = (YuvRule)random.Next(4) };
    }

    /// <summary>The picture as a file has it: grey, or red, green and blue.</summary>
    public static Picture ToFile(Picture picture)
    {
        bool gray = picture.Format == PixelFormat.Gray8;
        List<byte> pixels = [];
        for (int y = 0; y < picture.Height; y++)
        {
            for (int x = 0; x < picture.Width; x++)
            {
                (int red, int green, int blue) = Pixel(picture, x, y);
                pixels.AddRange(gray ? [(byte)red] : [(byte)red, (byte)green, (byte)blue]);
            }
        }

        return new Picture(pixels.ToArray(), picture.Width, picture.Height, gray ? PixelFormat.Gray8 : PixelFormat.Rgb24);
    }

    /// <summary>Crop, colour, resize, of a grey or RGB picture without gaps.</summary>
    public static byte[] Resample(Picture picture, PictureLayout layout)
    {
        (int left, int top, int width, int height) = CropOf(picture, layout);
        int Channel(int x, int y, int c)
        {
            (int red, int green, int blue) = Pixel(picture, left + x, top + y);
            return layout.Color switch
            {
                ColorOrder.Gray => picture.Format == PixelFormat.Gray8 ? red : (77 * red + 150 * green + 29 * blue + 128) / 256,
                ColorOrder.Rgb => c == 0 ? red : c == 1 ? green : blue,
                _ => c == 0 ? blue : c == 1 ? green : red,
            };
        }

        List<byte> output = [];
        for (int y = 0; y < layout.Height; y++)
        {
            for (int x = 0; x < layout.Width; x++)
            {
                for (int c = 0; c < layout.Channels; c++)
                {
                    int channel = c;
                    int At(int sx, int sy) => Channel(sx, sy, channel);
                    output.Add((byte)(layout.Resize switch
                    {
                        Resize.Area => Area(At, x, y, width, height, layout),
                        Resize.Bilinear => Bilinear(At, x, y, width, height, layout),
                        _ => At((int)((2L * x + 1) * width / (2 * layout.Width)), (int)((2L * y + 1) * height / (2 * layout.Height))),
                    }));
                }
            }
        }

        return [.. output];
    }

    private static (int Left, int Top, int Width, int Height) CropOf(Picture picture, PictureLayout layout)
    {
        int width = picture.Width, height = picture.Height;
        if (layout.Crop == Crop.Center)
        {
            int wanted = (int)Math.Floor((decimal)height * layout.Width / layout.Height), high = (int)Math.Floor((decimal)width * layout.Height / layout.Width);
            (width, height) = wanted < width ? (Math.Max(1, wanted), height) : (width, Math.Clamp(high, 1, height));
        }

        return ((picture.Width - width) / 2, (picture.Height - height) / 2, width, height);
    }

    private static long Area(Func<int, int, int> at, int x, int y, int width, int height, PictureLayout layout)
    {
        long sum = 0;
        for (int sy = 0; sy < height; sy++)
        {
            long high = Shared(sy, y, height, layout.Height);
            for (int sx = 0; high > 0 && sx < width; sx++)
            {
                sum += high * Shared(sx, x, width, layout.Width) * at(sx, sy);
            }
        }

        long area = (long)width * height, whole = sum / area;
        return 2 * (sum - whole * area) >= area ? whole + 1 : whole;
    }

    // a source pixel is as long as the output has pixels, an output pixel as long as the source has
    private static long Shared(long source, long output, int sources, int outputs) =>
        Math.Max(0, Math.Min((source + 1) * outputs, (output + 1) * sources) - Math.Max(source * outputs, output * sources));

    private static long Bilinear(Func<int, int, int> at, int x, int y, int width, int height, PictureLayout layout)
    {
        (int x0, int x1, int wx) = Position(x, width, layout.Width);
        (int y0, int y1, int wy) = Position(y, height, layout.Height);
        long sum = (long)at(x0, y0) * (2048 - wx) * (2048 - wy) + (long)at(x1, y0) * wx * (2048 - wy)
            + (long)at(x0, y1) * (2048 - wx) * wy + (long)at(x1, y1) * wx * wy;
        return (sum + (1 << 21)) >> 22;
    }

    private static (int First, int Next, int Weight) Position(int i, int size, int outputs)
    {
        long position = ((2L * i + 1) * size * 1024 + outputs / 2) / outputs - 1024;
        position = Math.Max(0, Math.Min(position, (size - 1) * 2048L));
        int first = (int)(position / 2048);
        return (first, Math.Min(first + 1, size - 1), (int)(position % 2048));
    }

    private static (int Red, int Green, int Blue) Pixel(Picture picture, int x, int y)
    {
        ReadOnlySpan<byte> p = picture.Pixels.Span;
        int stride = picture.Stride;
        switch (picture.Format)
        {
            case PixelFormat.Gray8:
                byte gray = p[y * Or(stride, picture.Width) + x];
                return (gray, gray, gray);
            case PixelFormat.Rgb24 or PixelFormat.Bgr24:
                int at = y * Or(stride, 3 * picture.Width) + 3 * x;
                return picture.Format == PixelFormat.Rgb24 ? (p[at], p[at + 1], p[at + 2]) : (p[at + 2], p[at + 1], p[at]);
            case PixelFormat.Rgba32 or PixelFormat.Bgra32:
                int at4 = y * Or(stride, 4 * picture.Width) + 4 * x;
                return picture.Format == PixelFormat.Rgba32 ? (p[at4], p[at4 + 1], p[at4 + 2]) : (p[at4 + 2], p[at4 + 1], p[at4]);
            case PixelFormat.Rgb565 or PixelFormat.Rgb565BigEndian:
                int at2 = y * Or(stride, 2 * picture.Width) + 2 * x;
                int bits = picture.Format == PixelFormat.Rgb565 ? p[at2 + 1] * 256 + p[at2] : p[at2] * 256 + p[at2 + 1];
                return (Repeat(bits / 2048, 5), Repeat(bits / 32 % 64, 6), Repeat(bits % 32, 5));
            case PixelFormat.Yuyv:
                int line = y * Or(stride, (picture.Width + 1) / 2 * 4);
                return Color(picture.Yuv, p[line + 2 * x], p[line + x / 2 * 4 + 1], p[line + x / 2 * 4 + 3]);
            default:
                int luma = Or(stride, (picture.Width + 1) / 2 * 2), chroma = luma * picture.Height;
                if (picture.Format == PixelFormat.Nv12)
                {
                    int pair = chroma + y / 2 * luma + x / 2 * 2;
                    return Color(picture.Yuv, p[y * luma + x], p[pair], p[pair + 1]);
                }

                int one = y / 2 * (luma / 2) + x / 2, plane = (picture.Height + 1) / 2 * (luma / 2);
                return Color(picture.Yuv, p[y * luma + x], p[chroma + one], p[chroma + plane + one]);
        }
    }

    /// <summary>The page's table.</summary>
    private static (int Red, int Green, int Blue) Color(YuvRule rule, int y, int u, int v)
    {
        int[] f = rule switch
        {
            YuvRule.Bt601 => [16, 19077, 26149, 6419, 13320, 33050],
            YuvRule.Bt601Full => [0, 16384, 22970, 5638, 11700, 29032],
            YuvRule.Bt709 => [16, 19077, 29372, 3494, 8731, 34610],
            _ => [0, 16384, 25802, 3069, 7670, 30402],
        };
        int Byte(long sum) => (int)Math.Clamp(Math.Floor((sum + 8192) / 16384m), 0, 255);
        long gray = f[1] * (y - f[0]);
        return (Byte(gray + f[2] * (v - 128)), Byte(gray - f[3] * (u - 128) - f[4] * (v - 128)), Byte(gray + f[5] * (u - 128)));
    }

    // The first eight binary digits of a channel written again and again.
    private static int Repeat(int channel, int bits) =>
        (int)Convert.ToUInt32(string.Concat(Enumerable.Repeat(Convert.ToString(channel, 2).PadLeft(bits, '0'), 2))[..8], 2);

    private static int Or(int stride, int row) => stride > 0 ? stride : row;
}
