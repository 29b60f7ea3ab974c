using EdgeConv.Runtime;

namespace EdgeConv.Converters.CodeGen;

/// <summary>Fully connected layers: four outputs together, so that an input is read once for four products.</summary>
internal static class FullyConnectedC
{
    /// <summary>The layer's constants and its function.</summary>
    public static void Write(CModel model, FullyConnectedOp op, CText text)
    {
        string name = model.Name(op);
        TensorInfo matrix = model.Info(op.Weights);
        (int outputs, int inputs) = (matrix.Shape[0], matrix.Shape[1]);
        FilterBlocks blocks = new(outputs);
        ReadOnlySpan<sbyte> weights = model.Model.Weights(op.Weights);
        OutputNumbers numbers = OutputNumbers.Write(model, name, (op.Input, op.Output), (op.Bias, op.Multipliers, op.Shifts), (op.Min, op.Max),
            matrix.ZeroPoint == 0 ? weights : [], text);
        if (numbers.IsFolded)
        {
            // As a window of one row.
            DspSumText dsp = new(name, rows: 1, inputs, rowStep: 0, part: 4);
            text.Add("#ifdef EDGECONV_DSP");
            text.Table("int8_t", $"{name}_weights", dsp.Arrange(weights, blocks));
            text.Add(string.Join('\n', blocks.Sizes.Select(dsp.WriteOne)));
            Layer(size => $$"""
                        int32_t sums[{{size}}];
                        {{name}}_one{{size}}(input, w, {{name}}_bias + filter, sums);
                        w += {{size * dsp.BytesAFilter}};
                """, "sums[", "]");
            text.Add("#else");
        }

        text.Table("int8_t", $"{name}_weights", blocks.Arrange(weights, groups: 1, inputs));
        Layer(size => $$"""
            {{Each(size, i => $"            int32_t s{i} = {name}_bias[filter + {i}];")}}
                        for (int32_t i = 0; i < {{inputs}}; i++) {
                            const int32_t v = {{numbers.Pixel("input[i]")}};
            {{Each(size, i => $"                s{i} += v * {Weight(i, matrix.ZeroPoint)};")}}
                            w += {{size}};
                        }
            """, "s", "");
        if (numbers.IsFolded)
        {
            text.Add("#endif");
        }

        void Layer(Func<int, string> sums, string before, string after)
        {
            text.Add($$"""
                static void {{name}}(void)
                {
                    const int8_t *input = {{model.At(op.Input)}};
                    int8_t *output = {{model.At(op.Output)}};
                    for (int32_t row = 0; row < {{model.Info(op.Input).Length / inputs}}; row++) {
                        const int8_t *w = {{name}}_weights;
                        int32_t filter = 0;
                """);
            foreach ((_, int size, int count) in blocks.Runs)
            {
                text.Add($$"""
                            {{(count > 1 ? $"for (int32_t block = 0; block < {count}; block++) " : "")}}{
                    {{sums(size)}}
                    {{Each(size, i => $"            *output++ = {numbers.Requantize($"{before}{i}{after}", $"filter + {i}")};")}}
                                filter += {{size}};
                            }
                    """);
            }

            text.Add($$"""
                        input += {{inputs}};
                    }
                }
                """);
        }
    }

    private static string Each(int size, Func<int, string> line) => string.Join('\n', Enumerable.Range(0, size).Select(line));

    private static string Weight(int i, int zeroPoint) => zeroPoint == 0 ? $"w[{i}]" : $"({CModel.Minus($"w[{i}]", zeroPoint)})";
}
