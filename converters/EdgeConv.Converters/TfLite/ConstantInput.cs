using System.Runtime.InteropServices;
using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Quantization;
using EdgeConv.Converters.TfLite.Schema;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Converters.TfLite;

/// <summary>A constant input, of which there are as many bytes as its shape asks for.</summary>
internal sealed class ConstantInput
{
    private const int MostIntegers = 64;   // axes, paddings, orders: a few a dimension

    private readonly TfLiteTensor _tensor;
    private readonly FlatFile _file;

    public ConstantInput(TfLiteTensor tensor, FlatFile file)
    {
        (_tensor, _file) = (tensor, file);
        int size = tensor.Type switch
        {
            TensorType.Int8 or TensorType.UInt8 or TensorType.Bool => sizeof(byte),
            TensorType.Int16 or TensorType.Float16 => sizeof(short),
            TensorType.Int32 or TensorType.Float32 => sizeof(int),
            TensorType.Int64 => sizeof(long),
            TensorType.Int4 => 0,
            _ => throw new UnsupportedOperatorException($"'{tensor.Name}' is a constant of type {tensor.Type}"),
        };
        long expected = size == 0 ? (tensor.Length + 1L) / 2 : (long)tensor.Length * size;
        if (tensor.Shape.Any(d => d < 1) || tensor.Data.Length != expected)
        {
            throw new UnsupportedOperatorException($"'{tensor.Name}' has {tensor.Data.Length} bytes; {tensor.Shape.Text()} of "
                + $"{tensor.Type} are {expected}");
        }
    }

    /// <summary>As the file describes it.</summary>
    public TfLiteTensor Tensor => _tensor;

    /// <summary>Number of elements.</summary>
    public int Length => _tensor.Length;

    /// <summary>Int8 or Int4, of weights.</summary>
    public ElementType WeightType => _tensor.Type switch
    {
        TensorType.Int8 => ElementType.Int8,
        TensorType.Int4 => ElementType.Int4,
        _ => throw new UnsupportedOperatorException($"'{_tensor.Name}' has weights of type {_tensor.Type}; int8 and int4 are supported"),
    };

    /// <summary>int8 or int4 elements.</summary>
    public sbyte[] Steps()
    {
        _file.Charge(Length);
        if (WeightType == ElementType.Int8)
        {
            return MemoryMarshal.Cast<byte, sbyte>(_tensor.Data.Span).ToArray();
        }

        var steps = new sbyte[Length];
        Int4.Unpack(_tensor.Data.Span, steps);
        return steps;
    }

    /// <summary>A few whole numbers: axes, paddings, an order.</summary>
    public int[] Integers() => Length <= MostIntegers && Longs() is var values && values.All(v => v is >= int.MinValue and <= int.MaxValue)
        ? [.. values.Select(v => (int)v)]
        : throw new UnsupportedOperatorException($"'{_tensor.Name}' has {Length} whole numbers; a few small ones are expected");

    /// <summary>int16, int32 or int64 elements.</summary>
    public long[] Longs()
    {
        _file.Charge((long)Length * sizeof(long));
        ReadOnlySpan<byte> data = _tensor.Data.Span;
        return _tensor.Type switch
        {
            TensorType.Int16 => [.. MemoryMarshal.Cast<byte, short>(data).ToArray().Select(v => (long)v)],
            TensorType.Int32 => [.. MemoryMarshal.Cast<byte, int>(data).ToArray().Select(v => (long)v)],
            TensorType.Int64 => MemoryMarshal.Cast<byte, long>(data).ToArray(),
            _ => throw new UnsupportedOperatorException($"'{_tensor.Name}' is {_tensor.Type}; whole numbers are expected"),
        };
    }

    /// <summary>As an operand of an elementwise layer.</summary>
    public QuantizedConstant Operand()
    {
        QuantizedValue value = ImportedGraph.Activation(_tensor);
        if (_tensor.Type is not (TensorType.Int8 or TensorType.Int16) || _tensor.Shape.Length > 4)
        {
            throw new UnsupportedOperatorException($"the constant '{_tensor.Name}' is {_tensor.Type} {_tensor.Shape.Text()}; int8 and int16 of "
                + "up to four dimensions are supported");
        }

        return value.Type == ElementType.Int8
            ? new QuantizedConstant(Steps(), value.Shape, value.Quantization)
            : new QuantizedConstant([], value.Shape, value.Quantization) { WideValues = [.. Longs().Select(v => (short)v)] };
    }
}
