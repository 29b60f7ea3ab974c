using EdgeConv.Converters.Graphs;

namespace EdgeConv.Converters.Onnx.Operators;

/// <summary>Flatten, Reshape, Squeeze and Unsqueeze: of pictures to rows and back, and of shape constants.</summary>
internal static class ReshapeImport
{
    /// <summary>Two dimensions: what stands before the axis, and the rest.</summary>
    public static void Flatten(NodeImport node)
    {
        IReadOnlyList<int> from = node.IsConstant(0) ? node.Constant(0).Shape : node.Activation(0).OnnxShape;
        long axis = node.Int("axis", 1);
        axis = axis < 0 ? axis + from.Count : axis;
        long rows = from.Take((int)Math.Clamp(axis, 0, from.Count)).Aggregate(1L, (n, d) => n * d);
        long length = from.Aggregate(1L, (n, d) => n * d);
        long[] shape = [rows, rows == 0 ? 0 : length / rows];
        if (node.IsConstant(0))
        {
            node.Define(node.Constant(0).Reshaped(shape));
        }
        else
        {
            To(node, node.Activation(0), shape);
        }
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
            node.Define(node.Constant(0).Reshaped(Squeezed(node, node.Constant(0).Shape)));
            return;
        }

        ImportedValue input = node.Activation(0);
        To(node, input, Squeezed(node, input.OnnxShape));
    }

    /// <summary>Adds dimensions of 1.</summary>
    public static void Unsqueeze(NodeImport node)
    {
        long[] axes = Axes(node) ?? throw new UnsupportedNodeException("attribute axes is missing");
        if (node.IsConstant(0))
        {
            node.Define(node.Constant(0).Reshaped(Unsqueezed(axes, node.Constant(0).Shape)));
            return;
        }

        ImportedValue input = node.Activation(0);
        To(node, input, Unsqueezed(axes, input.OnnxShape));
    }

    /// <summary>The same elements under another shape. Ours are in HWC order, which a row remembers and its readers know.</summary>
    public static void To(NodeImport node, ImportedValue input, long[] shape)
    {
        ImportedValue source = input.Source;
        if (shape.Any(d => d is < 1 or > int.MaxValue) || shape.Aggregate(1.0, (n, d) => n * d) != source.Value.Length)
        {
            throw new UnsupportedNodeException($"a reshape of {input.OnnxShape.Text()} to {shape.Text()} (constant shape, batch 1)");
        }

        int[] to = [.. shape.Select(d => (int)d)];
        if (to.SequenceEqual(source.OnnxShape))
        {
            node.Alias(source);
        }
        else if (to is not ([1, _] or [1, _, _, _]))
        {
            node.Alias(new ImportedValue(source.Value, to) { ViewOf = source });
        }
        else if (source.InOnnxOrder)
        {
            bool picture = to is [_, var c, var h, var w] && (c == 1 || h * w == 1);
            node.Emit(new Reshape(), [source], picture ? [1, to[2], to[3], to[1]] : to,
                v => new ImportedValue(v, to) { IsAsStored = to.Length == 4 && !picture });
        }
        else
        {
            ImageShape image = source.FlattenedFrom ?? source.Image;
            if (to.Length == 2)
            {
                node.Emit(new Reshape(), source, to, image);
            }
            else if (new ImageShape(to[2], to[3], to[1]) == image)
            {
                node.Emit(new Reshape(), source, to);
            }
            else
            {
                node.Emit(new Reshape(), [node.InOnnxOrder(source)], to, v => new ImportedValue(v, to) { IsAsStored = true });
            }
        }
    }

    private static long[] Squeezed(NodeImport node, IReadOnlyList<int> shape)
    {
        long[]? axes = Axes(node)?.Select(a => a < 0 ? a + shape.Count : a).ToArray();
        return [.. shape.Where((d, i) => axes is null ? d != 1 : !axes.Contains(i)).Select(d => (long)d)];
    }

    private static long[] Unsqueezed(long[] axes, IReadOnlyList<int> shape)
    {
        int rank = shape.Count + axes.Length;
        HashSet<long> added = [.. axes.Select(a => a < 0 ? a + rank : a)];
        var old = new Queue<int>(shape);
        return [.. Enumerable.Range(0, rank).Select(i => added.Contains(i) ? 1L : old.TryDequeue(out int d) ? d : -1)];
    }

    private static long[]? Axes(NodeImport node) => node.Opset >= 13 && node.Has(1) ? node.Constant(1).Integers() : node.Ints("axes");
}
