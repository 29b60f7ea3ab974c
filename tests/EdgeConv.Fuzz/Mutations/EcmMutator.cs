using System.Buffers.Binary;
using EdgeConv.Runtime.Format;

namespace EdgeConv.Fuzz.Mutations;

/// <summary>Changes records of a model file; length and checksum are mostly put right, or nothing behind them would be reached.</summary>
internal sealed class EcmMutator(Random random)
{
    private static readonly (int Header, int Bytes)[] _records =
    [
        (FormatLayout.Header.Tensors, FormatLayout.TensorBytes), (FormatLayout.Header.Operators, FormatLayout.OperatorBytes),
        (FormatLayout.Header.Labels, FormatLayout.StringRefBytes), (FormatLayout.Header.Metadata, 2 * FormatLayout.StringRefBytes),
        (FormatLayout.Header.Golden, FormatLayout.GoldenBytes), (FormatLayout.Header.Preprocessing, FormatLayout.PreprocessingHeaderBytes),
    ];

    private readonly ByteMutator _bytes = new(random);

    public byte[] Mutate(byte[] file, byte[] other)
    {
        file = [.. file];
        for (int changes = 1 + random.Next(4); changes > 0; changes--)
        {
            file = Change(file, other);
        }

        if (file.Length >= FormatLayout.HeaderBytes && random.Next(40) != 0)
        {
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(FormatLayout.Header.TotalLength), file.Length);
            BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(FormatLayout.Header.Crc), FormatLayout.Checksum(file));
        }

        return file;
    }

    private byte[] Change(byte[] file, byte[] other)
    {
        if (file.Length < FormatLayout.HeaderBytes)
        {
            return _bytes.Mutate(file, other, file.Length);
        }

        // Up to the constants everything is structure.
        int structure = Math.Clamp(Read(file, FormatLayout.Header.Constants), FormatLayout.HeaderBytes, file.Length);
        switch (random.Next(12))
        {
            case 0:
                return _bytes.Mutate(file, other, file.Length);
            case 1 or 2:
                return _bytes.Mutate(file, other, structure);
            case 3:
                return Header(file);
            case 4:
                return Extremes(file, structure);
            case 5:
                return FromOther(file, other);
            case 6:
                return Copy(file);
            default:
                return Field(file);
        }
    }

    /// <summary>A word of a record: another value, a neighbour's value, or that of the same place elsewhere.</summary>
    private byte[] Field(byte[] file)
    {
        (int start, int bytes) = Record(file);
        int at = start + (4 * random.Next(bytes / 4));
        if (start < 0 || at + 4 > file.Length)
        {
            return file;
        }

        (int second, _) = Record(file);
        int from = second + (at - start);
        int value = random.Next(5) switch
        {
            0 => _bytes.Interesting(),
            1 => random.Next(-2, 40),
            2 => Read(file, at) + random.Next(-4, 5),
            3 when second >= 0 && from + 4 <= file.Length => Read(file, from),
            _ => Read(file, at) ^ (1 << random.Next(32)),
        };
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at), value);
        return file;
    }

    /// <summary>A record over another one of its section.</summary>
    private byte[] Copy(byte[] file)
    {
        (int header, int bytes) = _records[random.Next(_records.Length)];
        (int from, int to) = (Record(file, header, bytes), Record(file, header, bytes));
        if (from >= 0 && to >= 0)
        {
            file.AsSpan(from, bytes).ToArray().CopyTo(file.AsSpan(to));
        }

        return file;
    }

    /// <summary>A record over one of another file.</summary>
    private byte[] FromOther(byte[] file, byte[] other)
    {
        (int header, int bytes) = _records[random.Next(_records.Length)];
        (int from, int to) = (Record(other, header, bytes), Record(file, header, bytes));
        if (from >= 0 && to >= 0)
        {
            other.AsSpan(from, bytes).CopyTo(file.AsSpan(to));
        }

        return file;
    }

    /// <summary>Offset or count of a section, input, output, arena.</summary>
    private byte[] Header(byte[] file)
    {
        int at = FormatLayout.Header.ArenaBytes + (4 * random.Next((FormatLayout.HeaderBytes - FormatLayout.Header.ArenaBytes) / 4));
        int value = random.Next(4) switch
        {
            0 => _bytes.Interesting(),
            1 => Read(file, FormatLayout.Header.ArenaBytes + (4 * random.Next(24))),
            _ => Read(file, at) + random.Next(-20, 21),
        };
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at), value);
        return file;
    }

    /// <summary>Weights and biases at their limits.</summary>
    private byte[] Extremes(byte[] file, int constants)
    {
        if (constants < file.Length)
        {
            int from = random.Next(constants, file.Length);
            file.AsSpan(from, Math.Min(1 << random.Next(10), file.Length - from)).Fill((byte)(random.Next(2) == 0 ? 0x80 : 0x7f));
        }

        return file;
    }

    private (int Start, int Bytes) Record(byte[] file)
    {
        // Tensors and operators are most of the format.
        (int header, int bytes) = _records[random.Next(3) == 0 ? random.Next(_records.Length) : random.Next(2)];
        return (Record(file, header, bytes), bytes);
    }

    private int Record(byte[] file, int header, int bytes)
    {
        if (file.Length < FormatLayout.HeaderBytes)
        {
            return -1;
        }

        (int offset, int count) = (Read(file, header), Read(file, header + 4));
        long start = offset + ((long)bytes * random.Next(Math.Max(1, Math.Min(count, 1000))));
        return count > 0 && offset >= 0 && start + bytes <= file.Length ? (int)start : -1;
    }

    private static int Read(byte[] file, int at) => BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(at));
}
