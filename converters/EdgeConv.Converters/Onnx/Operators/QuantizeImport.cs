using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Quantization;
using DataType = EdgeConv.Converters.Onnx.Proto.TensorProto.Types.DataType;

namespace EdgeConv.Converters.Onnx.Operators;

/// <summary>QuantizeLinear, DequantizeLinear and what else stands between floats and integers.</summary>
internal static class QuantizeImport
{
    private const int ToSigned = -128;

    // Of the products and quotients with which exporters compute a scale that they write twice.
    private const double SameScale = 1e-6;

    /// <summary>Floats to integers: notes the scale of an activation, rounds a constant.</summary>
    public static void Quantize(NodeImport node)
    {
        long asked = node.Int("output_dtype", 0);
        DataType type = node.Has(2) ? node.Constant(2).Type : asked == 0 ? DataType.Uint8 : (DataType)asked;
        long axis = node.Int("axis", 1);
        node.Require("block_size", 0, 0);
        node.Ignore("saturate");
        node.Ignore("precision");
        if (asked != 0 && (DataType)asked != type)
        {
            throw new UnsupportedNodeException($"attribute output_dtype = {(DataType)asked} but the zero point is {type}");
        }

        (float[] scales, long[] zeroPoints) = Parameters(node, 1, 2, type);
        if (node.IsConstant(0))
        {
            node.Define(Rounded(node.Constant(0), scales, zeroPoints, axis, type));
            return;
        }

        node.Alias(Quantized(node, node.Activation(0), (scales, zeroPoints), type));
    }

    /// <summary>Integers to floats: an activation under its float name, or a constant that remembers its integers.</summary>
    public static void Dequantize(NodeImport node)
    {
        long axis = node.Int("axis", 1);
        node.Require("block_size", 0, 0);
        node.Ignore("output_dtype");
        node.Alias(Dequantized(node, 0, 1, 2, axis));
    }

    /// <summary>An input as floats.</summary>
    /// <param name="node">Reads it.</param>
    /// <param name="input">The integers.</param>
    /// <param name="scale">Input with their scale.</param>
    /// <param name="zeroPoint">Input with their zero point, if there is one.</param>
    /// <param name="axis">Dimension of the scales where there are several.</param>
    /// <returns>One of the two.</returns>
    public static (OnnxConstant? Constant, ImportedValue? Value) Dequantized(NodeImport node, int input, int scale, int zeroPoint, long axis)
    {
        if (node.IsConstant(input))
        {
            OnnxConstant integers = node.Constant(input);
            if (integers.Type is not (DataType.Int8 or DataType.Uint8 or DataType.Int32))
            {
                throw new UnsupportedNodeException($"input {input} is {integers.Type}; int8, uint8 and int32 are supported");
            }

            (float[] scales, long[] zeroPoints) = Parameters(node, scale, zeroPoint, integers.Type);
            return (Quantized(integers, scales, zeroPoints, axis), null);
        }

        ImportedValue value = node.Found(input);
        if (value.Form == IntegerForm.Dynamic && node.IsConstant(scale) && node.Constant(scale).IsDynamic)
        {
            return (null, value.As(IntegerForm.None));
        }

        DataType type = value.Form switch
        {
            IntegerForm.Int8 => DataType.Int8,
            IntegerForm.Uint8 => DataType.Uint8,
            _ => throw new UnsupportedNodeException($"input {input} holds no int8 or uint8 integers of a fixed scale"),
        };
        ActivationQuantization quantization = OfActivation(Parameters(node, scale, zeroPoint, type));
        if (node.Graph.Given.TryGetValue(value.Value.Name, out ActivationQuantization known) && !Same(known, quantization))
        {
            throw new UnsupportedNodeException($"its scale {quantization.Scale} and zero point {Zero(quantization, type)} are not those with which "
                + $"its input was quantized, {known.Scale} and {Zero(known, type)}");
        }

        node.Graph.Given.TryAdd(value.Value.Name, quantization);
        return (null, value.As(IntegerForm.None));
    }

    /// <summary>An activation that the file turns into integers.</summary>
    public static ImportedValue Quantized(NodeImport node, ImportedValue input, (float[] Scales, long[] ZeroPoints) parameters, DataType type)
    {
        IntegerForm form = type switch
        {
            DataType.Int8 => IntegerForm.Int8,
            DataType.Uint8 => IntegerForm.Uint8,
            _ => throw new UnsupportedNodeException($"its output is {type}; int8 and uint8 activations are supported"),
        };
        ActivationQuantization quantization = OfActivation(parameters);
        if (node.Graph.Given.TryGetValue(input.Value.Name, out ActivationQuantization known) && !Same(known, quantization))
        {
            node.EmitElementwise(new Activate(Activation.None), input);
            input = node.Graph.Activation(node.Proto.Output[0])!;
        }

        node.Graph.Given.TryAdd(input.Value.Name, quantization);
        return input.As(form);
    }

