using EdgeConv.Converters.Graphs;

namespace EdgeConv.Converters.Onnx.Operators;

/// <summary>Gemm and MatMul with constant weights, as fully connected layers.</summary>
internal static class DenseImport
{
    /// <summary>alpha * A * B + beta * C, A the activation, B weights, C bias.</summary>
    public static void Gemm(NodeImport node)
    {
        ImportedValue input = node.Activation(0);
        if (node.Int("transA", 0) != 0 && input.Features != 1)
        {
            throw new UnsupportedNodeException("attribute transA = 1; 0 is supported, since the first dimension is the batch");
        }

        (float alpha, float beta) = (node.Float("alpha", 1), node.Float("beta", 1));
        (float[] weights, int outputs, GivenImport.Integers? integers) = Weights(node, input, node.Int("transB", 0) != 0);
        float[] bias = new float[outputs];
        OnnxConstant? c = node.Has(2) ? node.Constant(2) : null;
        if (c is not null)
        {
            float[] values = c.Length == 1 ? [.. Enumerable.Repeat(c.Floats()[0], outputs)] : node.Floats(2, outputs);
            bias = [.. values.Select(v => v * beta)];
        }

        var layer = new FullyConnected(weights, bias);
        if (integers is not null)
        {
            long[]? steps = alpha == 1 && beta == 1 ? GivenImport.Bias(node, c, input, integers.Scales) : null;
            layer = layer with { Given = Given(integers, input.Features, steps) };
        }

        if (alpha != 1)
        {
            layer = layer with
            {
                Weights = [.. layer.Weights.Select(w => w * alpha)],
                Given = layer.Given?.Scaled([.. bias.Select(_ => (double)alpha)], new double[outputs]),
            };
        }

        Emit(node, layer, input, integers);
    }

    /// <summary>A row times constant weights [I, O].</summary>
    public static void MatMul(NodeImport node)
    {
        ImportedValue input = node.Activation(0);
        (float[] weights, int outputs, GivenImport.Integers? integers) = Weights(node, input, false);
        var layer = new FullyConnected(weights, new float[outputs]);
        Emit(node, integers is null ? layer : layer with { Given = Given(integers, input.Features, new long[outputs]) }, input, integers);
    }

    private static void Emit(NodeImport node, FullyConnected layer, ImportedValue input, GivenImport.Integers? integers) => node.Emit(
        layer.Given is { } given ? layer with { Weights = given.Floats() } : layer,
        GivenImport.Copies(node, input, layer.Given is null ? 1 : integers!.Parts.Count, 1), [1, layer.Bias.Length]);

    private static GivenWeights Given(GivenImport.Integers integers, int run, long[]? bias) =>
        new(GivenImport.Join(integers.Parts, run), integers.Scales, bias, integers.ZeroPoint);

    private static (float[] Weights, int Outputs, GivenImport.Integers? Integers) Weights(NodeImport node, ImportedValue input, bool transposed)
    {
        OnnxConstant constant = node.Constant(1);
        int inputs = input.Features;
        if (constant.Shape.Length != 2 || constant.Length == 0 || constant.Shape[transposed ? 1 : 0] != inputs)
        {
            throw new UnsupportedNodeException($"weights of shape {constant.Shape.Text()} for {inputs} inputs; "
                + (transposed ? $"[O, {inputs}] is supported" : $"[{inputs}, O] is supported"));
        }

        int outputs = constant.Shape[transposed ? 0 : 1];
        T[] Order<T>(T[] values)
        {
            T[] oi = transposed ? values : Transpose(values, inputs, outputs);
            return input.FlattenedFrom?.RowsToHwc(oi) ?? oi;
        }

        return (Order(constant.Floats()), outputs,
            GivenImport.Read(constant.Quantized, transposed ? 0 : 1, outputs, Order, mayHaveZeroPoint: true));
    }

    private static T[] Transpose<T>(T[] values, int rows, int columns)
    {
        var result = new T[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            result[(i % columns * rows) + (i / columns)] = values[i];
        }

        return result;
    }
}
