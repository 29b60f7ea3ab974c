using EdgeConv.Converters.Graphs;
using EdgeConv.Runtime;

namespace EdgeConv.Converters.Onnx.Operators;

/// <summary>MaxPool, AveragePool and GlobalAveragePool.</summary>
internal static class PoolingImport
{
    /// <summary>Maximum over a window.</summary>
    public static void MaxPool(NodeImport node)
    {
        node.Ignore("storage_order"); // of the indices, a second output
        Pool(node, window => new MaxPool(window));
    }

    /// <summary>Mean over a window, where padding does not count.</summary>
    public static void AveragePool(NodeImport node)
    {
        bool counted = node.Int("count_include_pad", 0) != 0;
        Pool(node, window => counted && (node.Ints("pads")?.Any(p => p != 0) == true || node.Text("auto_pad", "NOTSET").StartsWith("SAME"))
            ? throw new UnsupportedNodeException("attribute count_include_pad = 1 with padding; 0 is supported")
            : new AveragePool(window));
    }

    /// <summary>Mean over the whole picture.</summary>
    public static void GlobalAveragePool(NodeImport node)
    {
        ImportedValue input = node.Activation(0);
        ImageShape image = input.Image;
        node.Emit(new AveragePool(new Window(image.Height, image.Width)), input, [1, image.Channels, 1, 1]);
    }

    private static void Pool(NodeImport node, Func<Window, Operation> create)
    {
        ImportedValue input = node.Activation(0);
        ImageShape image = input.Image;
        if (node.Ints("kernel_shape") is not [>= 1 and <= 1 << 20 and var kernelH, >= 1 and <= 1 << 20 and var kernelW])
        {
            throw new UnsupportedNodeException("attribute kernel_shape; two values of 1 or more are supported");
        }

        Window window = WindowImport.Read(node, image, (int)kernelH, (int)kernelW, node.Int("ceil_mode", 0) != 0);
        if (window.PadTop >= window.SpanH || window.PadLeft >= window.SpanW
            || window.PadBottom >= window.SpanH || window.PadRight >= window.SpanW)
        {
            throw new UnsupportedNodeException(
                $"a window of {window.SpanH}x{window.SpanW} with as much padding; it would see nothing else");
        }

        if (window.HasPadding && (window.DilationH > 1 || window.DilationW > 1))
        {
            throw new UnsupportedNodeException("attribute dilations together with padding; one or the other is supported");
        }

        node.Emit(create(window), input, [1, image.Channels, window.OutputH(image.Height), window.OutputW(image.Width)]);
    }
}
