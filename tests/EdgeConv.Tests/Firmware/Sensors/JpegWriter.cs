namespace EdgeConv.Tests.Firmware.Sensors;

/// <summary>Writes sequential JPEG files of random coefficients: any sampling, one channel or three, with restart markers or without.</summary>
internal sealed class JpegWriter(Random random)
{
    private const int Dc = 0, Ac = 1;

    private readonly List<byte> _bytes = [];
    private readonly Dictionary<(int Kind, int Symbol), (int Code, int Length)> _codes = [];
    private int _bits;
    private int _bitCount;

    /// <summary>A file.</summary>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    /// <param name="channels">1 or 3.</param>
    /// <param name="across">Blocks of luma in a unit, side by side.</param>
    /// <param name="down">Blocks of luma in a unit, one below the other.</param>
    /// <param name="restart">Units from one restart marker to the next; 0 for none.</param>
    public byte[] Write(int width, int height, int channels, int across, int down, int restart)
    {
        _bytes.Clear();
        _codes.Clear();
        _bytes.AddRange([0xFF, 0xD8]);
        Segment(0xE0, [.. "JFIF\0"u8, 1, 1, 0, 0, 1, 0, 1, 0, 0]);
        Segment(0xDB, [0, 10, .. Enumerable.Repeat((byte)3, 63)]);
        Segment(0xC0, [8, (byte)(height >> 8), (byte)height, (byte)(width >> 8), (byte)width, (byte)channels,
            .. Enumerable.Range(0, channels).SelectMany(c => new byte[] { (byte)(c + 1), (byte)(c == 0 ? across << 4 | down : 0x11), 0 })]);
        Table(Dc, [.. Enumerable.Range(0, 9)], symbol => symbol < 4 ? 3 : symbol + 2);
        Table(Ac, [0x00, 0xF0, .. Enumerable.Range(0, 16).SelectMany(run => Enumerable.Range(1, 6).Select(size => run << 4 | size))], index => index < 3 ? 4 : index < 40 ? 8 : 12);
        if (restart > 0)
        {
            Segment(0xDD, [0, (byte)restart]);
        }

        Segment(0xDA, [(byte)channels, .. Enumerable.Range(0, channels).SelectMany(c => new byte[] { (byte)(c + 1), 0x00 }), 0, 63, 0]);
        Units(width, height, channels, channels == 1 ? 1 : across, channels == 1 ? 1 : down, restart);
        _bytes.AddRange([0xFF, 0xD9]);
        return [.. _bytes];
    }

    private void Units(int width, int height, int channels, int across, int down, int restart)
    {
        int units = ((width + 8 * across - 1) / (8 * across)) * ((height + 8 * down - 1) / (8 * down));
        int[] last = new int[channels];
        for (int unit = 0; unit < units; unit++)
        {
            if (restart > 0 && unit > 0 && unit % restart == 0)
            {
                Flush();
                _bytes.AddRange([0xFF, (byte)(0xD0 + (unit / restart - 1) % 8)]);
                Array.Clear(last);
            }

            for (int c = 0; c < channels; c++)
            {
                for (int block = 0; block < (c == 0 ? across * down : 1); block++)
                {
                    int dc = random.Next(-80, 80);
                    Number(Dc, 0, dc - last[c]);
                    last[c] = dc;
                    Coefficients();
                }
            }
        }

        Flush();
    }

    private void Coefficients()
    {
        for (int k = 1, left = random.Next(0, 5); left > 0; left--)
        {
            int run = random.Next(0, 22);
            if (k + run > 63)
            {
                break;
            }

            if (run > 15)
            {
                Put(Ac, 0xF0);
            }

            Number(Ac, run > 15 ? run - 16 : run, random.Next(0, 2) == 0 ? random.Next(1, 6) : -random.Next(1, 6));
            k += run + 1;
            if (k == 64)
            {
                return;
            }
        }

        Put(Ac, 0);
    }

    private void Number(int kind, int run, int value)
    {
        int size = value == 0 ? 0 : (int)Math.Log2(Math.Abs(value)) + 1;
        Put(kind, run << 4 | size);
        PutBits(value < 0 ? value + (1 << size) - 1 : value, size);
    }

    private void Put(int kind, int symbol) => PutBits(_codes[(kind, symbol)].Code, _codes[(kind, symbol)].Length);

    private void PutBits(int value, int count)
    {
        for (int i = count - 1; i >= 0; i--)
        {
            _bits = _bits << 1 | value >> i & 1;
            if (++_bitCount == 8)
            {
                _bytes.Add((byte)_bits);
                if ((byte)_bits == 0xFF)
                {
                    _bytes.Add(0);
                }

                (_bits, _bitCount) = (0, 0);
            }
        }
    }

    private void Flush()
    {
        while (_bitCount != 0)
        {
            PutBits(1, 1);
        }
    }

    /// <summary>Symbols in the order of their codes' lengths.</summary>
    private void Table(int kind, int[] symbols, Func<int, int> length)
    {
        byte[] counts = new byte[17];
        int code = 0, last = 0;
        for (int i = 0; i < symbols.Length; i++)
        {
            code <<= length(i) - last;
            last = length(i);
            counts[last]++;
            _codes[(kind, symbols[i])] = (code++, last);
        }

        Segment(0xC4, [(byte)(kind << 4), .. counts[1..], .. symbols.Select(symbol => (byte)symbol)]);
    }

    private void Segment(int marker, byte[] body) => _bytes.AddRange([0xFF, (byte)marker, (byte)((body.Length + 2) >> 8), (byte)(body.Length + 2), .. body]);
}
