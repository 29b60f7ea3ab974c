using System.Buffers.Binary;
using System.Runtime.InteropServices;
using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Onnx.Proto;
using DataType = EdgeConv.Converters.Onnx.Proto.TensorProto.Types.DataType;

namespace EdgeConv.Converters.Onnx;

/// <summary>A constant of an ONNX file: an initializer, a Constant node, or a shape that was computed at import.</summary>
internal sealed record OnnxConstant
{
    private readonly TensorProto? _tensor;
    private readonly long[]? _integers;
    private readonly float[]? _floats;

    private OnnxConstant(int[] shape, TensorProto? tensor = null, long[]? integers = null, float[]? floats = null)
    {
        (Shape, _tensor, _integers, _floats) = (shape, tensor, integers, floats);
        Type = tensor is not null ? (DataType)tensor.DataType : integers is not null ? DataType.Int64 : DataType.Float;
    }

    /// <summary>Type of its elements; of what the importer computed itself, int64 or float.</summary>
    public DataType Type { get; private init; }

    /// <summary>The integers that its floats stand for; null where it never was quantized.</summary>
    public QuantizedTensor? Quantized { get; private init; }

    /// <summary>Whether the scale of a dynamic quantization is a factor of it; it counts as 1 here.</summary>
    public bool IsDynamic { get; init; }

    /// <summary>Dimensions; empty for a scalar.</summary>
    public int[] Shape { get; }

    /// <summary>Whether its elements are whole numbers.</summary>
    public bool IsInteger => _integers is not null
        || (_tensor is not null
            && (DataType)_tensor.DataType is DataType.Int8 or DataType.Uint8 or DataType.Int32 or DataType.Int64 or DataType.Bool);

    /// <summary>Number of elements.</summary>
    public int Length => Shape.Aggregate(1, (n, d) => n * d);

    /// <summary>Integers that the importer computed itself.</summary>
    public static OnnxConstant FromIntegers(long[] values, int[] shape) => new(shape, integers: values);

    /// <summary>Integers of a type, which the importer computed itself.</summary>
    public static OnnxConstant FromIntegers(long[] values, int[] shape, DataType type) => new(shape, integers: values) { Type = type };

    /// <summary>Floats that stand for integers; they are computed when somebody asks for them.</summary>
    public static OnnxConstant FromQuantized(QuantizedTensor quantized, int[] shape) => new(shape) { Quantized = quantized };

    /// <summary>Floats that the importer computed itself.</summary>
    public static OnnxConstant FromFloats(float[] values, int[] shape) => new(shape, floats: values);

    /// <summary>A tensor of the file. Checks that its data has the size that its shape says, before anything is allocated.</summary>
    /// <exception cref="UnsupportedNodeException">The data type is not supported, or data and shape disagree.</exception>
    public static OnnxConstant FromTensor(TensorProto tensor)
    {
        if (ExternalData.IsIn(tensor))
        {
            throw new UnsupportedNodeException($"the data of '{tensor.Name}' is in another file, which only a network that is read from its folder has beside it");
        }

        long length = 1;
        foreach (long d in tensor.Dims)
        {
            length = d is < 0 or > int.MaxValue || length * d > int.MaxValue
                ? throw new UnsupportedNodeException($"'{tensor.Name}' has the impossible shape {tensor.Dims.Text()}")
                : length * d;
        }

        (long held, string type) = (DataType)tensor.DataType switch
        {
            DataType.Float => (Held(tensor, sizeof(float), tensor.FloatData.Count), "float"),
            DataType.Double => (Held(tensor, sizeof(double), tensor.DoubleData.Count), "double"),
            DataType.Float16 => (Held(tensor, sizeof(ushort), tensor.Int32Data.Count), "float16"),
            DataType.Int32 => (Held(tensor, sizeof(int), tensor.Int32Data.Count), "int32"),
            DataType.Int64 => (Held(tensor, sizeof(long), tensor.Int64Data.Count), "int64"),
            DataType.Bool => (Held(tensor, sizeof(bool), tensor.Int32Data.Count), "bool"),
            DataType.Int8 => (Held(tensor, sizeof(sbyte), tensor.Int32Data.Count), "int8"),
            DataType.Uint8 => (Held(tensor, sizeof(byte), tensor.Int32Data.Count), "uint8"),
            _ => throw new UnsupportedNodeException($"'{tensor.Name}' has data type {(DataType)tensor.DataType}; float, float16, double, int8, uint8, "
                + "int32, int64 and bool are supported"),
        };
        return held == length
            ? new OnnxConstant([.. tensor.Dims.Select(d => (int)d)], tensor)
            : throw new UnsupportedNodeException($"'{tensor.Name}' holds {(held < 0 ? $"{tensor.RawData.Length} bytes, no whole number of" : $"{held}")} "
                + $"{type} values, but its shape {tensor.Dims.Text()} asks for {length}");
    }

