using EdgeConv.Runtime;

namespace EdgeConv.Converters.CodeGen;

/// <summary>Poolings over windows; padding counts in neither.</summary>
internal static class PoolC
{
    /// <summary>Maximum.</summary>
    public static void Write(CModel model, MaxPoolOp op, CText text) => Write(
        model, op, op.Window, $"int32_t best = {model.Bounds(op.Output).Least};", "best = value > best ? value : best;", $"edgeconv_clamp(best, {op.Min}, {op.Max})", text);

    /// <summary>Average.</summary>
    public static void Write(CModel model, AveragePoolOp op, CText text) => Write(
        model, op, op.Window, "int32_t sum = 0, count = 0;", "sum += value;\n                            count++;",
        $"edgeconv_clamp(edgeconv_mean(sum, count), {op.Min}, {op.Max})", text);

    private static void Write(CModel model, ModelOperator op, Window w, string begin, string take, string result, CText text)
    {
        (int height, int width, int channels) = model.Image(op.Input);
        (int rows, int columns, _) = model.Image(op.Output);
        string inside = w.HasPadding ? $"if (row >= 0 && row < {height} && column >= 0 && column < {width}) " : "";
        text.Add($$"""
            static void {{model.Name(op)}}(void)
            {
                const {{model.Element(op.Input)}} *const input = {{model.At(op.Input)}};
                {{model.Element(op.Output)}} *output = {{model.At(op.Output)}};
                for (int32_t y = 0; y < {{rows}}; y++) {
                    for (int32_t x = 0; x < {{columns}}; x++) {
                        for (int32_t c = 0; c < {{channels}}; c++) {
                            {{begin}}
                            for (int32_t ky = 0; ky < {{w.KernelH}}; ky++) {
                                for (int32_t kx = 0; kx < {{w.KernelW}}; kx++) {
                                    const int32_t row = {{CModel.Minus($"{CModel.Times("y", w.StrideH)} + {CModel.Times("ky", w.DilationH)}", w.PadTop)}};
                                    const int32_t column = {{CModel.Minus($"{CModel.Times("x", w.StrideW)} + {CModel.Times("kx", w.DilationW)}", w.PadLeft)}};
                                    {{inside}}{
                                        const int32_t value = input[(row * {{width}} + column) * {{channels}} + c];
                                        {{take.Replace("\n", "\n            ")}}
                                    }
                                }
                            }
                            *output++ = ({{model.Element(op.Output)}}){{result}};
                        }
                    }
                }
            }
            """);
    }
}