    /// <summary>Scales and zero points, checked; those of uint8 as of int8.</summary>
    /// <exception cref="UnsupportedNodeException">Scales that are none, or zero points of another type or number.</exception>
    public static (float[] Scales, long[] ZeroPoints) Parameters(NodeImport node, int scale, int zeroPoint, DataType type)
    {
        OnnxConstant constant = node.Constant(scale);
        if (constant.IsInteger || constant.Shape.Length > 1 || constant.Length == 0)
        {
            throw new UnsupportedNodeException($"input {scale}, the scale, is {constant.Type} of shape {constant.Shape.Text()}; one float, or one "
                + "a channel, is supported");
        }

        float[] scales = constant.Floats();
        if (Array.Find(scales, s => !(s > 0 && float.IsFinite(s))) is var wrong && Array.Exists(scales, s => !(s > 0 && float.IsFinite(s))))
        {
            throw new UnsupportedNodeException($"input {scale} holds the scale {wrong}; positive, finite ones are supported");
        }

        int shift = type == DataType.Uint8 ? ToSigned : 0;
        if (!node.Has(zeroPoint))
        {
            return (scales, [.. scales.Select(_ => (long)shift)]);
        }

        OnnxConstant zeros = node.Constant(zeroPoint);
        if (zeros.Type != type || zeros.Shape.Length > 1 || zeros.Length != scales.Length)
        {
            throw new UnsupportedNodeException($"input {zeroPoint}, the zero point, is {zeros.Type} of shape {zeros.Shape.Text()}; {type}, and as "
                + $"many as scales ({scales.Length}), is supported");
        }

        return (scales, [.. zeros.Integers().Select(z => z + shift)]);
    }

    /// <summary>A constant that remembers its integers.</summary>
    public static OnnxConstant Quantized(OnnxConstant integers, float[] scales, long[] zeroPoints, long axis)
    {
        int at = Axis(integers, scales, axis);
        int shift = integers.Type == DataType.Uint8 ? ToSigned : 0;
        return OnnxConstant.FromQuantized(
            new QuantizedTensor(Array.ConvertAll(integers.Integers(), v => v + shift), scales, zeroPoints, at), integers.Shape);
    }

    /// <summary>Scale and zero point of an activation: one of each.</summary>
    public static ActivationQuantization OfActivation((float[] Scales, long[] ZeroPoints) parameters) => parameters.Scales is [var scale]
        ? new ActivationQuantization(scale, (int)parameters.ZeroPoints[0])
        : throw new UnsupportedNodeException($"{parameters.Scales.Length} scales of an activation; one is supported");

    /// <summary>Nothing; but where it stands between two scales it is the node that changes them.</summary>
    public static void Identity(NodeImport node)
    {
        if (!node.IsConstant(0) && node.Found(0) is { Form: IntegerForm.None, ViewOf: null } value && node.Graph.Given.ContainsKey(value.Value.Name))
        {
            node.EmitElementwise(new Activate(Activation.None), node.Activation(0));
        }
        else
        {
            node.PassOn();
        }
    }

    /// <summary>Floats to floats, or the sums of integer products to floats: the same numbers to us.</summary>
    public static void Cast(NodeImport node)
    {
        node.Ignore("saturate");
        var to = (DataType)node.Int("to", 0);
        if (to is not (DataType.Float or DataType.Float16 or DataType.Double))
        {
            throw new UnsupportedNodeException($"attribute to = {to} of an activation; float, float16 and double are supported");
        }

        node.Alias(node.Activation(0));
    }

    /// <summary>
    /// A scale that is found when the network runs. Our targets have none: the activation keeps its real values, and gets a scale by
    /// calibration. What the file multiplies with later counts as 1.
    /// </summary>
    public static void DynamicQuantize(NodeImport node)
    {
        ImportedValue input = node.Activation(0);
        if (node.Proto.Output.Count != 3)
        {
            throw new UnsupportedNodeException($"{node.Proto.Output.Count} outputs; 3 are supported");
        }

        node.Graph.DynamicNodes++;
        node.Alias(input.As(IntegerForm.Dynamic));
        node.Graph.Define(node.Proto.Output[1], OnnxConstant.FromFloats([1], []) with { IsDynamic = true });
        node.Graph.Define(node.Proto.Output[2], OnnxConstant.FromIntegers([0], [], DataType.Uint8) with { IsDynamic = true });
    }

    private static OnnxConstant Rounded(OnnxConstant real, float[] scales, long[] zeroPoints, long axis, DataType type)
    {
        if (type is not (DataType.Int8 or DataType.Uint8))
        {
            throw new UnsupportedNodeException($"its output is {type}; int8 and uint8 are supported");
        }

        int at = Axis(real, scales, axis), inner = real.Shape.Skip(at + 1).Aggregate(1, (n, d) => n * d);
        int back = type == DataType.Uint8 ? -ToSigned : 0;
        return OnnxConstant.FromIntegers([.. real.Floats().Select((v, i) =>
            {
                int c = i / inner % scales.Length;
                double q = Math.Round((double)(v / scales[c]), MidpointRounding.ToEven) + zeroPoints[c];
                return (long)Math.Clamp(q, sbyte.MinValue, sbyte.MaxValue) + back;
            })], real.Shape, type);
    }

    private static int Axis(OnnxConstant constant, float[] scales, long axis)
    {
        if (scales.Length == 1)
        {
            return 0;
        }

        int rank = constant.Shape.Length;
        long at = axis < 0 ? axis + rank : axis;
        return at >= 0 && at < rank && constant.Shape[at] == scales.Length
            ? (int)at
            : throw new UnsupportedNodeException($"attribute axis = {axis}: {scales.Length} scales for {constant.Shape.Text()}");
    }

    private static bool Same(ActivationQuantization a, ActivationQuantization b) =>
        a.ZeroPoint == b.ZeroPoint && Math.Abs((double)a.Scale - b.Scale) <= SameScale * a.Scale;

    private static int Zero(ActivationQuantization q, DataType type) => q.ZeroPoint - (type == DataType.Uint8 ? ToSigned : 0);
}
