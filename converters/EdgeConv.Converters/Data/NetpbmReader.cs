using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Converters.Data;

/// <summary>PGM and PPM, text (P2, P3) and binary (P5, P6), 8 and 16 bits; values are scaled to 0..255. Specification: netpbm(5).</summary>
internal ref struct NetpbmReader
{
    private readonly ReadOnlySpan<byte> _bytes;
    private int _position;

    private NetpbmReader(ReadOnlySpan<byte> bytes)
    {
        _bytes = bytes;
        _position = 2;
    }

    /// <summary>True when the bytes begin like any of the Netpbm formats.</summary>
    public static bool Recognizes(ReadOnlySpan<byte> bytes) =>
        bytes.Length > 2 && bytes[0] == 'P' && bytes[1] is >= (byte)'1' and <= (byte)'7' && IsSpace(bytes[2]);

    /// <exception cref="FormatException">What is wrong, without the file's name.</exception>
    public static Picture Read(ReadOnlySpan<byte> bytes) => new NetpbmReader(bytes).Read((char)bytes[1]);

    private Picture Read(char kind)
    {
        int channels = kind switch
        {
            '2' or '5' => 1,
            '3' or '6' => 3,
            _ => throw new FormatException($"P{kind} is not supported; PGM (P2, P5) and PPM (P3, P6) are"),
        };
        int width = Number("width", PictureFile.MaxSide);
        int height = Number("height", PictureFile.MaxSide);
        int maximum = Number("largest value", 65535);
        PictureFile.CheckSize(width, height);
        if (maximum == 0) throw new FormatException("its largest value is 0; 1 to 65535 is expected");

        int samples = width * height * channels;
        bool text = kind is '2' or '3';
        int sampleBytes = maximum > 255 ? 2 : 1;
        if (!text) _position++; // exactly one white space after the header
        long needed = text ? samples : (long)samples * sampleBytes;
        if (_bytes.Length - _position < needed)
        {
            int found = Math.Max(0, _bytes.Length - _position);
            throw new FormatException($"{width} x {height} x {channels} values are announced, the file holds {found} bytes of them");
        }

        byte[] pixels = new byte[samples];
        for (int i = 0; i < samples; i++)
        {
            int value = text ? Number("value", maximum) : Binary(sampleBytes);
            pixels[i] = (byte)((Math.Min(value, maximum) * 255 + maximum / 2) / maximum);
        }
        return new Picture(pixels, width, height, channels == 1 ? PixelFormat.Gray8 : PixelFormat.Rgb24);
    }

    private int Binary(int sampleBytes)
    {
        int value = _bytes[_position++];
        return sampleBytes == 1 ? value : value << 8 | _bytes[_position++];
    }

    private int Number(string what, int maximum)
    {
        while (_position < _bytes.Length && (IsSpace(_bytes[_position]) || _bytes[_position] == '#'))
        {
            if (_bytes[_position] != '#') _position++;
            else while (_position < _bytes.Length && _bytes[_position] != '\n') _position++;
        }
        int start = _position, value = 0;
        while (_position < _bytes.Length && char.IsAsciiDigit((char)_bytes[_position]))
        {
            value = value * 10 + _bytes[_position++] - '0';
            if (value > maximum) throw new FormatException($"{what} at byte {start} is over {maximum}");
        }
        return _position > start ? value : throw new FormatException($"{what} is missing at byte {start}");
    }

    private static bool IsSpace(byte b) => b is (byte)' ' or (>= 9 and <= 13);
}
