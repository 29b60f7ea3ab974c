using System.Buffers.Binary;
using System.Globalization;

namespace EdgeConv.Converters.CodeGen.Nano;

/// <summary>What goes into the weights' resource, little endian; numbers and tables that are not read a piece at a time stay in the code.</summary>
internal class NanoBlob
{
    private readonly List<byte> _bytes = [];

    /// <summary>So far.</summary>
    public int Length => _bytes.Count;

    /// <summary>An int64.</summary>
    public NanoBlob Add(long value)
    {
        byte[] bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        _bytes.AddRange(bytes);
        return this;
    }

    /// <summary>An int32.</summary>
    public NanoBlob Add(int value)
    {
        byte[] bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        _bytes.AddRange(bytes);
        return this;
    }

    /// <summary>A byte.</summary>
    public NanoBlob Add(byte value)
    {
        _bytes.Add(value);
        return this;
    }

    /// <summary>Zeros.</summary>
    public void Fill(int count) => _bytes.AddRange(new byte[count]);

    /// <summary>What the code says for a number that a training changes.</summary>
    public virtual string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>What the code says for a table that a training changes.</summary>
    /// <param name="text">Gets it.</param>
    /// <param name="isWide">Whether its numbers are int32 and not int8.</param>
    /// <param name="name">Its name.</param>
    /// <param name="values">The numbers.</param>
    public virtual string Table(NanoText text, bool isWide, string name, IReadOnlyCollection<int> values)
    {
        text.Table(isWide ? "int" : "sbyte", name, values);
        return name;
    }

    /// <summary>All of them.</summary>
    public byte[] ToArray() => [.. _bytes];
}