    /// <summary>The same values under another shape.</summary>
    /// <exception cref="UnsupportedNodeException">The shape asks for another number of values.</exception>
    public OnnxConstant Reshaped(long[] shape) =>
        shape.All(d => d is >= 0 and <= int.MaxValue) && shape.Aggregate(1.0, (n, d) => n * d) == Length
        ? Reshaped([.. shape.Select(d => (int)d)])
        : throw new UnsupportedNodeException($"a reshape of {Length} values to {shape.Text()}");

    private OnnxConstant Reshaped(int[] shape)
    {
        QuantizedTensor? quantized = Quantized?.Reshaped(Shape, shape);
        float[]? floats = Quantized is not null && quantized is null ? Floats() : _floats;
        return new OnnxConstant(shape, _tensor, _integers, floats) { Type = Type, IsDynamic = IsDynamic, Quantized = quantized };
    }

    /// <summary>The values with their dimensions in another order.</summary>
    public OnnxConstant Transposed(int[] order)
    {
        int[] shape = [.. order.Select(o => Shape[o])];
        if (Quantized is { } quantized)
        {
            return FromQuantized(quantized.Transposed(Shape, order), shape);
        }

        float[] values = Floats(), result = new float[values.Length];
        FloatElementwise.Transpose(values, Shape, order, result);
        return IsInteger ? FromIntegers([.. result.Select(v => (long)v)], shape, Type) : FromFloats(result, shape);
    }

    /// <summary>The values as float.</summary>
    public float[] Floats()
    {
        if (_tensor is null)
        {
            return _floats ?? Quantized?.Floats(Shape) ?? [.. _integers!.Select(i => (float)i)];
        }

        ReadOnlySpan<byte> raw = _tensor.RawData.Span;
        switch ((DataType)_tensor.DataType)
        {
            case DataType.Float when raw.IsEmpty:
                return [.. _tensor.FloatData];
            case DataType.Float when BitConverter.IsLittleEndian:
                return MemoryMarshal.Cast<byte, float>(raw).ToArray();
            case DataType.Double when raw.IsEmpty:
                return [.. _tensor.DoubleData.Select(d => (float)d)];
            case DataType.Float16 when raw.IsEmpty:
                return [.. _tensor.Int32Data.Select(bits => (float)BitConverter.UInt16BitsToHalf((ushort)bits))];
            case DataType.Int8 or DataType.Uint8 or DataType.Int32 or DataType.Int64 or DataType.Bool:
                return [.. Integers().Select(i => (float)i)];
        }

        var values = new float[Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (DataType)_tensor.DataType switch
            {
                DataType.Float => BinaryPrimitives.ReadSingleLittleEndian(raw[(4 * i)..]),
                DataType.Double => (float)BinaryPrimitives.ReadDoubleLittleEndian(raw[(8 * i)..]),
                _ => (float)BinaryPrimitives.ReadHalfLittleEndian(raw[(2 * i)..]),
            };
        }

        return values;
    }

    /// <summary>The values of a constant that holds integers.</summary>
    /// <exception cref="UnsupportedNodeException">The constant holds floats.</exception>
    public long[] Integers()
    {
        if (_tensor is null)
        {
            return _integers ?? throw new UnsupportedNodeException("a computed constant should hold integers");
        }

        ReadOnlySpan<byte> raw = _tensor.RawData.Span;
        var values = new long[Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (DataType)_tensor.DataType switch
            {
                DataType.Int64 => raw.IsEmpty ? _tensor.Int64Data[i] : BinaryPrimitives.ReadInt64LittleEndian(raw[(8 * i)..]),
                _ => Int32(raw, i),
            };
        }

        return values;
    }

    /// <summary>The values of a constant of 8 or 32 bits, each with that added.</summary>
    /// <exception cref="UnsupportedNodeException">The constant holds something else.</exception>
    public int[] Steps(int added)
    {
        if (_tensor is null)
        {
            return Array.ConvertAll(Integers(), v => v + added is >= int.MinValue and <= int.MaxValue
                ? (int)(v + added)
                : throw new UnsupportedNodeException($"a computed constant holds {v}; 32 bits are supported"));
        }

        ReadOnlySpan<byte> raw = _tensor.RawData.Span;
        var values = new int[Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = Int32(raw, i) + added;
        }

        return values;
    }

    private int Int32(ReadOnlySpan<byte> raw, int i) => (DataType)_tensor!.DataType switch
    {
        DataType.Int32 => raw.IsEmpty ? _tensor.Int32Data[i] : BinaryPrimitives.ReadInt32LittleEndian(raw[(4 * i)..]),
        DataType.Int8 => raw.IsEmpty ? _tensor.Int32Data[i] : (sbyte)raw[i],
        DataType.Bool or DataType.Uint8 => raw.IsEmpty ? _tensor.Int32Data[i] : raw[i],
        _ => throw new UnsupportedNodeException($"'{_tensor.Name}' should hold integers"),
    };

    private static long Held(TensorProto tensor, int elementSize, int listed)
    {
        int raw = tensor.RawData.Length;
        return raw == 0 ? listed : raw % elementSize == 0 ? raw / elementSize : -1;
    }
}
