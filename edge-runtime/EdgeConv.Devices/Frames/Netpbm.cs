using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Devices.Frames;

/// <summary>Reads binary PGM (P5, grey) and PPM (P6, colour) pictures with up to 8 bits a sample.</summary>
public static class Netpbm
{
    private const string Expected = "expected binary PGM (P5) or PPM (P6)";

    /// <summary>Decodes one picture. Its pixels are a slice of <paramref name="file"/> unless they must be rescaled to 0..255.</summary>
    /// <param name="file">Header and pixels; what follows the pixels is ignored.</param>
    /// <param name="name">What to call the picture in a message.</param>
    /// <exception cref="FrameException">Not such a picture, more than 8 bits, a size of zero, or too few bytes.</exception>
    public static Picture Read(ReadOnlyMemory<byte> file, string name)
    {
        PixelFormat format = Magic(file.Span, name);
        int at = 2;
        int width = Number(file.Span, ref at, name, "width");
        int height = Number(file.Span, ref at, name, "height");
        int maximum = Number(file.Span, ref at, name, "maximum");
        if (maximum > byte.MaxValue)
        {
            throw new FrameException($"{name}: samples up to {maximum}; expected at most 255. Convert it to 8 bits.");
        }

        at++; // Exactly one blank ends the header; the next byte may be a pixel that looks like one.
        long needed = (long)width * height;
        needed = needed > int.MaxValue ? needed : needed * format.BytesPerPixel();
        long found = Math.Max(0, file.Length - at);
        if (found < needed)
        {
            throw new FrameException($"{name}: {found} bytes of pixels; its header, {width}x{height}, asks for {needed}. The file is cut short.");
        }

        ReadOnlyMemory<byte> pixels = file.Slice(at, (int)needed);
        return new Picture(maximum == byte.MaxValue ? pixels : Rescale(pixels.Span, maximum, name), width, height, format);
    }

    private static PixelFormat Magic(ReadOnlySpan<byte> file, string name)
    {
        if (file.Length < 2 || file[0] != 'P' || !char.IsAsciiDigit((char)file[1]))
        {
            throw new FrameException($"{name}: not a Netpbm picture; {Expected}.");
        }

        return file[1] switch
        {
            (byte)'5' => PixelFormat.Gray8,
            (byte)'6' => PixelFormat.Rgb24,
            byte other => throw new FrameException($"{name}: a Netpbm picture of type P{(char)other}; {Expected}."),
        };
    }

    private static int Number(ReadOnlySpan<byte> file, ref int at, string name, string field)
    {
        at = SkipBlanks(file, at);
        long value = 0;
        int start = at;
        for (; at < file.Length && char.IsAsciiDigit((char)file[at]); at++)
        {
            value = Math.Min(int.MaxValue, value * 10 + (file[at] - '0'));
        }

        if (at == start || value == 0)
        {
            throw new FrameException($"{name}: no {field} of 1 or more at byte {start} of the header; {Expected}.");
        }

        return (int)value;
    }

    private static int SkipBlanks(ReadOnlySpan<byte> file, int at)
    {
        for (; at < file.Length; at++)
        {
            if (file[at] == '#')
            {
                int end = file[at..].IndexOf((byte)'\n');
                at = end < 0 ? file.Length : at + end;
            }
            else if (!char.IsWhiteSpace((char)file[at]))
            {
                break;
            }
        }

        return at;
    }

    private static byte[] Rescale(ReadOnlySpan<byte> pixels, int maximum, string name)
    {
        byte[] result = new byte[pixels.Length];
        for (int i = 0; i < pixels.Length; i++)
        {
            if (pixels[i] > maximum)
            {
                throw new FrameException($"{name}: a sample of {pixels[i]}; its header says at most {maximum}.");
            }

            result[i] = (byte)((pixels[i] * byte.MaxValue + maximum / 2) / maximum);
        }

        return result;
    }
}
