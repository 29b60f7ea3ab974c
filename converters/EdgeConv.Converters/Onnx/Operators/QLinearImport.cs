using EdgeConv.Converters.Onnx.Proto;
using DataType = EdgeConv.Converters.Onnx.Proto.TensorProto.Types.DataType;

namespace EdgeConv.Converters.Onnx.Operators;

/// <summary>
/// Operators on integers (QOperator form), each taken for the same thing in QDQ form: its inputs as floats, the float operator, its
/// output as integers.
/// </summary>
internal static class QLinearImport
{
    /// <summary>x, scale, zero point; w, scale, zero point; y scale, zero point; int32 bias.</summary>
    public static void Conv(NodeImport node) => Layer(node, "Conv", bias: 8, weightAxis: 0);

    /// <summary>a, scale, zero point; b, scale, zero point; y scale, zero point.</summary>
    public static void MatMul(NodeImport node) => Layer(node, "MatMul", bias: -1, weightAxis: 1);

    /// <summary>a, scale, zero point; b, scale, zero point; int32 bias at alpha * a scale * b scale; y scale, zero point, or float output.</summary>
    public static void Gemm(NodeImport node)
    {
        var steps = new Steps(node);
        string a = steps.Dequantized(0, 1, 2, -1);
        OnnxConstant b = QuantizeImport.Dequantized(node, 3, 4, 5, node.Int("transB", 0) != 0 ? 0 : 1).Constant
            ?? throw new UnsupportedNodeException("input 3 is computed; constant weights are supported");
        float alpha = node.Float("alpha", 1);
        if (!(alpha > 0 && float.IsFinite(alpha)))
        {
            throw new UnsupportedNodeException($"attribute alpha = {alpha}; a positive factor is supported");
        }

        // The factor belongs to the scale: the bias is at alpha * both scales.
        QuantizedTensor weights = b.Quantized! with { Scales = [.. b.Quantized!.Scales.Select(s => s * alpha)] };
        List<string> inputs = [a, steps.Constant(OnnxConstant.FromQuantized(weights, b.Shape))];
        if (node.Has(6))
        {
            inputs.Add(steps.Bias(6, a, weights.Scales));
        }

        steps.Run("Gemm", inputs, node.Proto.Attribute.Where(x => x.Name != "alpha"));
        if (node.Has(7))
        {
            steps.Quantize(7, 8);
        }
    }

    /// <summary>x, scale, zero point; y scale, zero point.</summary>
    public static Action<NodeImport> Unary(string type) => node =>
    {
        node.Require("channels_last", 0, 0);
        var steps = new Steps(node);
        steps.Run(type, [steps.Dequantized(0, 1, 2, -1)], node.Proto.Attribute.Where(a => a.Name != "channels_last"));
        steps.Quantize(3, 4);
    };

    /// <summary>As <see cref="Unary"/>; the version of Softmax that is meant is an attribute.</summary>
    public static void Softmax(NodeImport node)
    {
        var steps = new Steps(node) { Opset = (int)Math.Clamp(node.Int("opset", node.Opset), 1, 1000) };
        steps.Run("Softmax", [steps.Dequantized(0, 1, 2, -1)], node.Proto.Attribute.Where(a => a.Name != "opset"));
        steps.Quantize(3, 4);
    }

    /// <summary>a, scale, zero point; b, scale, zero point; y scale, zero point.</summary>
    public static Action<NodeImport> Binary(string type) => node =>
    {
        var steps = new Steps(node);
        steps.Run(type, [steps.Dequantized(0, 1, 2, -1), steps.Dequantized(3, 4, 5, -1)], node.Proto.Attribute);
        steps.Quantize(6, 7);
    };

    /// <summary>y scale, zero point; then x, scale, zero point of each part.</summary>
    public static void Concat(NodeImport node)
    {
        if (node.InputCount < 5 || (node.InputCount - 2) % 3 != 0)
        {
            throw new UnsupportedNodeException($"{node.InputCount} inputs; two, and three for each part, are expected");
        }

        var steps = new Steps(node);
        string[] parts = [.. Enumerable.Range(0, (node.InputCount - 2) / 3).Select(i => steps.Dequantized((3 * i) + 2, (3 * i) + 3, (3 * i) + 4, -1))];
        steps.Run("Concat", parts, node.Proto.Attribute);
        steps.Quantize(0, 1);
    }

    /// <summary>x, w, their zero points; the sums are integers.</summary>
    public static void ConvInteger(NodeImport node) => Sums(node, "Conv", weightAxis: 0);

    /// <summary>a, b, their zero points; the sums are integers.</summary>
    public static void MatMulInteger(NodeImport node) => Sums(node, "MatMul", weightAxis: 1);

    private static void Layer(NodeImport node, string type, int bias, int weightAxis)
    {
        var steps = new Steps(node);
        string x = steps.Dequantized(0, 1, 2, -1);
        OnnxConstant weights = QuantizeImport.Dequantized(node, 3, 4, 5, weightAxis).Constant
            ?? throw new UnsupportedNodeException("input 3 is computed; constant weights are supported");
        List<string> inputs = [x, steps.Constant(weights)];
        if (bias > 0 && node.Has(bias))
        {
            inputs.Add(steps.Bias(bias, x, weights.Quantized!.Scales));
        }

        steps.Run(type, inputs, node.Proto.Attribute);
        steps.Quantize(6, 7);
    }

