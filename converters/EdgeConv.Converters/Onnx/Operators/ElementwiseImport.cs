using EdgeConv.Converters.Graphs;

namespace EdgeConv.Converters.Onnx.Operators;

/// <summary>Activations, arithmetic with a constant a channel, Softmax, and what inference leaves out.</summary>
internal static class ElementwiseImport
{
    /// <summary>A unary function.</summary>
    public static void Activate(NodeImport node, Activation function) => node.EmitElementwise(new Activate(function), node.Activation(0));

    /// <summary>Clip to [0, 6] is Relu6, to [0, infinity) Relu.</summary>
    public static void Clip(NodeImport node)
    {
        float min = node.Opset >= 11 ? (node.Has(1) ? node.Floats(1, 1)[0] : float.MinValue) : node.Float("min", float.MinValue);
        float max = node.Opset >= 11 ? (node.Has(2) ? node.Floats(2, 1)[0] : float.MaxValue) : node.Float("max", float.MaxValue);
        Activate(node, (min, max) switch
        {
            (0, 6) => Activation.Relu6,
            (0, >= float.MaxValue) => Activation.Relu,
            _ => throw new UnsupportedNodeException($"a clip to [{min}, {max}]; [0, 6] and [0, ...] are supported"),
        });
    }

    /// <summary>x + constant.</summary>
    public static void Add(NodeImport node) => Affine(node, commutes: true, (c, _) => (1, c));

    /// <summary>x - constant.</summary>
    public static void Sub(NodeImport node) => Affine(node, commutes: false, (c, _) => (1, -c));

    /// <summary>x * constant.</summary>
    public static void Mul(NodeImport node) => Affine(node, commutes: true, (c, _) => (c, 0));

    /// <summary>x / constant.</summary>
    public static void Div(NodeImport node) => Affine(node, commutes: false, (c, _) => (1 / c, 0));

    /// <summary>Softmax over classes: the channels.</summary>
    public static void Softmax(NodeImport node)
    {
        ImportedValue input = node.Activation(0);
        long axis = node.Int("axis", node.Opset >= 13 ? -1 : 1);
        axis = axis < 0 ? axis + input.OnnxShape.Count : axis;

        // Before opset 13 Softmax ran over everything from the axis on.
        bool overChannels = axis == 1 && (node.Opset >= 13 || input.OnnxShape.Skip(2).All(d => d == 1));
        if (!overChannels)
        {
            throw new UnsupportedNodeException($"attribute axis = {axis} on {input.OnnxShape.Text()}; 1 (the classes) is supported");
        }

        node.EmitElementwise(new Softmax(), input);
    }

    /// <summary>Nothing, at inference.</summary>
    public static void Dropout(NodeImport node)
    {
        node.Ignore("ratio");
        node.Ignore("seed");
        node.PassOn();
    }

    /// <summary>x * scale + shift with one value, or one value a channel: a batch normalization in all but name.</summary>
    private static void Affine(NodeImport node, bool commutes, Func<float, int, (float Scale, float Shift)> coefficients)
    {
        int constantInput = commutes && node.IsConstant(0) ? 0 : 1;
        ImportedValue input = node.Activation(1 - constantInput);
        if (!node.IsConstant(constantInput))
        {
            throw new UnsupportedNodeException("both inputs are computed; an activation with a constant is supported");
        }

        float[] values = PerChannel(node.Constant(constantInput), input);
        (float Scale, float Shift)[] both = [.. values.Select(coefficients)];
        float[] ones = [.. Enumerable.Repeat(1f, values.Length)];
        node.EmitElementwise(new BatchNormalization(
            [.. both.Select(b => b.Scale)], [.. both.Select(b => b.Shift)], new float[values.Length], ones, 0), input);
    }

    private static float[] PerChannel(OnnxConstant constant, ImportedValue input)
    {
        int channels = input.OnnxShape[1];
        int rank = input.OnnxShape.Count;

        // ONNX broadcasts from the last dimension: [C] fits a row, [C, 1, 1] a picture.
        int[] expected = rank == 4 ? [1, channels, 1, 1] : [1, channels];
        int[] padded = [.. Enumerable.Repeat(1, Math.Max(0, rank - constant.Shape.Length)), .. constant.Shape];
        if (constant.Length == 1 && padded.Length == rank)
        {
            return [.. Enumerable.Repeat(constant.Floats()[0], channels)];
        }

        return padded.SequenceEqual(expected)
            ? input.FlattenedFrom?.RowsToHwc(constant.Floats()) ?? constant.Floats()
            : throw new UnsupportedNodeException($"a constant of shape {constant.Shape.Text()} with "
                + $"{input.OnnxShape.Text()}; one value, or one a channel, is supported");
    }
}
