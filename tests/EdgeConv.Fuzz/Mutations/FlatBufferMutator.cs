using System.Buffers.Binary;

namespace EdgeConv.Fuzz.Mutations;

/// <summary>Changes a flatbuffer: offsets to tables, strings and vectors, the small numbers of vtables, and plain bytes.</summary>
internal sealed class FlatBufferMutator(Random random)
{
    private readonly ByteMutator _bytes = new(random);

    public byte[] Mutate(byte[] file, byte[] other)
    {
        file = [.. file];
        for (int changes = 1 + random.Next(4); changes > 0; changes--)
        {
            // Plain bytes may move everything behind them; words keep the file together.
            file = file.Length < 16 || random.Next(3) == 0 ? _bytes.Mutate(file, other, file.Length) : Change(file);
        }

        return file;
    }

    private byte[] Change(byte[] file)
    {
        int at = random.Next(file.Length / 4) * 4, second = random.Next(file.Length / 4) * 4;
        Span<byte> word = file.AsSpan(at, 4);
        int value = BinaryPrimitives.ReadInt32LittleEndian(word);
        switch (random.Next(7))
        {
            case 0:
                // An offset to somewhere else.
                BinaryPrimitives.WriteInt32LittleEndian(word, second - at);
                break;
            case 1:
                BinaryPrimitives.WriteInt32LittleEndian(word, value + (4 * random.Next(-4, 5)));
                break;
            case 2:
                file.AsSpan(second, 4).CopyTo(word);
                break;
            case 3:
                // A field of a vtable.
                BinaryPrimitives.WriteInt16LittleEndian(word[(2 * random.Next(2))..], (short)(2 * random.Next(20)));
                break;
            case 4:
                BinaryPrimitives.WriteInt32LittleEndian(word, random.Next(-2, 20));
                break;
            case 5:
                int length = Math.Min(4 * random.Next(1, 16), file.Length - Math.Max(at, second));
                file.AsSpan(second, length).ToArray().CopyTo(file.AsSpan(at));
                break;
            default:
                BinaryPrimitives.WriteInt32LittleEndian(word, _bytes.Interesting());
                break;
        }

        return file;
    }
}