    // The float layer gives sums times the input's scale. A dynamic scale counts as 1, and is still to come; a fixed one is divided out.
    private static void Sums(NodeImport node, string type, int weightAxis)
    {
        ImportedValue input = node.Found(0);
        OnnxConstant weights = node.Constant(1);
        bool isDynamic = input.Form == IntegerForm.Dynamic;
        bool known = node.Graph.Given.TryGetValue(input.Value.Name, out var given);
        bool agrees = isDynamic
            ? node.IsConstant(2) && node.Constant(2).IsDynamic
            : input.Form != IntegerForm.None && known && ZeroPoints(node, 2, Type(input.Form))[0] == given.ZeroPoint;
        if (!agrees || weights.Type is not (DataType.Int8 or DataType.Uint8))
        {
            throw new UnsupportedNodeException("its input is not quantized by a node before it, with the zero point of that node, or its weights are "
                + "no int8 or uint8 constant");
        }

        long[] zeros = ZeroPoints(node, 3, weights.Type);
        float scale = isDynamic ? 1 : 1 / given.Scale;
        OnnxConstant real = QuantizeImport.Quantized(weights, [.. zeros.Select(_ => scale)], zeros, weightAxis);
        var steps = new Steps(node);
        steps.Run(type, [steps.Alias(input.As(IntegerForm.None)), steps.Constant(real)], node.Proto.Attribute);
        node.Graph.Define(node.Proto.Output[0], steps.Result.As(IntegerForm.None, isUnscaled: isDynamic));
    }

    private static DataType Type(IntegerForm form) => form == IntegerForm.Uint8 ? DataType.Uint8 : DataType.Int8;

    private static long[] ZeroPoints(NodeImport node, int input, DataType type)
    {
        int shift = type == DataType.Uint8 ? -128 : 0;
        if (!node.Has(input))
        {
            return [shift];
        }

        OnnxConstant zeros = node.Constant(input);
        return zeros.Type == type && zeros.Length > 0
            ? [.. zeros.Integers().Select(z => z + shift)]
            : throw new UnsupportedNodeException($"input {input}, the zero point, is {zeros.Type}; {type} is supported");
    }

    /// <summary>The nodes in QDQ form, under names that the file does not have.</summary>
    private sealed class Steps(NodeImport node)
    {
        private readonly GraphImport _graph = node.Graph;

        /// <summary>Version of the operator set for the float operator.</summary>
        public int Opset { get; init; } = node.Opset;

        /// <summary>What the float operator gave.</summary>
        public ImportedValue Result => _graph.Activation(node.Proto.Output[0])
            ?? throw new UnsupportedNodeException("its inputs are constants; an activation is supported");

        public string Dequantized(int input, int scale, int zeroPoint, long axis)
        {
            (OnnxConstant? constant, ImportedValue? value) = QuantizeImport.Dequantized(node, input, scale, zeroPoint, axis);
            return constant is null ? Alias(value!) : Constant(constant);
        }

        public string Constant(OnnxConstant constant)
        {
            string name = _graph.Unused($"{node.Name}.constant");
            _graph.Define(name, constant);
            return name;
        }

        public string Alias(ImportedValue value)
        {
            string name = _graph.Unused($"{node.Name}.input");
            _graph.Define(name, value);
            return name;
        }

        /// <summary>An int32 bias at input scale * weight scale.</summary>
        public string Bias(int input, string x, float[] weightScales)
        {
            OnnxConstant bias = node.Constant(input);
            if (bias.Type != DataType.Int32)
            {
                throw new UnsupportedNodeException($"input {input}, the bias, is {bias.Type}; Int32 is supported");
            }

            float scale = _graph.Given[_graph.Activation(x)!.Value.Name].Scale;
            float[] scales = [.. weightScales.Select(s => (float)((double)s * scale))];
            var flat = bias.Reshaped([bias.Length]);
            if (scales.Length > 1 && scales.Length != bias.Length)
            {
                throw new UnsupportedNodeException($"a bias of shape {string.Join('x', bias.Shape)} for {scales.Length} scales");
            }

            return Constant(QuantizeImport.Quantized(flat, scales, new long[scales.Length], 0));
        }

        public void Run(string type, IReadOnlyList<string> inputs, IEnumerable<AttributeProto> attributes)
        {
            var proto = new NodeProto { OpType = type, Input = { inputs }, Output = { node.Proto.Output[0] } };
            proto.Attribute.AddRange(attributes);
            var view = new NodeImport(proto, node.Name, Opset, _graph);
            OnnxOperators.Table[type](view);
            view.RefuseUnreadAttributes();
            foreach (AttributeProto read in node.Proto.Attribute)
            {
                node.Ignore(read.Name);
            }
        }

        public void Quantize(int scale, int zeroPoint)
        {
            DataType type = node.Has(zeroPoint) ? node.Constant(zeroPoint).Type : DataType.Uint8;
            ImportedValue integers = QuantizeImport.Quantized(node, Result, QuantizeImport.Parameters(node, scale, zeroPoint, type), type);
            _graph.Define(node.Proto.Output[0], integers);
        }
    }
}
