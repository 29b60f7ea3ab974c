using EdgeConv.Runtime;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Converters.CodeGen;

/// <summary>Layers that move bytes, and means over dimensions.</summary>
internal static class ShapeC
{
    private static readonly string[] _variables = ["n", "y", "x", "c"];

    /// <summary>The index of an element by n, y, x and c; strides of 0 are left out.</summary>
    public static string Index(IReadOnlyList<int> strides, int first = 0)
    {
        string[] terms = [.. _variables.Zip(strides).Where(pair => pair.Second != 0).Select(pair => pair.Second == 1 ? pair.First : $"{pair.First} * {pair.Second}")];
        return terms.Length == 0 ? $"{first}" : first == 0 ? string.Join(" + ", terms) : $"{first} + {string.Join(" + ", terms)}";
    }

    /// <summary>The same bytes under another shape.</summary>
    public static void Write(CModel model, ReshapeOp op, CText text) => text.Add(model.At(op.Input) == model.At(op.Output)
        ? $$"""
          static void {{model.Name(op)}}(void)
          {
              /* the same bytes, where they are */
          }
          """
        : $$"""
          static void {{model.Name(op)}}(void)
          {
              for (int32_t i = 0; i < {{model.Info(op.Output).ByteLength}}; i++) {
                  {{model.At(op.Output)}}[i] = {{model.At(op.Input)}}[i];
              }
          }
          """);

    /// <summary>Tensors one behind the other.</summary>
    public static void Write(CModel model, ConcatOp op, CText text)
    {
        int outer = model.Info(op.Output).Shape.Take(op.Axis).Aggregate(1, (a, b) => a * b);
        text.Add($$"""
            static void {{model.Name(op)}}(void)
            {
                int8_t *output = {{model.At(op.Output)}};
                for (int32_t i = 0; i < {{outer}}; i++) {
            """);
        foreach (int part in op.Parts)
        {
            int run = model.Info(part).Shape.Skip(op.Axis).Aggregate(1, (a, b) => a * b);
            text.Add($$"""
                        for (int32_t k = 0; k < {{run}}; k++) {
                            *output++ = {{model.At(part)}}[i * {{run}} + k];
                        }
                """);
        }

        text.Add("""
                }
            }
            """);
    }

    /// <summary>A frame of a constant.</summary>
    public static void Write(CModel model, PadOp op, CText text)
    {
        Shape4 from = new(model.Info(op.Input)), to = new(model.Info(op.Output));
        int[] strides = [to[1] * to[2] * to[3], to[2] * to[3], to[3], 1];
        int first = (op.Top * to[2] + op.Left) * to[3] + op.Front;
        text.Add($$"""
            static void {{model.Name(op)}}(void)
            {
                const int8_t *input = {{model.At(op.Input)}};
                int8_t *const output = {{model.At(op.Output)}};
                for (int32_t i = 0; i < {{model.Info(op.Output).Length}}; i++) {
                    output[i] = {{op.Value}};
                }
            {{Loops(from, $"output[{Index(strides, first)}] = *input++;")}}
            }
            """);
    }

    /// <summary>The dimensions in another order.</summary>
    public static void Write(CModel model, TransposeOp op, CText text)
    {
        int[] strides = new Shape4(model.Info(op.Input)).BroadcastStrides();
        Gather(model, op, [strides[op.Order0], strides[op.Order1], strides[op.Order2], strides[op.Order3]], 0, text);
    }

    /// <summary>A part of a tensor.</summary>
    public static void Write(CModel model, SliceOp op, CText text)
    {
        SliceDimension[] dimensions = [op.D0, op.D1, op.D2, op.D3];
        int[] strides = new Shape4(model.Info(op.Input)).BroadcastStrides();
        Gather(model, op, [.. dimensions.Select((d, i) => strides[i] * d.Stride)], dimensions.Select((d, i) => strides[i] * d.Begin).Sum(), text);
    }

