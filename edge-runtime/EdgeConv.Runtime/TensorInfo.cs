using System.Runtime.InteropServices;

namespace EdgeConv.Runtime;

/// <summary>Element type of a tensor in a model file.</summary>
public enum ElementType : byte
{
    /// <summary>Quantized activations and weights.</summary>
    Int8 = 0,

    /// <summary>Bias, multipliers and shifts.</summary>
    Int32 = 1,

    /// <summary>Activations of layers that int8 is too coarse for; their zero point is 0.</summary>
    Int16 = 2,

    /// <summary>Weights of layers that have to be small: two a byte, the first in the low half.</summary>
    Int4 = 3,

    /// <summary>Bias of layers with int16 activations.</summary>
    Int64 = 4,
}

/// <summary>Where the bytes of a tensor live.</summary>
public enum TensorStorage : byte
{
    /// <summary>In the arena, at <see cref="TensorInfo.Offset"/> from its start; written and read while the model runs.</summary>
    Arena = 0,

    /// <summary>In the model file, at <see cref="TensorInfo.Offset"/> from its start; read only.</summary>
    Constant = 1,
}

/// <summary>One tensor of a model. Activations are NHWC, convolution weights OHWI, fully connected weights OI.</summary>
/// <param name="Name">For messages; unique in a model.</param>
/// <param name="Type">Element type.</param>
/// <param name="Storage">Arena or constant.</param>
/// <param name="Shape">One to four dimensions, each at least 1.</param>
/// <param name="Scale">real = Scale * (q - ZeroPoint). For weights quantized per output channel this is 0: the multipliers carry it.</param>
/// <param name="ZeroPoint">The int8 value that stands for 0.0.</param>
/// <param name="Offset">Byte offset in the arena or in the file.</param>
public sealed record TensorInfo(
    string Name, ElementType Type, TensorStorage Storage, IReadOnlyList<int> Shape, float Scale, int ZeroPoint, int Offset)
{
    /// <summary>Number of elements.</summary>
    public int Length
    {
        get
        {
            int length = 1;
            for (int i = 0; i < Shape.Count; i++)
            {
                length = checked(length * Shape[i]);
            }

            return length;
        }
    }

    /// <summary>Size in bytes.</summary>
    public int ByteLength => checked((int)ElementBytes(Type, Length));

    /// <summary>The real value of element i of an activation's bytes.</summary>
    /// <param name="bytes">All bytes of the tensor, int8 or int16.</param>
    /// <param name="i">Index of the element.</param>
    public float Dequantize(ReadOnlySpan<sbyte> bytes, int i)
    {
        int q = Type == ElementType.Int16 ? MemoryMarshal.Cast<sbyte, short>(bytes)[i] : bytes[i];
        return Scale * (q - ZeroPoint);
    }

    /// <summary>Index of the largest element of an activation's bytes, the first of several: the class that a network names.</summary>
    /// <param name="bytes">All bytes of the tensor, int8 or int16.</param>
    public int IndexOfLargest(ReadOnlySpan<sbyte> bytes) =>
        Type == ElementType.Int16 ? IndexOfLargest(MemoryMarshal.Cast<sbyte, short>(bytes)) : IndexOfLargest<sbyte>(bytes);

    private static int IndexOfLargest<T>(ReadOnlySpan<T> values)
        where T : IComparable<T>
    {
        int best = 0;
        for (int i = 1; i < values.Length; i++)
        {
            best = values[i].CompareTo(values[best]) > 0 ? i : best;
        }

        return best;
    }

    /// <summary>Size in bytes of so many elements.</summary>
    internal static long ElementBytes(ElementType type, long length) => type switch
    {
        ElementType.Int64 => 8 * length,
        ElementType.Int32 => 4 * length,
        ElementType.Int16 => 2 * length,
        ElementType.Int4 => (length + 1) / 2,
        _ => length,
    };
}
