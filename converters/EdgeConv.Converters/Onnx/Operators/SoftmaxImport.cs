using EdgeConv.Converters.Graphs;

namespace EdgeConv.Converters.Onnx.Operators;

/// <summary>Softmax, and what inference leaves out.</summary>
internal static class SoftmaxImport
{
    /// <summary>Softmax over classes: the channels.</summary>
    public static void Softmax(NodeImport node)
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

        node.EmitElementwise(new Softmax(), input);
    }

    /// <summary>Nothing, at inference.</summary>
    public static void Dropout(NodeImport node)
    {
        node.Ignore("ratio");
        node.Ignore("seed");
        node.PassOn();
    }
}