    /// <summary>Another number of rows and columns.</summary>
    public static void Write(CModel model, ResizeOp op, CText text)
    {
        string name = model.Name(op);
        Shape4 from = new(model.Info(op.Input)), to = new(model.Info(op.Output));
        Func<int, int, ResizeCoordinates, int[]> positions = op.Mode == ResizeMode.Nearest ? ResizePositions.Nearest : ResizePositions.Bilinear;
        text.Table("int32_t", $"{name}_rows", positions(from[1], to[1], op.Coordinates));
        text.Table("int32_t", $"{name}_columns", positions(from[2], to[2], op.Coordinates));
        int channels = to[3], line = from[2] * channels;
        const int One = 1 << ResizePositions.FractionBits;
        string pixel = op.Mode == ResizeMode.Nearest
            ? $"*output++ = input[n * {from[1] * line} + {name}_rows[y] * {line} + {name}_columns[x] * {channels} + c];"
            : $$"""
              const int32_t down = {{name}}_rows[y] % {{One}}, across = {{name}}_columns[x] % {{One}};
              const int8_t *const above = input + n * {{from[1] * line}} + {{name}}_rows[y] / {{One}} * {{line}} + {{name}}_columns[x] / {{One}} * {{channels}} + c;
              const int8_t *const below = down == 0 ? above : above + {{line}};
              const int32_t right = across == 0 ? 0 : {{channels}};
              const int32_t sum = above[0] * (({{One}} - down) * ({{One}} - across)) + above[right] * (({{One}} - down) * across)
                  + below[0] * (down * ({{One}} - across)) + below[right] * (down * across);
              *output++ = (int8_t)((sum + (sum > 0 ? {{One * One / 2}} : -{{One * One / 2}})) / {{One * One}});
              """;
        text.Add($$"""
            static void {{name}}(void)
            {
                const int8_t *const input = {{model.At(op.Input)}};
                int8_t *output = {{model.At(op.Output)}};
            {{Loops(to, pixel)}}
            }
            """);
    }

    /// <summary>Mean over some dimensions.</summary>
    public static void Write(CModel model, MeanOp op, CText text)
    {
        TensorInfo input = model.Info(op.Input), output = model.Info(op.Output);
        Shape4 shape = new(input);
        int[] strides = [shape[1] * shape[2] * shape[3], shape[2] * shape[3], shape[3], 1];
        int[] kept = [.. Enumerable.Range(0, 4).Where(i => (op.Axes >> i & 1) == 0)], summed = [.. Enumerable.Range(0, 4).Where(i => (op.Axes >> i & 1) != 0)];
        string sum = Loops(shape, summed, $"sum += input[{Index(strides)}];", "");
        string body = $"int32_t sum = {-MeanOp.Count(input, op.Axes) * input.ZeroPoint};\n{sum}\n"
            + $"*output++ = edgeconv_requantize(sum, {op.Factor.Multiplier}, {op.Factor.Shift}, {output.ZeroPoint}, -128, 127);";
        text.Add($$"""
            static void {{model.Name(op)}}(void)
            {
                const int8_t *const input = {{model.At(op.Input)}};
                int8_t *output = {{model.At(op.Output)}};
            {{Loops(shape, kept, body, "    ")}}
            }
            """);
    }

    private static void Gather(CModel model, ModelOperator op, IReadOnlyList<int> strides, int first, CText text) => text.Add($$"""
        static void {{model.Name(op)}}(void)
        {
            const int8_t *const input = {{model.At(op.Input)}};
            int8_t *output = {{model.At(op.Output)}};
        {{Loops(new Shape4(model.Info(op.Output)), $"*output++ = input[{Index(strides, first)}];")}}
        }
        """);

    private static string Loops(Shape4 shape, string body) => Loops(shape, [0, 1, 2, 3], body, "    ");

    /// <summary>Nested loops over some dimensions.</summary>
    private static string Loops(Shape4 shape, int[] dimensions, string body, string indent)
    {
        if (dimensions.Length == 0)
        {
            return indent + body.Replace("\n", "\n" + indent);
        }

        string variable = _variables[dimensions[0]];
        return $"{indent}for (int32_t {variable} = 0; {variable} < {shape[dimensions[0]]}; {variable}++) {{\n"
            + $"{Loops(shape, dimensions[1..], body, indent + "    ")}\n{indent}}}";
    }
}
