using EdgeConv.Converters.Graphs;

namespace EdgeConv.Converters.Onnx.Operators;

/// <summary>Flatten, Reshape, Squeeze and Unsqueeze: of pictures to rows and back, and of shape constants.</summary>
internal static class ReshapeImport
{
    /// <summary>A picture to a row.</summary>
    public static void Flatten(NodeImport node)
    {
        ImportedValue input = node.Activation(0);
        long axis = node.Int("axis", 1);
        axis = axis < 0 ? axis + input.OnnxShape.Count : axis;
        if (axis is not (0 or 1))
        {
            throw new UnsupportedNodeException($"attribute axis = {axis}; 1 is supported");
        }

        To(node, input, [1, input.Value.Length]);
    }

    /// <summary>To a constant shape; 0 copies a dimension, -1 is what is left.</summary>
    public static void Reshape(NodeImport node)
    {
        node.Require("allowzero", 0, 0);
        IReadOnlyList<int> from = node.IsConstant(0) ? node.Constant(0).Shape : node.Activation(0).OnnxShape;
        long[] shape = [.. node.Constant(1).Integers().Select((d, i) => d == 0 && i < from.Count ? from[i] : d)];
        double known = shape.Where(d => d > 0).Aggregate(1.0, (n, d) => n * d);
        if (shape.Count(d => d == -1) == 1)
        {
            shape[Array.IndexOf(shape, -1)] = (long)(from.Aggregate(1.0, (n, d) => n * d) / known);
        }

        if (node.IsConstant(0))
        {
            node.Define(node.Constant(0).Reshaped(shape));
            return;
        }

        ImportedValue input = node.Activation(0);
        To(node, input, shape);
    }

    /// <summary>Drops dimensions of 1.</summary>
    public static void Squeeze(NodeImport node)
    {
        if (node.IsConstant(0))
        {
            long[] values = node.Constant(0).Integers();
            Axes(node);
            node.Define(OnnxConstant.FromIntegers(values, values.Length == 1 ? [] : [values.Length]));
            return;
        }

        ImportedValue input = node.Activation(0);
        int rank = input.OnnxShape.Count;
        long[]? axes = Axes(node)?.Select(a => a < 0 ? a + rank : a).ToArray();
        To(node, input, [.. input.OnnxShape.Where((d, i) => axes is null ? d != 1 : !axes.Contains(i)).Select(d => (long)d)]);
    }

    /// <summary>Adds dimensions of 1.</summary>
    public static void Unsqueeze(NodeImport node)
    {
        long[] axes = Axes(node) ?? throw new UnsupportedNodeException("attribute axes is missing");
        if (node.IsConstant(0))
        {
            long[] values = node.Constant(0).Integers();
            node.Define(OnnxConstant.FromIntegers(values, [values.Length]));
            return;
        }

        ImportedValue input = node.Activation(0);
        int rank = input.OnnxShape.Count + axes.Length;
        HashSet<long> added = [.. axes.Select(a => a < 0 ? a + rank : a)];
        var old = new Queue<int>(input.OnnxShape);
        var shape = new List<long>();
        for (int i = 0; i < rank; i++)
        {
            shape.Add(added.Contains(i) ? 1 : old.TryDequeue(out int d) ? d : -1);
        }

        To(node, input, [.. shape]);
    }

    private static long[]? Axes(NodeImport node) => node.Opset >= 13 && node.Has(1) ? node.Constant(1).Integers() : node.Ints("axes");

    private static void To(NodeImport node, ImportedValue input, long[] shape)
    {
        string change = $"{input.OnnxShape.Text()} to {shape.Text()}";
        if (shape.Length is not (2 or 4) || shape[0] != 1 || shape.Any(d => d is < 1 or > int.MaxValue)
            || shape.Aggregate(1.0, (n, d) => n * d) != input.Value.Length)
        {
            throw new UnsupportedNodeException(
                $"a reshape of {change}; a picture [1, C, H, W] to a row [1, C*H*W] and back is supported (constant shape, batch 1)");
        }

        int[] to = [.. shape.Select(d => (int)d)];
        if (to.SequenceEqual(input.OnnxShape))
        {
            node.Alias(input);
            return;
        }

        // Our elements are in HWC order: fine for a row whose readers know it, and for the way back to the same picture.
        ImageShape? from = input.OnnxShape.Count == 4 && !input.Image.OrdersAgree ? input.Image : input.FlattenedFrom;
        ImageShape? image = to.Length == 4 ? new ImageShape(to[2], to[3], to[1]) : null;
        bool keepsOrder = image is not { } picture || (from is { } origin ? origin == picture : picture.OrdersAgree);
        if (!keepsOrder)
        {
            throw new UnsupportedNodeException($"a reshape of {change} would mix rows, columns and channels");
        }

        node.Emit(new Reshape(), input, to, image is null ? from : null);
    }
}
