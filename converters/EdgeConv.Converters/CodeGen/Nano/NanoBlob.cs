using System.Buffers.Binary;

namespace EdgeConv.Converters.CodeGen.Nano;

/// <summary>What goes into the weights' resource, little endian.</summary>
internal sealed class NanoBlob
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

    /// <summary>All of them.</summary>
    public byte[] ToArray() => [.. _bytes];
}
