using EdgeConv.Runtime;

namespace EdgeConv.Converters.CodeGen;

/// <summary>Fully connected layers: four outputs together, so that an input is read once for four products.</summary>
internal static class FullyConnectedC
{
    // Instructions a multiply-add, measured on the emulated M3 and M4.
    private const double PortableMac = 3, DspMac = 1.65, PackedPortableMac = 3.5, PackedDspMac = 1.85;

    /// <summary>The ways to compute one.</summary>
    public static IReadOnlyList<LayerWay> Ways(CModel model, FullyConnectedOp op)
    {
        TensorInfo matrix = model.Info(op.Weights);
        OutputNumbers numbers = new(
            model, op, (op.Bias, op.Multipliers, op.Shifts), (op.Min, op.Max), matrix.ZeroPoint == 0 ? model.Model.Weights(op.Weights) : []);
        const string Dsp = "four rows, bytes widened in the loop";
        bool[] packings = [.. PackedWeights.Choices(matrix)];
        return
        [
            .. packings.Select(isPacked => Form(Extension.Portable, "four rows", isPacked, text => Portable(model, op, numbers, isPacked, text),
                new FilterBlocks(matrix.Shape[0]).Runs.Sum(run => run.Count * PackedWeights.Bytes(run.Size, isPacked)) * matrix.Shape[1])),
            .. packings.Select(LayerWay (isPacked) => numbers.IsFolded
                ? Form(Extension.Dsp, Dsp, isPacked, text => WithDsp(model, op, numbers, isPacked, text),
                    new FilterBlocks(matrix.Shape[0]).Runs.Sum(run => run.Count * OfRow(model, op, numbers, isPacked).Bytes(run.Size)))
                : new RejectedForm(Extension.Dsp, Dsp, "the weights have a zero point, or int32 no room for the input's in the bias")),
            PairedRows.Way(model, op, numbers),
            VectorRows.Way(model, op, numbers),
        ];

        LayerForm Form(Extension needs, string algorithm, bool isPacked, Action<CText> write, int weights)
        {
            long outputs = model.Info(op.Output).Length, macs = outputs * matrix.Shape[1];
            double each = needs == Extension.Dsp ? isPacked ? PackedDspMac : DspMac : isPacked ? PackedPortableMac : PortableMac;
            return new(needs, isPacked ? $"{algorithm}, {PackedWeights.Algorithm}" : algorithm)
            {
                TableBytes = weights + numbers.TableBytes,
                Instructions = (long)(macs * each) + outputs * numbers.Instructions,
                Write = write,
            };
        }
    }

    private static void Portable(CModel model, FullyConnectedOp op, OutputNumbers numbers, bool isPacked, CText text)
    {
        string name = model.Name(op);
        TensorInfo matrix = model.Info(op.Weights);
        (int outputs, int inputs) = (matrix.Shape[0], matrix.Shape[1]);
        FilterBlocks blocks = new(outputs);
        numbers.Write(text);
        text.Table("int8_t", $"{name}_weights", blocks.Arrange(model.Model.Weights(op.Weights), groups: 1, inputs, isPacked));
        Layer(model, op, numbers, blocks, text, size => $$"""
            {{Each(size, i => $"            int32_t s{i} = {numbers.StartAt($"filter + {i}")};")}}
                        for (int32_t i = 0; i < {{inputs}}; i++) {
                            const int32_t v = {{numbers.Pixel("input[i]")}};
            {{Each(size, i => $"                s{i} += v * {Weight(i, matrix.ZeroPoint, isPacked)};")}}
                            w += {{PackedWeights.Bytes(size, isPacked)}};
                        }
            """, i => $"s{i}");
    }

    /// <summary>As a window of one row.</summary>
    private static DspSumText OfRow(CModel model, FullyConnectedOp op, OutputNumbers numbers, bool isPacked) =>
        new(model.Name(op), rows: 1, model.Info(op.Weights).Shape[1], rowStep: 0, part: 4, numbers, isPacked);

    private static void WithDsp(CModel model, FullyConnectedOp op, OutputNumbers numbers, bool isPacked, CText text)
    {
        string name = model.Name(op);
        FilterBlocks blocks = new(model.Info(op.Weights).Shape[0]);
        DspSumText dsp = OfRow(model, op, numbers, isPacked);
        numbers.Write(text);
        text.Table("int8_t", $"{name}_weights", dsp.Arrange(model.Model.Weights(op.Weights), blocks));
        HashSet<string> written = [];
        text.Add(string.Join('\n', blocks.Sizes.Select(size => dsp.WriteOne(size, written))));
        Layer(model, op, numbers, blocks, text, size => $$"""
                        int32_t sums[{{size}}];
                        {{name}}_one{{size}}(input, w{{numbers.BiasArgument("filter")}}, sums);
                        w += {{dsp.Bytes(size)}};
            """, i => $"sums[{i}]");
    }

    private static void Layer(CModel model, FullyConnectedOp op, OutputNumbers numbers, FilterBlocks blocks, CText text, Func<int, string> sums, Func<int, string> sum)
    {
        string name = model.Name(op);
        int inputs = model.Info(op.Weights).Shape[1];
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
                {{Each(size, i => $"            *output++ = {numbers.Byte(sum(i), $"filter + {i}")};")}}
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

    private static string Each(int size, Func<int, string> line) => string.Join('\n', Enumerable.Range(0, size).Select(line));

    private static string Weight(int i, int zeroPoint, bool isPacked) =>
        zeroPoint == 0 ? PackedWeights.Weight(i, isPacked) : $"({CModel.Minus(PackedWeights.Weight(i, isPacked), zeroPoint)})";
}
