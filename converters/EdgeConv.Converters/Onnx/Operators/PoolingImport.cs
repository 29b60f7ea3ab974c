using EdgeConv.Converters.Graphs;
using EdgeConv.Runtime;

namespace EdgeConv.Converters.Onnx.Operators;

/// <summary>MaxPool, AveragePool, their global forms, and ReduceMean and ReduceMax over a picture.</summary>
internal static class PoolingImport
{
    /// <summary>Maximum over a window.</summary>
    public static void MaxPool(NodeImport node)
    {
        node.Ignore("storage_order"); // of the indices, a second output
        Pool(node, window => new MaxPool(window));
    }

    /// <summary>Mean over a window. Padding does not count, or is a frame of zeros that does.</summary>
    public static void AveragePool(NodeImport node)
    {
        bool counted = node.Int("count_include_pad", 0) != 0;
        Pool(node, window => new AveragePool(window), counted);
    }

    /// <summary>Mean over the whole picture.</summary>
    public static void GlobalAveragePool(NodeImport node) => Global(node, window => new AveragePool(window));

    /// <summary>Maximum over the whole picture.</summary>
    public static void GlobalMaxPool(NodeImport node) => Global(node, window => new MaxPool(window));

    /// <summary>Mean or maximum over rows and columns; axes are an attribute before opset 18.</summary>
    public static Action<NodeImport> Reduce(Func<Window, Operation> create) => node =>
    {
        ImportedValue input = node.Activation(0);
        int rank = input.OnnxShape.Count;
        bool keep = node.Int("keepdims", 1) != 0;
        node.Require("noop_with_empty_axes", 0, 0);
        long[] axes = (node.Opset >= 18 ? (node.Has(1) ? node.Constant(1).Integers() : null) : node.Ints("axes")) ?? [];
        long[] reduced = [.. axes.Select(a => a < 0 ? a + rank : a).Order()];
        if (rank != 4 || input.ViewOf is not null || !reduced.SequenceEqual(input.IsAsStored ? [1L, 2L] : [2L, 3L]))
        {
            throw new UnsupportedNodeException($"axes = {axes.Text()} on {input.OnnxShape.Text()}; rows and columns of a picture are supported");
        }

        IReadOnlyList<int> stored = input.Value.Shape;
        int[] kept = input.IsAsStored ? [1, 1, 1, stored[3]] : [1, stored[3], 1, 1];
        Operation pool = create(new Window(stored[1], stored[2]));
        if (keep)
        {
            node.Emit(pool, [input], [1, 1, 1, stored[3]], v => new ImportedValue(v, kept) { IsAsStored = input.IsAsStored });
            return;
        }

        ImportedValue pooled = node.Insert($"{pool.Kind}", pool, input, [1, 1, 1, stored[3]], v => new ImportedValue(v, [1, stored[3], 1, 1]));
        node.Emit(new Reshape(), pooled, [1, stored[3]]);
    };

    private static void Global(NodeImport node, Func<Window, Operation> create)
    {
        ImportedValue input = node.Picture(0);
        ImageShape image = input.Image;
        node.Emit(create(new Window(image.Height, image.Width)), input, [1, image.Channels, 1, 1]);
    }

    private static void Pool(NodeImport node, Func<Window, Operation> create, bool padCounts = false)
    {
        ImportedValue input = node.Picture(0);
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

        int[] shape = [1, image.Channels, window.OutputH(image.Height), window.OutputW(image.Width)];
        if (padCounts && window.HasPadding)
        {
            (input, window) = WithFrame(node, input, window);
        }

        node.Emit(create(window), input, shape);
    }

    // Only padding that the file asks for counts; what a rounded-up size adds at the end does not.
    private static (ImportedValue Input, Window Window) WithFrame(NodeImport node, ImportedValue input, Window w)
    {
        ImageShape image = input.Image;
        int[] asked = node.Ints("pads") is { } pads && node.Text("auto_pad", "NOTSET") == "NOTSET"
            ? [.. pads.Select(p => (int)p)]
            : [w.PadTop, w.PadLeft, w.PadBottom, w.PadRight];
        var frame = new Pad(asked[0], asked[1], asked[2], asked[3]);
        (int height, int width) = (image.Height + asked[0] + asked[2], image.Width + asked[1] + asked[3]);
        ImportedValue framed = node.Insert($"frame{string.Join('_', asked)}", frame, input, [1, height, width, image.Channels],
            v => new ImportedValue(v, [1, image.Channels, height, width]));
        return (framed, w with { PadTop = 0, PadLeft = 0, PadBottom = w.PadBottom - asked[2], PadRight = w.PadRight - asked[3] });
    }
}
