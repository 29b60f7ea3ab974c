using EdgeConv.Runtime;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Converters.CodeGen;

/// <summary>Layers that look at an element, or at one of each of two tensors.</summary>
internal static class ElementwiseC
{
    /// <summary>A byte through a table.</summary>
    public static void Write(CModel model, TableOp op, CText text)
    {
        text.Table("int8_t", $"{model.Name(op)}_table", model.Model.Int8Data(op.Table).ToArray());
        Each(model, op, $"{model.Name(op)}_table[input[i] + 128]", text);
    }

    /// <summary>Another scale.</summary>
    public static void Write(CModel model, RequantizeOp op, CText text)
    {
        int zero = model.Info(op.Input).ZeroPoint;
        OutputNumbers numbers = new(model, op, op.Factor, (op.Min, op.Max), (-128 - zero, 127 - zero));
        numbers.Write(text);
        Each(model, op, numbers.Byte(CModel.Minus("input[i]", zero), "0"), text);
    }

    /// <summary>Sum or difference: a line through both where one gives the rule's byte for all pairs of bytes.</summary>
    public static void Write(CModel model, AddOp op, CText text)
    {
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
            text.Add($"    return edgeconv_requantize({a}\n        {(op.Subtract ? '-' : '+')} {b},\n        {Numbers(op.OutputFactor)}, {Range(model, op.Output, op.Min, op.Max)});\n}}");
        }

        Pairs(model, op, op.Other, $"{name}_byte(a, b)", text);

        string Share(string operand, int zero, QuantizedMultiplier factor) =>
            $"edgeconv_scale(({CModel.Minus(operand, zero)}) * {1 << AddOp.LeftShift}, {Numbers(factor)})";

        string Factor(int number) => number < 0 ? $"({number})" : $"{number}";
    }

    /// <summary>Product.</summary>
    public static void Write(CModel model, MulOp op, CText text)
    {
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
        text.Table("int8_t", $"{name}_alpha", model.Model.Int8Data(op.Alpha).ToArray());
        text.Add($$"""
            static void {{name}}(void)
            {
                const int8_t *const input = {{model.At(op.Input)}};
                int8_t *const output = {{model.At(op.Output)}};
                for (int32_t i = 0; i < {{model.Info(op.Input).Length}}; i++) {
                    const int32_t x = {{CModel.Minus("input[i]", model.Info(op.Input).ZeroPoint)}};
                    const int32_t alpha = {{CModel.Minus($"{name}_alpha[i % {alpha.Length}]", alpha.ZeroPoint)}};
                    output[i] = x >= 0 ? edgeconv_requantize(x, {{Numbers(op.Positive)}}, {{Range(model, op.Output, -128, 127)}})
                                       : edgeconv_requantize(x * alpha, {{Numbers(op.Negative)}}, {{Range(model, op.Output, -128, 127)}});
                }
            }
            """);
    }

    /// <summary>Softmax, a row of the last dimension at a time.</summary>
    public static void Write(CModel model, SoftmaxOp op, CText text) =>
        Rows(model, op, $"edgeconv_softmax(input + i, output + i, {Row(model, op)}, {op.Multiplier}, {op.LeftShift}, {op.DiffMin});", text);

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

    private static string Range(CModel model, int output, int min, int max) => $"{model.Info(output).ZeroPoint}, {min}, {max}";

    private static void Each(CModel model, ModelOperator op, string value, CText text) => text.Add($$"""
        static void {{model.Name(op)}}(void)
        {
            const int8_t *const input = {{model.At(op.Input)}};
            int8_t *const output = {{model.At(op.Output)}};
            for (int32_t i = 0; i < {{model.Info(op.Output).Length}}; i++) {
                output[i] = {{value}};
            }
        }
        """);

    private static void Rows(CModel model, ModelOperator op, string row, CText text) => text.Add($$"""
        static void {{model.Name(op)}}(void)
        {
            const int8_t *const input = {{model.At(op.Input)}};
            int8_t *const output = {{model.At(op.Output)}};
            for (int32_t i = 0; i < {{model.Info(op.Output).Length}}; i += {{Row(model, op)}}) {
                {{row}}
            }
        }
        """);

    /// <summary>Two tensors, a dimension of 1 repeated.</summary>
    private static void Pairs(CModel model, ModelOperator op, int other, string value, CText text)
    {
        if (model.Info(other).Storage == TensorStorage.Constant)
        {
            text.Table("int8_t", model.At(other), model.Model.Int8Data(other).ToArray());
        }

        Shape4 shape = new(model.Info(op.Output));
        int[] a = new Shape4(model.Info(op.Input)).BroadcastStrides(), b = new Shape4(model.Info(other)).BroadcastStrides();
        text.Add($$"""
            static void {{model.Name(op)}}(void)
            {
                const int8_t *const left = {{model.At(op.Input)}};
                const int8_t *const right = {{model.At(other)}};
                int8_t *output = {{model.At(op.Output)}};
                for (int32_t n = 0; n < {{shape[0]}}; n++) {
                    for (int32_t y = 0; y < {{shape[1]}}; y++) {
                        for (int32_t x = 0; x < {{shape[2]}}; x++) {
                            for (int32_t c = 0; c < {{shape[3]}}; c++) {
                                const int32_t a = left[{{ShapeC.Index(a)}}];
                                const int32_t b = right[{{ShapeC.Index(b)}}];
                                *output++ = {{value}};
                            }
                        }
                    }
                }
            }
            """);
    }
}
