using EdgeConv.Converters.TfLite.Schema;

namespace EdgeConv.Tests.TfLite.Models;

/// <summary>Random layers that pool or move bytes.</summary>
internal static class LayoutLayers
{
    public static Activation MaxPool(NetworkWriter w, Activation x) => Pool(w, x, "MAX_POOL_2D");

    public static Activation AveragePool(NetworkWriter w, Activation x) => Pool(w, x, "AVERAGE_POOL_2D");

    public static Activation Concatenation(NetworkWriter w, Activation x)
    {
        int axis = w.Next(1, x.Shape.Length - 1), parts = w.Next(1, 4);
        int[] shape = [.. x.Shape];
        shape[axis] *= parts;
        return w.Operator("CONCATENATION", [.. Enumerable.Repeat(x.Tensor, parts)], w.Like("concat", x, shape),
            new OperatorOptions(OperatorOptions.Concatenation, (ConcatenationOptions.Axis, w.Once(2) ? axis : axis - x.Shape.Length)));
    }

    public static Activation Pad(NetworkWriter w, Activation x)
    {
        int[] paddings = [.. x.Shape.SelectMany((_, i) => i == 0 ? [0, 0] : (int[])[w.Next(0, 2), w.Next(0, 2)])];
        int[] shape = [.. x.Shape.Select((d, i) => d + paddings[2 * i] + paddings[(2 * i) + 1])];
        int frame = w.Builder.Tensor(new TensorSpec($"paddings_{w.Builder.Tensors.Count}", TensorType.Int32, [x.Shape.Length, 2])
        {
            Data = System.Runtime.InteropServices.MemoryMarshal.AsBytes<int>(paddings).ToArray(),
        });
        if (w.Wide || w.Once(2))
        {
            return w.Operator("PAD", [x.Tensor, frame], w.Like("padded", x, shape), new OperatorOptions(OperatorOptions.Pad));
        }

        int value = w.Constant("value", [1], w.Bytes(1), [x.Scale], zeroPoint: x.ZeroPoint);
        return w.Operator("PADV2", [x.Tensor, frame, value], w.Like("padded", x, shape), new OperatorOptions(OperatorOptions.PadV2));
    }

    public static Activation Reshape(NetworkWriter w, Activation x)
    {
        int[] shape = w.Pick<int[]>([1, x.Length], [1, 1, x.Length], [1, x.Length, 1, 1], [1, 1, 1, x.Length]);
        int target = w.Builder.Integers($"shape_{w.Builder.Tensors.Count}", shape);
        return w.Operator("RESHAPE", [x.Tensor, target], w.Like("reshaped", x, shape), new OperatorOptions(OperatorOptions.Reshape));
    }

    public static Activation Transpose(NetworkWriter w, Activation x)
    {
        int[] order = [.. Enumerable.Range(0, x.Shape.Length)];
        for (int i = order.Length - 1; i > 0; i--)
        {
            int j = w.Next(0, i);
            (order[i], order[j]) = (order[j], order[i]);
        }

        int permutation = w.Builder.Integers($"order_{w.Builder.Tensors.Count}", order);
        return w.Operator("TRANSPOSE", [x.Tensor, permutation], w.Like("transposed", x, [.. order.Select(d => x.Shape[d])]),
            new OperatorOptions(OperatorOptions.Transpose));
    }

    /// <summary>Channels regrouped, as ShuffleNet does: five dimensions on the way.</summary>
    public static Activation Shuffle(NetworkWriter w, Activation x)
    {
        int[] groups = [.. Enumerable.Range(1, x.Shape[3]).Where(g => x.Shape[3] % g == 0)];
        int group = w.Pick(groups), rest = x.Shape[3] / group;
        int target = w.Builder.Integers($"shape_{w.Builder.Tensors.Count}", [.. x.Shape[..3], group, rest]);
        Activation split = w.Operator("RESHAPE", [x.Tensor, target], w.Like("split", x, [.. x.Shape[..3], group, rest]),
            new OperatorOptions(OperatorOptions.Reshape));
        int order = w.Builder.Integers($"order_{w.Builder.Tensors.Count}", 0, 1, 2, 4, 3);
        Activation moved = w.Operator("TRANSPOSE", [split.Tensor, order], w.Like("moved", x, [.. x.Shape[..3], rest, group]),
            new OperatorOptions(OperatorOptions.Transpose));
        int back = w.Builder.Integers($"shape_{w.Builder.Tensors.Count}", x.Shape);
        return w.Operator("RESHAPE", [moved.Tensor, back], w.Like("shuffled", x, x.Shape), new OperatorOptions(OperatorOptions.Reshape));
    }

