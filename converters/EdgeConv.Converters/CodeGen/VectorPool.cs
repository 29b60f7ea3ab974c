using EdgeConv.Runtime;

namespace EdgeConv.Converters.CodeGen;

/// <summary>Poolings by the vector extension: the channels of a pixel side by side, what lies outside left out of the loops.</summary>
internal static class VectorPool
{
    /// <summary>Sums of so many bytes stay in int16.</summary>
    private const int MostPixels = 256;

    /// <summary>Maximum.</summary>
    public static LayerWay Way(CModel model, MaxPoolOp op) =>
        Way(model, op, op.Window, 16, 8, "sixteen channels a vector", "edgeconv_largest", (op.Min, op.Max));

    /// <summary>Average.</summary>
    public static LayerWay Way(CModel model, AveragePoolOp op) =>
        Way(model, op, op.Window, 8, 22, "eight channels a vector", $"edgeconv_means", (op.Min, op.Max));

    private static LayerWay Way(CModel model, ModelOperator op, Window w, int lanes, int instructions, string algorithm, string function, (int, int) bounds)
    {
        string? why = model.IsWide(op.Input) ? "int16" : w.KernelH * w.KernelW > MostPixels ? $"more than {MostPixels} pixels" : null;
        if (why is not null)
        {
            return new RejectedForm(Extension.Mve, algorithm, why);
        }

        (int rows, int columns, int channels) = model.Image(op.Output);
        return new LayerForm(Extension.Mve, algorithm)
        {
            TableBytes = 0,
            Instructions = (long)rows * columns * (30 + (channels + lanes - 1) / lanes * (instructions + w.KernelH * (3L + w.KernelW * 4))),
            Write = text => Write(model, op, w, function, bounds, text),
        };
    }

    private static void Write(CModel model, ModelOperator op, Window w, string function, (int Min, int Max) bounds, CText text)
    {
        (int height, int width, int channels) = model.Image(op.Input);
        (int rows, int columns, _) = model.Image(op.Output);
        string y = Range("y", "top", w.StrideH, w.PadTop, w.DilationH, w.KernelH, rows, height, text: out string down);
        string x = Range("x", "left", w.StrideW, w.PadLeft, w.DilationW, w.KernelW, columns, width, text: out string across);
        text.Add($$"""
            static void {{model.Name(op)}}(void)
            {
                const int8_t *const input = {{model.At(op.Input)}};
                int8_t *output = {{model.At(op.Output)}};
                for (int32_t y = 0; y < {{rows}}; y++) {
            {{CText.Indent(y, "        ")}}
                    for (int32_t x = 0; x < {{columns}}; x++) {
            {{CText.Indent(x, "            ")}}
                        {{function}}(output, input + (top * {{width}} + left) * {{channels}}, {{down}}, {{across}}, {{w.DilationH * width * channels}}, {{w.DilationW * channels}},
                            {{channels}}, {{bounds.Min}}, {{bounds.Max}});
                        output += {{channels}};
                    }
                }
            }
            """);
    }

    /// <summary>Lines that set the first row (or column) of a window inside the image; and how many there are.</summary>
    private static string Range(string at, string first, int stride, int pad, int dilation, int kernel, int count, int size, out string text)
    {
        string begin = CModel.Minus(CModel.Times(at, stride), pad);
        if (pad == 0 && (count - 1) * stride + (kernel - 1) * dilation < size)
        {
            text = $"{kernel}";
            return $"const int32_t {first} = {begin};";
        }

        string outside = $"{first}_outside", inside = $"{first}_inside";
        text = $"{inside} - {outside}";
        string skipped = dilation == 1 ? $"{at}_begin < 0 ? -{at}_begin : 0" : $"{at}_begin < 0 ? ({dilation - 1} - {at}_begin) / {dilation} : 0";
        string left = dilation == 1 ? $"{size} - {at}_begin" : $"({size - 1 + dilation} - {at}_begin) / {dilation}";
        return $"""
            const int32_t {at}_begin = {begin}, {outside} = {skipped};
            const int32_t {inside} = {left} < {kernel} ? {left} : {kernel};
            const int32_t {first} = {at}_begin + {CModel.Times(outside, dilation)};
            """;
    }
}
