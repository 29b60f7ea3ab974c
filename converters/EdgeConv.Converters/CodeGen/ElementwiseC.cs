using EdgeConv.Runtime;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Converters.CodeGen;

/// <summary>Layers that look at an element, or at one of each of two tensors.</summary>
internal static class ElementwiseC
{
    /// <summary>A byte through a table, or an int16 on a line between two entries.</summary>
    public static void Write(CModel model, TableOp op, CText text)
    {
        string table = $"{model.Name(op)}_table";
        if (model.IsWide(op.Input))
        {
            text.Table("int16_t", table, model.Model.Int16Data(op.Table).ToArray());
            Each(model, op, $"edgeconv_line({table}, input[i])", text);
            return;
        }

        text.Table("int8_t", table, model.Model.Int8Data(op.Table).ToArray());
        Each(model, op, $"{table}[input[i] + 128]", text);
    }

    /// <summary>Sigmoid or tanh of int16.</summary>
    public static void Write(CModel model, WideSigmoidOp op, CText text)
    {
        string table = $"{model.Name(op)}_table";
        text.Table("int32_t", table, model.Model.Int32Data(op.Table).ToArray());
        Each(model, op, $"edgeconv_wide_{(op.IsTanh ? "tanh" : "sigmoid")}({table}, edgeconv_table_steps(input[i], {op.Multiplier}, {op.RightShift}))", text);
    }

    /// <summary>Another scale or type.</summary>
    public static void Write(CModel model, RequantizeOp op, CText text)
    {
        int zero = model.Info(op.Input).ZeroPoint;
        string x = CModel.Minus("input[i]", zero);
        if (model.IsWide(op.Input) || model.IsWide(op.Output))
        {
            Each(model, op, model.Requantize(op.Output, x, op.Factor, op.Min, op.Max), text);
            return;
        }

        OutputNumbers numbers = new(model, op, op.Factor, (op.Min, op.Max), (-128 - zero, 127 - zero));
        numbers.Write(text);
        Each(model, op, numbers.Byte(x, "0"), text);
    }

    /// <summary>Sum or difference: a line through both where one gives the rule's byte for all pairs of bytes.</summary>
    public static void Write(CModel model, AddOp op, CText text)
    {
        if (model.IsWide(op.Output))
        {
            WideSum(model, op, text);
            return;
        }

        int zeroA = model.Info(op.Input).ZeroPoint, zeroB = model.Info(op.Other).ZeroPoint, zeroY = model.Info(op.Output).ZeroPoint;
        string a = Share("a", zeroA, op.InputFactor), b = Share("b", zeroB, op.OtherFactor), name = model.Name(op);
        text.Add($"static inline int8_t {name}_byte(int32_t a, int32_t b)\n{{");
        if (LinearSum.Solve(op, zeroA, zeroB, zeroY) is { } line)
        {
            string result = (op.Min, op.Max) == (sbyte.MinValue, sbyte.MaxValue) ? "value" : $"edgeconv_clamp(value, {op.Min}, {op.Max})";
            text.Add($"    int32_t value;\n    EDGECONV_TO_INT8(value, a * {Factor(line.FactorA)} + b * {Factor(line.FactorB)} + {Factor(line.Constant)}, {line.Shift});\n"
                + $"    return (int8_t){result};\n}}");
        }
        else
        {
            text.Add($"    return edgeconv_requantize({a}\n        {(op.Subtract ? '-' : '+')} {b},\n        {Numbers(op.OutputFactor)}, {model.Info(op.Output).ZeroPoint}, {op.Min}, {op.Max});\n}}");
        }

        Pairs(model, op, op.Other, $"{name}_byte(a, b)", text);

        string Share(string operand, int zero, QuantizedMultiplier factor) =>
            $"edgeconv_scale(({CModel.Minus(operand, zero)}) * {1 << AddOp.LeftShift}, {Numbers(factor)})";

        string Factor(int number) => number < 0 ? $"({number})" : $"{number}";
    }

    /// <summary>The same of int16: by its rule.</summary>
    private static void WideSum(CModel model, AddOp op, CText text)
    {
        string shares = $"const int32_t left = {Share("a", op.InputFactor)};\nconst int32_t right = {Share("b", op.OtherFactor)};\n";
        Pairs(model, op, op.Other, model.Requantize(op.Output, $"left {(op.Subtract ? '-' : '+')} right", op.OutputFactor, op.Min, op.Max), text, shares);

        string Share(string operand, QuantizedMultiplier factor) => $"edgeconv_scale({operand} * {1 << AddOp.WideLeftShift}, {Numbers(factor)})";
    }

