using EdgeConv.Converters.Onnx.Proto;

namespace EdgeConv.Converters.Onnx.Operators;

/// <summary>Constants, and the arithmetic on shapes that exporters leave before a Reshape.</summary>
internal static class ConstantImport
{
    /// <summary>A constant written as a node.</summary>
    public static void Constant(NodeImport node)
    {
        if (node.Tensor("value") is { } tensor)
        {
            node.Define(OnnxConstant.FromTensor(tensor));
        }
        else if (node.FloatList("value_floats") is { } floats)
        {
            node.Define(FromFloats(floats, [floats.Length]));
        }
        else if (node.Ints("value_ints") is { } integers)
        {
            node.Define(OnnxConstant.FromIntegers(integers, [integers.Length]));
        }
        else if (node.Float("value_float", float.NaN) is var single && !float.IsNaN(single))
        {
            node.Define(FromFloats([single], []));
        }
        else
        {
            node.Define(OnnxConstant.FromIntegers([node.Int("value_int", 0)], []));
        }
    }

    /// <summary>The shape of an activation, batch 1.</summary>
    public static void Shape(NodeImport node)
    {
        IReadOnlyList<int> shape = node.IsConstant(0) ? node.Constant(0).Shape : node.Activation(0).OnnxShape;
        int Position(string attribute, int otherwise)
        {
            long at = node.Int(attribute, otherwise);
            return (int)Math.Clamp(at < 0 ? at + shape.Count : at, 0, shape.Count);
        }

        (int start, int end) = (Position("start", 0), Position("end", shape.Count));
        long[] values = [.. shape.Take(end).Skip(start).Select(d => (long)d)];
        node.Define(OnnxConstant.FromIntegers(values, [values.Length]));
    }

    /// <summary>Elements of a constant list of integers.</summary>
    public static void Gather(NodeImport node)
    {
        node.Require("axis", 0, 0);
        long[] values = node.Constant(0).Integers();
        OnnxConstant indices = node.Constant(1);
        long At(long i) => (ulong)i < (ulong)values.Length
            ? values[i]
            : throw new UnsupportedNodeException($"index {i} of {values.Length} values");
        long[] picked = [.. indices.Integers().Select(i => At(i < 0 ? i + values.Length : i))];
        node.Define(OnnxConstant.FromIntegers(picked, indices.Shape));
    }

    /// <summary>Constant lists of integers, end to end.</summary>
    public static void Concat(NodeImport node)
    {
        if (!node.IsConstant(0))
        {
            throw new UnsupportedNodeException("its inputs are computed; constant shapes are supported");
        }

        node.Require("axis", 0, 0);
        long[] values = [.. Enumerable.Range(0, node.InputCount).SelectMany(i => node.Constant(i).Integers())];
        node.Define(OnnxConstant.FromIntegers(values, [values.Length]));
    }

    /// <summary>Integers to integers; int32 and int64 are one here.</summary>
    public static void Cast(NodeImport node)
    {
        long to = node.Int("to", 0);
        if (!node.IsConstant(0) || to is not ((long)TensorProto.Types.DataType.Int32 or (long)TensorProto.Types.DataType.Int64))
        {
            throw new UnsupportedNodeException($"attribute to = {to}; constant int32 and int64 are supported");
        }

        OnnxConstant constant = node.Constant(0);
        node.Define(OnnxConstant.FromIntegers(constant.Integers(), constant.Shape));
    }

    private static OnnxConstant FromFloats(float[] values, int[] shape)
    {
        var tensor = new TensorProto { DataType = (int)TensorProto.Types.DataType.Float, FloatData = { values } };
        tensor.Dims.AddRange(shape.Select(d => (long)d));
        return OnnxConstant.FromTensor(tensor);
    }
}
