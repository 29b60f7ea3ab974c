using System.Text.RegularExpressions;
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
    public static void Write(CModel model, ReshapeOp op, CText text) => text.Add(model.Bytes(op.Input) == model.Bytes(op.Output)
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
                  {{model.Bytes(op.Output)}}[i] = {{model.Bytes(op.Input)}}[i];
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
                {{model.Element(op.Output)}} *output = {{model.At(op.Output)}};
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
        int[] strides = [.. new Shape4(model.Info(op.Output)).BroadcastStrides().Select((stride, i) => from[i] == 1 ? 0 : stride)];
        int first = (op.Top * to[2] + op.Left) * to[3] + op.Front;
        text.Add($$"""
            static void {{model.Name(op)}}(void)
            {
                const {{model.Element(op.Input)}} *input = {{model.At(op.Input)}};
                {{model.Element(op.Output)}} *const output = {{model.At(op.Output)}};
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
        Shape4 to = new(model.Info(op.Output));
        Gather(model, op, [.. dimensions.Select((d, i) => to[i] == 1 ? 0 : strides[i] * d.Stride)], dimensions.Select((d, i) => strides[i] * d.Begin).Sum(), text);
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
        string image = from[0] == 1 ? "input" : $"input + n * {from[1] * line}";
        string pixel = op.Mode == ResizeMode.Nearest
            ? $"*output++ = ({image})[{name}_rows[y] * {line} + {name}_columns[x] * {channels}{(channels > 1 ? " + c" : "")}];"
            : $$"""
              const int32_t down = {{name}}_rows[y] % {{One}}, across = {{name}}_columns[x] % {{One}};
              const int8_t *const above = {{image}} + {{name}}_rows[y] / {{One}} * {{line}} + {{name}}_columns[x] / {{One}} * {{channels}}{{(channels > 1 ? " + c" : "")}};
              const int8_t *const below = down == 0 ? above : above + {{line}};
              const int32_t right = across == 0 ? 0 : {{channels}};
              const int32_t sum = above[0] * (({{One}} - down) * ({{One}} - across)) + above[right] * (({{One}} - down) * across)
                  + below[0] * (down * ({{One}} - across)) + below[right] * (down * across);
              *output++ = (int8_t)((sum + (sum > 0 ? {{One * One / 2}} : -{{One * One / 2}})) / {{One * One}});
              """;
        text.Add($$"""
            static void {{name}}(void)
            {
                const {{model.Element(op.Input)}} *const input = {{model.At(op.Input)}};
                {{model.Element(op.Output)}} *output = {{model.At(op.Output)}};
            {{Loops(to, pixel)}}
            }
            """);
    }

    /// <summary>Mean over some dimensions.</summary>
    public static void Write(CModel model, MeanOp op, CText text)
    {
        TensorInfo input = model.Info(op.Input);
        (int least, int most) = model.Bounds(op.Output);
        Shape4 shape = new(input);
        int[] strides = shape.BroadcastStrides();
        int[] kept = [.. Enumerable.Range(0, 4).Where(i => (op.Axes >> i & 1) == 0)], summed = [.. Enumerable.Range(0, 4).Where(i => (op.Axes >> i & 1) != 0)];
        string sum = Loops(shape, summed, $"sum += input[{Index(strides)}];", "");
        string body = $"int32_t sum = {-MeanOp.Count(input, op.Axes) * input.ZeroPoint};\n{sum}\n"
            + $"*output++ = {model.Requantize(op.Output, "sum", op.Factor, least, most)};";
        text.Add($$"""
            static void {{model.Name(op)}}(void)
            {
                const {{model.Element(op.Input)}} *const input = {{model.At(op.Input)}};
                {{model.Element(op.Output)}} *output = {{model.At(op.Output)}};
            {{Loops(shape, kept, body, "    ")}}
            }
            """);
    }

    private static void Gather(CModel model, ModelOperator op, IReadOnlyList<int> strides, int first, CText text) => text.Add($$"""
        static void {{model.Name(op)}}(void)
        {
            const {{model.Element(op.Input)}} *const input = {{model.At(op.Input)}};
            {{model.Element(op.Output)}} *output = {{model.At(op.Output)}};
        {{Loops(new Shape4(model.Info(op.Output)), $"*output++ = input[{Index(strides, first)}];")}}
        }
        """);

    /// <summary>Nested loops over n, y, x and c, without those of a dimension of 1, which is 0 in the body then.</summary>
    public static string Loops(Shape4 shape, string body) => Loops(shape, [0, 1, 2, 3], body, "    ");

    /// <summary>Nested loops over some dimensions; one of a single element that the body does not name needs none.</summary>
    private static string Loops(Shape4 shape, int[] dimensions, string body, string indent)
    {
        int[] looped = [.. dimensions.Where(d => shape[d] > 1 || Regex.IsMatch(body, $@"\b{_variables[d]}\b"))];
        if (looped.Length == 0)
        {
            return CText.Indent(body, indent);
        }

        string variable = _variables[looped[0]];
        string inner = looped.Length == 1 ? CText.Indent(body, indent + "    ") : Loops(shape, looped[1..], body, indent + "    ");
        return $"{indent}for (int32_t {variable} = 0; {variable} < {shape[looped[0]]}; {variable}++) {{\n{inner}\n{indent}}}";
    }
}
