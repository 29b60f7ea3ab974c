using EdgeConv.Runtime;

namespace EdgeConv.Converters.CodeGen;

/// <summary>Fully connected layers by the vector extension: sixteen inputs against sixteen weights each of eight rows, by <see cref="VectorTile"/>.</summary>
internal static class VectorRows
{
    private const string Algorithm = "sixteen inputs a vector, eight rows";
    private const int Lanes = VectorTile.Lanes;

    /// <summary>The form, or why there is none.</summary>
    public static LayerWay Way(CModel model, FullyConnectedOp op, OutputNumbers numbers)
    {
        if (!numbers.HasVectors)
        {
            return new RejectedForm(Extension.Mve, Algorithm, RejectedForm.NoVectors);
        }

        (int outputs, int inputs) = (model.Info(op.Weights).Shape[0], model.Info(op.Weights).Shape[1]);
        int vectors = (inputs + Lanes - 1) / Lanes, batch = model.Info(op.Input).Length / inputs;
        VectorTile tile = new(new(Places: 1, 0, 1, vectors, 0, IsGathered: false), numbers.Vectors, outputs, [0], IsPooled: false, inputs);
        return new LayerForm(Extension.Mve, Algorithm)
        {
            TableBytes = outputs * vectors * Lanes + numbers.VectorTableBytes,
            Instructions = batch * tile.Instructions + 30,
            Write = Write,
        };

        void Write(CText text)
        {
            string name = model.Name(op);
            ReadOnlySpan<sbyte> weights = model.Model.Weights(op.Weights);
            sbyte[] filled = new sbyte[outputs * vectors * Lanes];
            for (int row = 0; row < outputs; row++)
            {
                weights.Slice(row * inputs, inputs).CopyTo(filled.AsSpan(row * vectors * Lanes));
            }

            numbers.WriteVectors(text);
            text.Table("int8_t", $"{name}_weights", tile.Weights(filled));
            text.Add($$"""
                {{tile.Text($"{name}_rows")}}
                static void {{name}}(void)
                {
                    {{name}}_rows({{model.At(op.Input)}}, {{name}}_weights, {{name}}_numbers, {{model.At(op.Output)}}, {{batch}}, NULL);
                }
                """);
        }
    }
}
