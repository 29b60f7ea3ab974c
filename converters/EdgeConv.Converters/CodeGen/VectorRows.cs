using EdgeConv.Runtime;

namespace EdgeConv.Converters.CodeGen;

/// <summary>Fully connected layers by the vector extension: sixteen inputs against sixteen weights each of four rows.</summary>
internal static class VectorRows
{
    private const string Algorithm = "sixteen inputs a vector, four rows";
    private const int Lanes = 16, Rows = 4;

    /// <summary>The form, or why there is none.</summary>
    public static LayerWay Way(CModel model, FullyConnectedOp op, OutputNumbers numbers)
    {
        if (!numbers.IsSolved)
        {
            return new RejectedForm(Extension.Mve, Algorithm, RejectedForm.Unsolved);
        }

        (int outputs, int inputs) = (model.Info(op.Weights).Shape[0], model.Info(op.Weights).Shape[1]);
        int blocks = (outputs + Rows - 1) / Rows, vectors = (inputs + Lanes - 1) / Lanes, batch = model.Info(op.Input).Length / inputs;
        return new LayerForm(Extension.Mve, Algorithm)
        {
            TableBytes = blocks * Rows * vectors * Lanes + numbers.TableBytes,
            Instructions = batch * (blocks * (vectors * 11L + 12) + (long)outputs * numbers.Instructions),
            Write = text => Write(model, op, numbers, text),
        };
    }

    private static void Write(CModel model, FullyConnectedOp op, OutputNumbers numbers, CText text)
    {
        string name = model.Name(op);
        (int outputs, int inputs) = (model.Info(op.Weights).Shape[0], model.Info(op.Weights).Shape[1]);
        int bytes = (inputs + Lanes - 1) / Lanes * Lanes;
        numbers.Write(text);
        text.Table("int8_t", $"{name}_weights", Arrange(model.Model.Weights(op.Weights), outputs, inputs));
        text.Add($$"""
            static inline void {{name}}_rows(const int8_t *x, const int8_t *w, int32_t *sums)
            {
                int32_t s0 = 0, s1 = 0, s2 = 0, s3 = 0;
                for (int32_t i = 0; i < {{bytes}}; i += {{Lanes}}) {
                    const edgeconv_bytes v = edgeconv_load(x + i);
                    s0 = edgeconv_dot(s0, v, edgeconv_load(w));
                    s1 = edgeconv_dot(s1, v, edgeconv_load(w + {{Lanes}}));
                    s2 = edgeconv_dot(s2, v, edgeconv_load(w + {{2 * Lanes}}));
                    s3 = edgeconv_dot(s3, v, edgeconv_load(w + {{3 * Lanes}}));
                    w += {{Rows * Lanes}};
                }
                sums[0] = s0;
                sums[1] = s1;
                sums[2] = s2;
                sums[3] = s3;
            }
            static void {{name}}(void)
            {
                const int8_t *input = {{model.At(op.Input)}};
                int8_t *output = {{model.At(op.Output)}};
                for (int32_t row = 0; row < {{model.Info(op.Input).Length / inputs}}; row++) {
                    const int8_t *w = {{name}}_weights;
                    int32_t sums[{{Rows}}];
            """);
        int full = outputs / Rows * Rows, left = outputs % Rows;
        if (full > 0)
        {
            text.Add($$"""
                        for (int32_t filter = 0; filter < {{full}}; filter += {{Rows}}) {
                            {{name}}_rows(input, w, sums);
                {{Outputs(Rows, "filter", "            ")}}
                            w += {{Rows * bytes}};
                        }
                """);
        }

        if (left > 0)
        {
            text.Add($"""
                        {name}_rows(input, w, sums);
                {Outputs(left, $"{full}", "        ")}
                """);
        }

        text.Add($$"""
                    input += {{inputs}};
                }
            }
            """);

        string Outputs(int count, string filter, string indent) =>
            string.Join('\n', Enumerable.Range(0, count).Select(i => $"{indent}*output++ = {numbers.Byte($"sums[{i}]", $"{filter} + {i}")};"));
    }

    /// <summary>[block of four rows][sixteen inputs][row], filled up with zeros.</summary>
    private static sbyte[] Arrange(ReadOnlySpan<sbyte> weights, int outputs, int inputs)
    {
        List<sbyte> arranged = [];
        for (int block = 0; block < outputs; block += Rows)
        {
            for (int vector = 0; vector < inputs; vector += Lanes)
            {
                for (int row = block; row < block + Rows; row++)
                {
                    for (int i = vector; i < vector + Lanes; i++)
                    {
                        arranged.Add(row < outputs && i < inputs ? weights[row * inputs + i] : (sbyte)0);
                    }
                }
            }
        }

        return [.. arranged];
    }
}