    public static Activation Slice(NetworkWriter w, Activation x)
    {
        int[] begin = [.. x.Shape.Select((d, i) => i == 0 ? 0 : w.Next(0, d - 1))];
        int[] shape = [.. x.Shape.Select((d, i) => i == 0 ? d : w.Next(1, d - begin[i]))];
        int[] size = [.. shape.Select((s, i) => begin[i] + s == x.Shape[i] && w.Once(3) ? -1 : s)];
        int from = w.Builder.Integers($"begin_{w.Builder.Tensors.Count}", begin), sizes = w.Builder.Integers($"size_{w.Builder.Tensors.Count}", size);
        return w.Operator("SLICE", [x.Tensor, from, sizes], w.Like("slice", x, shape), new OperatorOptions(OperatorOptions.Slice));
    }

    public static Activation StridedSlice(NetworkWriter w, Activation x)
    {
        int[] begin = new int[x.Shape.Length], end = new int[x.Shape.Length], stride = new int[x.Shape.Length], shape = [.. x.Shape];
        int open = 0, openEnd = 0;
        for (int i = 0; i < shape.Length; i++)
        {
            (int d, int first, int step) = (x.Shape[i], i == 0 ? 0 : w.Next(0, x.Shape[i] - 1), i == 0 ? 1 : w.Next(1, 3));
            bool back = i > 0 && w.Once(4);
            int last = back ? w.Next(-1, first - 1) : w.Next(first + 1, d);
            (begin[i], stride[i]) = (w.Once(3) ? first - d : first, back ? -step : step);
            end[i] = last < 0 ? -d - 1 : last < d && w.Once(3) ? last - d : last;
            bool isOpen = w.Once(4), isOpenEnd = w.Once(4);
            (open, openEnd) = (open | (isOpen ? 1 << i : 0), openEnd | (isOpenEnd ? 1 << i : 0));
            (first, last) = (isOpen ? back ? d - 1 : 0 : first, isOpenEnd ? back ? -1 : d : last);
            shape[i] = (Math.Abs(last - first) + step - 1) / step;
        }

        int[] inputs = [x.Tensor, .. ((int[][])[begin, end, stride]).Select(v => w.Builder.Integers($"slice_{w.Builder.Tensors.Count}", v))];
        return w.Operator("STRIDED_SLICE", inputs, w.Like("strided", x, shape), new OperatorOptions(OperatorOptions.StridedSlice,
            (StridedSliceOptions.BeginMask, open), (StridedSliceOptions.EndMask, openEnd)));
    }

    /// <summary>In parts, which come back in another order.</summary>
    public static Activation Split(NetworkWriter w, Activation x)
    {
        int axis = w.Next(1, x.Shape.Length - 1);
        int[] counts = [.. Enumerable.Range(1, Math.Min(x.Shape[axis], 9)).Where(c => x.Shape[axis] % c == 0)];
        int count = w.Pick(counts);
        int[] shape = [.. x.Shape];
        shape[axis] /= count;
        Activation[] parts = [.. Enumerable.Range(0, count).Select(_ => w.Like("part", x, shape))];
        int at = w.Builder.Tensor(new TensorSpec($"axis_{w.Builder.Tensors.Count}", TensorType.Int32, []) { Data = [(byte)axis, 0, 0, 0] });
        w.Builder.Operator("SPLIT", [at, x.Tensor], [.. parts.Select(p => p.Tensor)], new OperatorOptions(OperatorOptions.Split, (0, count)));
        return w.Operator("CONCATENATION", [.. parts.Reverse().Select(p => p.Tensor)], w.Like("rejoined", x, x.Shape),
            new OperatorOptions(OperatorOptions.Concatenation, (ConcatenationOptions.Axis, axis)));
    }

