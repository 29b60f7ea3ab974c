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
            node.Define(OnnxConstant.FromFloats(floats, [floats.Length]));
        }
        else if (node.Ints("value_ints") is { } integers)
        {
            node.Define(OnnxConstant.FromIntegers(integers, [integers.Length]));
        }
        else if (node.Float("value_float", float.NaN) is var single && !float.IsNaN(single))
        {
            node.Define(OnnxConstant.FromFloats([single], []));
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
}
