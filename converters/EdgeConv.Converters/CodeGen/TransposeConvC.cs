using EdgeConv.Runtime;

namespace EdgeConv.Converters.CodeGen;

/// <summary>Transposed convolutions: an output pixel gathers the inputs whose kernels cover it.</summary>
internal static class TransposeConvC
{
    /// <summary>The layer's constants and its function.</summary>
    public static void Write(CModel model, TransposeConvOp op, CText text)
    {
        string name = model.Name(op);
        (int height, int width, int channels) = model.Image(op.Input);
        (int rows, int columns, int filters) = model.Image(op.Output);
        Window w = op.Window;
        text.Table("int8_t", $"{name}_weights", model.Model.Weights(op.Weights).ToArray());
        Sums sums = model.IsWide(op.Input) ? Wide(model, op, text) : Narrow(model, op, text);
        text.Add($$"""
            static void {{name}}(void)
            {
                const {{model.Element(op.Input)}} *const input = {{model.At(op.Input)}};
                {{model.Element(op.Output)}} *output = {{model.At(op.Output)}};
                for (int32_t y = 0; y < {{rows}}; y++) {
                    for (int32_t x = 0; x < {{columns}}; x++) {
                        for (int32_t filter = 0; filter < {{filters}}; filter++) {
                            {{sums.Type}} sum = {{sums.Start}};
                            for (int32_t ky = 0; ky < {{w.KernelH}}; ky++) {
                                const int32_t row = y + {{w.PadTop}} - ky * {{w.DilationH}};
                                for (int32_t kx = 0; kx < {{w.KernelW}}; kx++) {
                                    const int32_t column = x + {{w.PadLeft}} - kx * {{w.DilationW}};
                                    if (row >= 0 && row < {{height * w.StrideH}} && row % {{w.StrideH}} == 0
                                        && column >= 0 && column < {{width * w.StrideW}} && column % {{w.StrideW}} == 0) {
                                        const {{model.Element(op.Input)}} *const pixel = input + (row / {{w.StrideH}} * {{width}} + column / {{w.StrideW}}) * {{channels}};
                                        const int8_t *const tap = {{name}}_weights + ((filter * {{w.KernelH}} + ky) * {{w.KernelW}} + kx) * {{channels}};
                                        for (int32_t i = 0; i < {{channels}}; i++) {
                                            sum += {{sums.Pixel}} * tap[i];
                                        }
                                    }
                                }
                            }
                            *output++ = {{sums.Result}};
                        }
                    }
                }
            }
            """);
    }

    private static Sums Narrow(CModel model, TransposeConvOp op, CText text)
    {
        OutputNumbers numbers = new(model, op, (op.Bias, op.Multipliers, op.Shifts), (op.Min, op.Max), weights: []);
        numbers.Write(text);
        return new("int32_t", numbers.StartAt("filter"), numbers.Pixel("pixel[i]"), numbers.Byte("sum", "filter"));
    }

    private static Sums Wide(CModel model, TransposeConvOp op, CText text)
    {
        WideNumbers numbers = new(model, op, (op.Weights, op.Bias, op.Multipliers, op.Shifts), (op.Min, op.Max));
        numbers.Write(text);
        return new(numbers.SumType, numbers.StartAt("filter"), numbers.SumType == "int32_t" ? "pixel[i]" : "(int64_t)pixel[i]", numbers.Element("sum", "filter"));
    }

    /// <summary>A sum's C type, what it begins with, its factor of a product, and what becomes of it.</summary>
    private sealed record Sums(string Type, string Start, string Pixel, string Result);
}