    /// <summary>Product.</summary>
    public static void Write(CModel model, MulOp op, CText text)
    {
        if (model.IsWide(op.Output))
        {
            Pairs(model, op, op.Other, model.Requantize(op.Output, "a * b", op.Factor, op.Min, op.Max), text);
            return;
        }

        int zeroA = model.Info(op.Input).ZeroPoint, zeroB = model.Info(op.Other).ZeroPoint;
        long[] corners = [.. new[] { -128 - zeroA, 127 - zeroA }.SelectMany(x => new[] { -128 - zeroB, 127 - zeroB }, (x, y) => (long)x * y)];
        OutputNumbers numbers = new(model, op, op.Factor, (op.Min, op.Max), (corners.Min(), corners.Max()));
        numbers.Write(text);
        Pairs(model, op, op.Other, numbers.Byte($"({CModel.Minus("a", zeroA)}) * ({CModel.Minus("b", zeroB)})", "0"), text);
    }

    /// <summary>Parametric ReLU.</summary>
    public static void Write(CModel model, PReluOp op, CText text)
    {
        string name = model.Name(op);
        TensorInfo alpha = model.Info(op.Alpha);
        (int least, int most) = model.Bounds(op.Output);
        text.Table("int8_t", $"{name}_alpha", model.Model.Int8Data(op.Alpha).ToArray());
        text.Add($$"""
            static void {{name}}(void)
            {
                const {{model.Element(op.Input)}} *const input = {{model.At(op.Input)}};
                {{model.Element(op.Output)}} *const output = {{model.At(op.Output)}};
                for (int32_t i = 0; i < {{model.Info(op.Input).Length}}; i++) {
                    const int32_t x = {{CModel.Minus("input[i]", model.Info(op.Input).ZeroPoint)}};
                    const int32_t alpha = {{CModel.Minus($"{name}_alpha[i % {alpha.Length}]", alpha.ZeroPoint)}};
                    output[i] = x >= 0 ? {{model.Requantize(op.Output, "x", op.Positive, least, most)}}
                                       : {{model.Requantize(op.Output, "x * alpha", op.Negative, least, most)}};
                }
            }
            """);
    }

    /// <summary>Softmax, a row of the last dimension at a time.</summary>
    public static void Write(CModel model, SoftmaxOp op, CText text) =>
        Rows(model, op, $"edgeconv_softmax(input + i, output + i, {Row(model, op)}, {op.Multiplier}, {op.LeftShift}, {op.DiffMin});", text);

    /// <summary>Softmax of int16.</summary>
    public static void Write(CModel model, WideSoftmaxOp op, CText text)
    {
        string name = model.Name(op);
        text.Table("int16_t", $"{name}_exponential", model.Model.Int16Data(op.Exponential).ToArray());
        text.Table("int16_t", $"{name}_reciprocal", model.Model.Int16Data(op.Reciprocal).ToArray());
        Rows(model, op, $"edgeconv_wide_softmax(input + i, output + i, {Row(model, op)}, {Numbers(op.Factor)}, {name}_exponential, {name}_reciprocal);", text);
    }

    /// <summary>The logarithm of softmax.</summary>
    public static void Write(CModel model, LogSoftmaxOp op, CText text) => Rows(
        model, op, $"edgeconv_log_softmax(input + i, output + i, {Row(model, op)}, {op.Multiplier}, {op.LeftShift}, {op.DiffMin}, {Numbers(op.Inverse)});", text);

