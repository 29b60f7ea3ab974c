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
        float[] weights = Weights(node, input, node.Int("transB", 0) != 0, out int outputs);
        float[] bias = new float[outputs];
        if (node.Has(2))
        {
            OnnxConstant c = node.Constant(2);
            float[] values = c.Length == 1 ? [.. Enumerable.Repeat(c.Floats()[0], outputs)] : node.Floats(2, outputs);
            bias = [.. values.Select(v => v * beta)];
        }

        node.Emit(new FullyConnected(alpha == 1 ? weights : [.. weights.Select(w => w * alpha)], bias), input, [1, outputs]);
    }

    /// <summary>A row times constant weights [I, O].</summary>
    public static void MatMul(NodeImport node)
    {
        ImportedValue input = node.Activation(0);
        float[] weights = Weights(node, input, false, out int outputs);
        node.Emit(new FullyConnected(weights, new float[outputs]), input, [1, outputs]);
    }

    private static float[] Weights(NodeImport node, ImportedValue input, bool transposed, out int outputs)
    {
        OnnxConstant constant = node.Constant(1);
        int inputs = input.Features;
        if (constant.Shape.Length != 2 || constant.Length == 0 || constant.Shape[transposed ? 1 : 0] != inputs)
        {
            throw new UnsupportedNodeException($"weights of shape {constant.Shape.Text()} for {inputs} inputs; "
                + (transposed ? $"[O, {inputs}] is supported" : $"[{inputs}, O] is supported"));
        }

        outputs = constant.Shape[transposed ? 0 : 1];
        float[] values = constant.Floats();
        float[] oi = transposed ? values : Transpose(values, inputs, outputs);
        return input.FlattenedFrom?.RowsToHwc(oi) ?? oi;
    }

    private static float[] Transpose(float[] values, int rows, int columns)
    {
        var result = new float[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            result[(i % columns * rows) + (i / columns)] = values[i];
        }

        return result;
    }
}
