using System.Buffers.Binary;

namespace EdgeConv.Fuzz.Mutations;

/// <summary>Changes that need no knowledge of the format.</summary>
internal sealed class ByteMutator(Random random)
{
    private const int LargestFile = 1 << 17;

    private static readonly int[] _interesting =
    [
        0, 1, 2, 3, 4, 7, 8, 15, 16, 17, 31, 32, 63, 64, 100, 127, 128, 129, 255, 256, 257, 1000, 1024, 4095, 4096, 32767, 32768, 65535, 65536,
        1 << 20, 1 << 24, (1 << 30) - 1, 1 << 30, (1 << 30) + 1, int.MaxValue - 1, int.MaxValue, int.MinValue, int.MinValue + 1,
        -1, -2, -127, -128, -129, -255, -256, -32768, -32769, -65536, 0x7f7fffff, 0x7f800000, 0x7fc00000, 0x3f800000,
    ];

    /// <summary>A number that is often at a border.</summary>
    public int Interesting() => _interesting[random.Next(_interesting.Length)];

    /// <summary>One change, in place or to a new array.</summary>
    /// <param name="file">The bytes.</param>
    /// <param name="other">Bytes to splice from.</param>
    /// <param name="limit">Changes begin before this offset.</param>
    public byte[] Mutate(byte[] file, byte[] other, int limit)
    {
        limit = Math.Min(limit, file.Length);
        if (limit < 1)
        {
            return [(byte)random.Next(256)];
        }

        int at = random.Next(limit);
        switch (random.Next(10))
        {
            case 0 or 1:
                file[at] ^= (byte)(1 << random.Next(8));
                return file;
            case 2:
                file[at] = (byte)(random.Next(3) == 0 ? random.Next(256) : Interesting());
                return file;
            case 3:
                file[at] += (byte)random.Next(-8, 9);
                return file;
            case 4 or 5:
                return Word(file, at);
            case 6:
                return Truncate(file);
            case 7:
                return Remove(file, at);
            case 8:
                return Insert(file, at, file);
            default:
                return random.Next(2) == 0 ? Overwrite(file, at, other) : Insert(file, at, other);
        }
    }

    /// <summary>Four or two bytes at a multiple of four, as the formats here mostly have them.</summary>
    private byte[] Word(byte[] file, int at)
    {
        at = random.Next(4) == 0 ? at : at & ~3;
        if (at + 4 > file.Length)
        {
            return file;
        }

        Span<byte> word = file.AsSpan(at);
        switch (random.Next(4))
        {
            case 0:
                BinaryPrimitives.WriteInt16LittleEndian(word, (short)Interesting());
                break;
            case 1:
                BinaryPrimitives.WriteInt32LittleEndian(word, BinaryPrimitives.ReadInt32LittleEndian(word) + random.Next(-16, 17));
                break;
            case 2:
                BinaryPrimitives.WriteInt32LittleEndian(word, file.Length + random.Next(-16, 17));
                break;
            default:
                BinaryPrimitives.WriteInt32LittleEndian(word, Interesting());
                break;
        }

        return file;
    }

    private byte[] Truncate(byte[] file) => file[..random.Next(file.Length)];

    private byte[] Remove(byte[] file, int at)
    {
        int length = Math.Min(Length(), file.Length - at);
        return [.. file.AsSpan(0, at), .. file.AsSpan(at + length)];
    }

    private byte[] Insert(byte[] file, int at, byte[] source)
    {
        ReadOnlySpan<byte> piece = Piece(source);
        return file.Length + piece.Length > LargestFile ? file : [.. file.AsSpan(0, at), .. piece, .. file.AsSpan(at)];
    }

    private byte[] Overwrite(byte[] file, int at, byte[] source)
    {
        ReadOnlySpan<byte> piece = Piece(source);
        piece[..Math.Min(piece.Length, file.Length - at)].CopyTo(file.AsSpan(at));
        return file;
    }

    private ReadOnlySpan<byte> Piece(byte[] source)
    {
        int from = random.Next(source.Length + 1);
        return source.AsSpan(from, Math.Min(Length(), source.Length - from));
    }

    private int Length() => 1 << random.Next(9) is var most && random.Next(2) == 0 ? most : random.Next(1, most + 1);
}