    /// <summary>Local response normalization.</summary>
    public static void Write(CModel model, LrnOp op, CText text)
    {
        string name = model.Name(op);
        int channels = Row(model, op);
        text.Table("int32_t", $"{name}_table", model.Model.Int32Data(op.Table).ToArray());
        text.Add($$"""
            static void {{name}}(void)
            {
                const int8_t *input = {{model.At(op.Input)}};
                int8_t *output = {{model.At(op.Output)}};
                for (int32_t pixel = 0; pixel < {{model.Info(op.Output).Length / channels}}; pixel++) {
                    for (int32_t c = 0; c < {{channels}}; c++) {
                        const int32_t first = c < {{(op.Size - 1) / 2}} ? 0 : c - {{(op.Size - 1) / 2}};
                        const int32_t last = c + {{op.Size / 2}} < {{channels}} ? c + {{op.Size / 2}} : {{channels - 1}};
                        int32_t sum = 0;
                        for (int32_t k = first; k <= last; k++) {
                            const int32_t d = {{CModel.Minus("input[k]", model.Info(op.Input).ZeroPoint)}};
                            sum += d * d;
                        }
                        {
                            const int32_t entry = sum >> {{op.TableShift}}, rest = sum - (entry << {{op.TableShift}});
                            const int64_t factor = {{name}}_table[entry]
                                + ((({{name}}_table[entry + 1] - (int64_t){{name}}_table[entry]) * rest) >> {{op.TableShift}});
                            const int64_t product = ({{CModel.Minus("input[c]", model.Info(op.Input).ZeroPoint)}}) * factor, half = {{1L << (op.OutputShift - 1)}};
                            const int64_t rounded = product < 0 ? -((half - product) >> {{op.OutputShift}}) : (product + half) >> {{op.OutputShift}};
                            output[c] = (int8_t)edgeconv_clamp(edgeconv_saturate({{CModel.Minus("rounded", -model.Info(op.Output).ZeroPoint)}}), -128, 127);
                        }
                    }
                    input += {{channels}};
                    output += {{channels}};
                }
            }
            """);
    }

    private static int Row(CModel model, ModelOperator op) => model.Info(op.Output).Shape[^1];

    private static string Numbers(QuantizedMultiplier factor) => $"{factor.Multiplier}, {factor.Shift}";

    private static void Each(CModel model, ModelOperator op, string value, CText text) =>
        Loop(model, op, $"i < {model.Info(op.Output).Length}; i++", $"output[i] = {value};", text);

    private static void Rows(CModel model, ModelOperator op, string row, CText text) =>
        Loop(model, op, $"i < {model.Info(op.Output).Length}; i += {Row(model, op)}", row, text);

    private static void Loop(CModel model, ModelOperator op, string range, string body, CText text) => text.Add($$"""
        static void {{model.Name(op)}}(void)
        {
            const {{model.Element(op.Input)}} *const input = {{model.At(op.Input)}};
            {{model.Element(op.Output)}} *const output = {{model.At(op.Output)}};
            for (int32_t i = 0; {{range}}) {
                {{body}}
            }
        }
        """);

    /// <summary>Two tensors, a dimension of 1 repeated.</summary>
    private static void Pairs(CModel model, ModelOperator op, int other, string value, CText text, string before = "")
    {
        if (model.Info(other).Storage == TensorStorage.Constant)
        {
            ConstantOperand(model, other, text);
        }

        // A loop over all elements where nothing is repeated, else one over each dimension that is there.
        Shape4 shape = new(model.Info(op.Output));
        int[] a = new Shape4(model.Info(op.Input)).BroadcastStrides(), b = new Shape4(model.Info(other)).BroadcastStrides();
        bool isSame = model.Info(op.Input).Length == model.Info(op.Output).Length && model.Info(other).Length == model.Info(op.Output).Length;
        string body = $$"""
            const int32_t a = first[{{(isSame ? "i" : ShapeC.Index(a))}}], b = second[{{(isSame ? "i" : ShapeC.Index(b))}}];
            {{before}}{{(isSame ? "output[i]" : "*output++")}} = {{value}};
            """;
        string loops = isSame
            ? $"    for (int32_t i = 0; i < {model.Info(op.Output).Length}; i++) {{\n{CText.Indent(body, "        ")}\n    }}"
            : ShapeC.Loops(shape, body);
        text.Add($$"""
            static void {{model.Name(op)}}(void)
            {
                const {{model.Element(op.Input)}} *const first = {{model.At(op.Input)}};
                const {{model.Element(other)}} *const second = {{model.At(other)}};
                {{model.Element(op.Output)}} *{{(isSame ? "const " : "")}}output = {{model.At(op.Output)}};
            {{loops}}
            }
            """);
    }

    /// <summary>The table of an operand that is a constant.</summary>
    public static void ConstantOperand(CModel model, int tensor, CText text)
    {
        if (model.IsWide(tensor))
        {
            text.Table("int16_t", model.At(tensor), model.Model.Int16Data(tensor).ToArray());
        }
        else
        {
            text.Table("int8_t", model.At(tensor), model.Model.Int8Data(tensor).ToArray());
        }
    }
}
