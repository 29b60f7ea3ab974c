using EdgeConv.Converters.Graphs;

namespace EdgeConv.Converters.Onnx.Operators;

/// <summary>Softmax, its logarithm, normalization over channels, and what inference leaves out.</summary>
internal static class SoftmaxImport
{
    /// <summary>Softmax over classes: the channels.</summary>
    public static void Softmax(NodeImport node) => OverClasses(node, new Softmax());

    /// <summary>Its logarithm.</summary>
    public static void LogSoftmax(NodeImport node) => OverClasses(node, new LogSoftmax());

    /// <summary>Local response normalization over channels.</summary>
    public static void Lrn(NodeImport node)
    {
        (long size, float alpha, float beta, float k) =
            (node.Int("size", 0), node.Float("alpha", 1e-4f), node.Float("beta", 0.75f), node.Float("bias", 1));
        if (size is < 1 or > short.MaxValue || !(alpha >= 0 && float.IsFinite(alpha)) || !float.IsFinite(beta) || !(k > 0 && float.IsFinite(k)))
        {
            throw new UnsupportedNodeException($"attributes size = {size}, alpha = {alpha}, beta = {beta}, bias = {k}; "
                + "a size of 1 or more, alpha of 0 or more and a positive bias are supported");
        }

        ImportedValue input = node.Picture(0);
        node.Emit(new Lrn((int)size, alpha, beta, k), input, [1, input.Image.Channels, input.Image.Height, input.Image.Width]);
    }

    /// <summary>Nothing, at inference.</summary>
    public static void Dropout(NodeImport node)
    {
        node.Ignore("ratio");
        node.Ignore("seed");
        node.PassOn();
    }

    private static void OverClasses(NodeImport node, Operation operation)
    {
        ImportedValue input = node.Activation(0);
        long axis = node.Int("axis", node.Opset >= 13 ? -1 : 1);
        axis = axis < 0 ? axis + input.OnnxShape.Count : axis;

        // Before opset 13 Softmax ran over everything from the axis on. We store channels last.
        int channels = input.IsAsStored ? 3 : 1;
        bool overChannels = axis == channels && (node.Opset >= 13 || input.OnnxShape.Skip(channels + 1).All(d => d == 1));
        if (!overChannels || input.ViewOf is not null)
        {
            throw new UnsupportedNodeException($"attribute axis = {axis} on {input.OnnxShape.Text()}; 1 (the classes) is supported");
        }

        node.EmitElementwise(operation, input);
    }
}
