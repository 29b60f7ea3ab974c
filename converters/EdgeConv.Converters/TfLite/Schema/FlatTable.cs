using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Google.FlatBuffers;

namespace EdgeConv.Converters.TfLite.Schema;

/// <summary>One table of a <see cref="FlatFile"/>: fields by their number in the schema, everything checked.</summary>
internal readonly struct FlatTable(FlatFile file, int position)
{
    private const int FirstSlot = 4;   // of a vtable, behind its own size and the table's

    private readonly Table _table = new(position, file.Buffer);

    /// <summary>A whole number.</summary>
    public int Int(int field, int otherwise = 0) => Read(field, static (b, at) => b.GetInt(at), otherwise);

    /// <summary>A whole number without sign.</summary>
    public uint UInt(int field) => Read(field, static (b, at) => b.GetUint(at), 0u);

    /// <summary>A long whole number without sign.</summary>
    public ulong ULong(int field) => Read(field, static (b, at) => b.GetUlong(at), 0ul);

    /// <summary>A byte, an enumeration or a union's kind.</summary>
    public sbyte Byte(int field, sbyte otherwise = 0) => Read(field, static (b, at) => b.GetSbyte(at), otherwise);

    /// <summary>A truth value.</summary>
    public bool Bool(int field) => Byte(field) != 0;

    /// <summary>A float.</summary>
    public float Float(int field, float otherwise = 0) => Read(field, static (b, at) => b.GetFloat(at), otherwise);

    /// <summary>Whether a field is there.</summary>
    public bool Has(int field) => Position(field) != 0;

    /// <summary>A table inside this one, or null.</summary>
    public FlatTable? Table(int field) => Position(field) is var at and not 0 ? new FlatTable(file, file.Follow(at)) : null;

    /// <summary>A text, or nothing.</summary>
    public string Text(int field) => Encoding.UTF8.GetString(Span<byte>(field));

    /// <summary>A vector of whole numbers; empty where there is none.</summary>
    public int[] Ints(int field) => Array<int>(field);

    /// <summary>A vector of long whole numbers; empty where there is none.</summary>
    public long[] Longs(int field) => Array<long>(field);

    /// <summary>A vector of floats; empty where there is none.</summary>
    public float[] Floats(int field) => Array<float>(field);

    /// <summary>A vector of bytes, where it lies; empty where there is none.</summary>
    public ReadOnlyMemory<byte> Bytes(int field)
    {
        (int start, int count) = Vector(field, sizeof(byte));
        return file.Bytes.AsMemory(start, count);
    }

    /// <summary>Number of tables in a vector.</summary>
    public int Count(int field) => Vector(field, sizeof(uint)).Count;

    /// <summary>A table of a vector.</summary>
    public FlatTable Element(int field, int index)
    {
        (int start, int count) = Vector(field, sizeof(uint));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)count);
        return new FlatTable(file, file.Follow(start + (index * sizeof(uint))));
    }

    /// <summary>Every table of a vector, of which there may be only so many.</summary>
    public IEnumerable<FlatTable> Elements(int field, int most, string what)
    {
        FlatTable self = this;
        int count = Count(field);
        return count <= most
            ? Enumerable.Range(0, count).Select(i => self.Element(field, i))
            : throw new TfLiteImportException($"{file.Name} has {count} {what}; at most {most} are supported.");
    }

    private T[] Array<T>(int field)
        where T : unmanaged => Span<T>(field).ToArray();

    private ReadOnlySpan<T> Span<T>(int field)
        where T : unmanaged
    {
        int size = Unsafe.SizeOf<T>();
        (int start, int count) = Vector(field, size);
        file.Charge((long)count * size);
        return MemoryMarshal.Cast<byte, T>(file.Bytes.AsSpan(start, count * size));
    }

    private (int Start, int Count) Vector(int field, int elementSize)
    {
        int at = Position(field);
        if (at == 0)
        {
            return default;
        }

        int vector = file.Follow(at);
        uint count = file.ReadUInt32(vector);
        int start = vector + sizeof(uint);
        return count * (long)elementSize <= file.Bytes.Length - start
            ? (start, (int)count)
            : throw file.Damaged(vector, $"a vector of {count} elements of {elementSize} bytes does not fit");
    }

    private T Read<T>(int field, Func<ByteBuffer, int, T> get, T otherwise)
    {
        int at = Position(field);
        try
        {
            return at == 0 ? otherwise : get(file.Buffer, at);
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw file.Damaged(at, "a field lies outside the file", e);
        }
    }

    // Where a field lies in the file; 0 when the table does not have it.
    private int Position(int field)
    {
        try
        {
            int offset = _table.__offset(FirstSlot + (field * sizeof(ushort)));
            return offset == 0 ? 0 : position + offset;
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw file.Damaged(position, "a table's list of fields lies outside the file", e);
        }
    }
}