    public static Activation ResizeNearest(NetworkWriter w, Activation x) =>
        Resize(w, x, "RESIZE_NEAREST_NEIGHBOR", OperatorOptions.ResizeNearest, ResizeOptions.Nearest);

    public static Activation ResizeBilinear(NetworkWriter w, Activation x) =>
        Resize(w, x, "RESIZE_BILINEAR", OperatorOptions.ResizeBilinear, ResizeOptions.Bilinear);

    private static Activation Resize(NetworkWriter w, Activation x, string kind, int options, int field)
    {
        (int height, int width, int coordinates) = (w.Next(1, 12), w.Next(1, 12), w.Next(0, 2));
        int size = w.Builder.Integers($"size_{w.Builder.Tensors.Count}", height, width);
        return w.Operator(kind, [x.Tensor, size], w.Like("resized", x, [1, height, width, x.Shape[3]]),
            new OperatorOptions(options, (field, coordinates == 1), (field + 1, coordinates == 2)));
    }

    public static Activation Mean(NetworkWriter w, Activation x) => Reduce(w, x, "MEAN");

    public static Activation Sum(NetworkWriter w, Activation x) => Reduce(w, x, "SUM");

    private static Activation Reduce(NetworkWriter w, Activation x, string kind)
    {
        int rank = x.Shape.Length;
        int[] axes = rank == 4 && w.Once(2) ? w.Pick<int[]>([1, 2], [2, 1]) : [w.Next(1, rank - 1)];
        bool keep = w.Once(2);
        int[] shape = keep ? [.. x.Shape.Select((d, i) => axes.Contains(i) ? 1 : d)] : [.. x.Shape.Where((_, i) => !axes.Contains(i))];
        int count = axes.Aggregate(1, (c, a) => c * x.Shape[a]);
        float scale = w.Once(3) ? x.Scale : x.Scale * w.Scale(0.3, 2) * (kind == "SUM" ? count : 1);
        int axis = w.Builder.Integers($"axes_{w.Builder.Tensors.Count}", [.. axes.Select(a => w.Once(3) ? a - rank : a)]);
        return w.Operator(kind, [x.Tensor, axis], w.Activation(kind.ToLowerInvariant(), shape, scale, w.Once(3) ? x.ZeroPoint : w.ZeroPoint()),
            new OperatorOptions(OperatorOptions.Reducer, (ReducerOptions.KeepDimensions, keep)));
    }

    private static Activation Pool(NetworkWriter w, Activation x, string kind)
    {
        sbyte padding = w.Pick<sbyte>(0, 1);
        int Kernel(int size) => padding == 0 ? w.Next(1, 5) : w.Next(1, Math.Min(size, 5));
        var g = new Geometry(padding, Kernel(x.Shape[1]), Kernel(x.Shape[2]), w.Next(1, 4), w.Next(1, 4));
        int[] shape = [1, Geometry.Output(padding, x.Shape[1], g.KernelH, g.StrideH), Geometry.Output(padding, x.Shape[2], g.KernelW, g.StrideW),
            x.Shape[3]];
        return w.Operator(kind, [x.Tensor], w.Like("pooled", x, shape), new OperatorOptions(OperatorOptions.Pool,
            (PoolOptions.Padding, padding), (PoolOptions.StrideW, g.StrideW), (PoolOptions.StrideH, g.StrideH),
            (PoolOptions.FilterW, g.KernelW), (PoolOptions.FilterH, g.KernelH),
            (PoolOptions.Activation, w.Once(2) ? (sbyte)0 : ConvolutionLayers.Fused(w))));
    }
}
