using EdgeConv.Converters.Graphs;
using EdgeConv.Runtime;
using static EdgeConv.Converters.Onnx.OnnxBuilder;

namespace EdgeConv.Converters.Onnx.Operators;

/// <summary>What takes parts of a value: Slice, Split, and Gather where its indices are evenly spaced.</summary>
internal static class SliceImport
{
    /// <summary>Attributes before opset 10, inputs from there on.</summary>
    public static void Slice(NodeImport node)
    {
        ImportedValue input = Sliceable(node);
        bool attributes = node.Opset < 10;
        long[]? List(int at, string attribute) =>
            attributes ? node.Ints(attribute) : node.Has(at) ? node.Constant(at).Integers() : null;
        (long[] starts, long[] ends) = (List(1, "starts") ?? [], List(2, "ends") ?? []);
        long[] axes = List(3, "axes") ?? [.. Enumerable.Range(0, starts.Length).Select(i => (long)i)];
        long[] steps = (attributes ? null : List(4, "steps")) ?? [.. Enumerable.Repeat(1L, starts.Length)];
        if (starts.Length != ends.Length || starts.Length != axes.Length || starts.Length != steps.Length || steps.Contains(0))
        {
            throw new UnsupportedNodeException(
                $"starts = {starts.Text()}, ends = {ends.Text()}, axes = {axes.Text()}, steps = {steps.Text()}; one of each an axis is expected");
        }

        var parts = new Part[input.OnnxShape.Count];
        for (int d = 0; d < parts.Length; d++)
        {
            parts[d] = new Part(0, 1, input.OnnxShape[d]);
        }

        for (int i = 0; i < axes.Length; i++)
        {
            int axis = Axis(axes[i], parts.Length);
            parts[axis] = Part.Between(starts[i], ends[i], steps[i], input.OnnxShape[axis]);
        }

        Emit(node, 0, input, parts);
    }

    /// <summary>Parts of given or of equal sizes, a result each.</summary>
    public static void Split(NodeImport node)
    {
        ImportedValue input = Sliceable(node);
        int axis = Axis(node.Int("axis", 0), input.OnnxShape.Count), whole = input.OnnxShape[axis], count = node.OutputCount;
        long declared = node.Int("num_outputs", count);
        long[]? sizes = node.Opset < 13 ? node.Ints("split") : node.Has(1) ? node.Constant(1).Integers() : null;
        if (sizes is null)
        {
            // From opset 18 on the last part may be smaller.
            long each = (whole + count - 1L) / count;
            sizes = [.. Enumerable.Range(0, count).Select(i => i < count - 1 ? each : whole - (each * (count - 1)))];
        }

        if (declared != count || sizes.Length != count || sizes.Any(s => s < 1 || s > whole) || sizes.Sum() != whole)
        {
            throw new UnsupportedNodeException($"{whole} elements of axis {axis} in parts of {sizes.Text()} for {count} results");
        }

        int begin = 0;
        for (int i = 0; i < count; i++)
        {
            Part[] parts = [.. input.OnnxShape.Select((d, k) => k == axis ? new Part(begin, 1, (int)sizes[i]) : new Part(0, 1, d))];
            Emit(node, i, input, parts);
            begin += (int)sizes[i];
        }
    }

    /// <summary>A list of indices that are evenly spaced is a part.</summary>
    public static void Gather(NodeImport node)
    {
        ImportedValue input = Sliceable(node);
        int axis = Axis(node.Int("axis", 0), input.OnnxShape.Count), whole = input.OnnxShape[axis];
        OnnxConstant indices = node.Constant(1);
        long[] picked = [.. indices.Integers().Select(i => i < 0 ? i + whole : i)];
        long stride = picked.Length > 1 ? picked[1] - picked[0] : 1;
        bool isEven = indices.Shape.Length == 1 && picked.Length > 0 && stride != 0 && picked.All(i => i >= 0 && i < whole)
            && picked.Index().All(p => p.Item == picked[0] + (p.Index * stride));
        if (!isEven)
        {
            throw new UnsupportedNodeException($"indices {picked.Take(20).Text()} of shape {indices.Shape.Text()} on {whole} elements of axis {axis}; "
                + "a list of evenly spaced ones is supported");
        }

        Emit(node, 0, input, [.. input.OnnxShape.Select((d, k) =>
            k == axis ? new Part((int)picked[0], (int)stride, picked.Length) : new Part(0, 1, d))]);
    }

    private static ImportedValue Sliceable(NodeImport node)
    {
        ImportedValue input = node.Activation(0);
        return input.ViewOf is not null ? throw new UnsupportedNodeException($"its input has the shape {input.OnnxShape.Text()}; "
                + "[1, C, H, W] and [1, C] are supported")
            : input.OnnxShape.Count == 2 ? node.InOnnxOrder(input) : input;
    }

    private static void Emit(NodeImport node, int output, ImportedValue input, Part[] parts)
    {
        bool isPicture = parts.Length == 4 && !input.IsAsStored;
        Part[] own = isPicture ? [.. FromNhwc.Select(d => parts[d])] : parts;
        int[] shape = [.. parts.Select(p => p.Size)];
        node.EmitOutput(output, new Slice([.. own.Select(p => new SliceDimension(p.Begin, p.Stride))]), input, [.. own.Select(p => p.Size)],
            v => new ImportedValue(v, shape) { IsAsStored = input.IsAsStored });
    }

    private static int Axis(long axis, int rank) => axis >= -rank && axis < rank
        ? (int)(axis < 0 ? axis + rank : axis)
        : throw new UnsupportedNodeException($"axis {axis} of {rank} dimensions");

    /// <summary>What is taken of one dimension.</summary>
    private readonly record struct Part(int Begin, int Stride, int Size)
    {
        /// <summary>From start up to but without end; both may count from the back, and lie anywhere.</summary>
        public static Part Between(long start, long end, long step, int whole)
        {
            (long lowest, long highest) = step > 0 ? (0, whole) : (-1, whole - 1L);
            long begin = Math.Clamp(start < 0 ? start + whole : start, Math.Max(lowest, 0), highest);
            long behind = Math.Clamp(end < 0 ? end + whole : end, lowest, highest);
            long stride = Math.Clamp(step, -whole, whole);   // more takes one element as well
            long size = (behind - begin + stride - Math.Sign(stride)) / stride;
            return new Part((int)begin, size > 1 ? (int)stride : 1, (int)Math.Max(size, 0));
        }
    }
}
