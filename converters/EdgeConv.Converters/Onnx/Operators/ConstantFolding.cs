using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Onnx.Proto;

namespace EdgeConv.Converters.Onnx.Operators;

/// <summary>
/// Nodes that read only constants, computed at import: the arithmetic on shapes that exporters leave before a Reshape, and weights that are
/// transposed, cast or scaled on their way to a layer.
/// </summary>
internal static class ConstantFolding
{
    private const int FreeElements = 1 << 14;

    /// <summary>From ONNX's operator to the function that computes it.</summary>
    public static IReadOnlyDictionary<string, Action<NodeImport>> Table { get; } = new Dictionary<string, Action<NodeImport>>
    {
        ["Add"] = n => Combine(n, (a, b) => a + b),
        ["Sub"] = n => Combine(n, (a, b) => a - b),
        ["Mul"] = n => Combine(n, (a, b) => a * b),
        ["Div"] = Divide,
        ["Pow"] = n => Combine(n, Math.Pow),
        ["Min"] = n => Combine(n, Math.Min),
        ["Max"] = n => Combine(n, Math.Max),
        ["Equal"] = n => Combine(n, (a, b) => a == b ? 1 : 0, truth: true),
        ["Greater"] = n => Combine(n, (a, b) => a > b ? 1 : 0, truth: true),
        ["Less"] = n => Combine(n, (a, b) => a < b ? 1 : 0, truth: true),
        ["Neg"] = n => Map(n, a => -a),
        ["Abs"] = n => Map(n, Math.Abs),
        ["Floor"] = n => Map(n, Math.Floor),
        ["Ceil"] = n => Map(n, Math.Ceiling),
        ["Sqrt"] = n => Map(n, Math.Sqrt),
        ["Exp"] = n => Map(n, Math.Exp),
        ["Reciprocal"] = n => Map(n, a => 1 / a),
        ["Not"] = n => Map(n, a => a == 0 ? 1 : 0),
        ["Where"] = Where,
        ["Cast"] = Cast,
        ["Gather"] = Gather,
        ["Slice"] = Slice,
        ["Concat"] = Concat,
        ["Transpose"] = Transpose,
        ["ConstantOfShape"] = ConstantOfShape,
        ["Expand"] = Expand,
        ["ReduceProd"] = n => Reduce(n, 1, (a, b) => a * b),
        ["ReduceSum"] = n => Reduce(n, 0, (a, b) => a + b),
    };

    private static void Divide(NodeImport node)
    {
        // Whole numbers are divided towards zero.
        bool integers = node.Constant(0).IsInteger && node.Constant(1).IsInteger;
        Combine(node, (a, b) => integers ? (b == 0 ? throw new UnsupportedNodeException("a division by 0") : Math.Truncate(a / b)) : a / b);
    }

    private static void Combine(NodeImport node, Func<double, double, double> function, bool truth = false)
    {
        (OnnxConstant a, OnnxConstant b) = (node.Constant(0), node.Constant(1));
        if (node.InputCount != 2)
        {
            throw new UnsupportedNodeException($"{node.InputCount} constant inputs; 2 are supported");
        }

        int[] shape = Broadcast(a.Shape, b.Shape, Math.Max(a.Length, b.Length));
        (double[] x, double[] y) = (Spread(a, shape), Spread(b, shape));
        Define(node, [.. x.Zip(y, function)], shape, truth || (a.IsInteger && b.IsInteger), a.IsDynamic || b.IsDynamic);
    }

    private static void Map(NodeImport node, Func<double, double> function) =>
        Define(node, [.. Doubles(node.Constant(0)).Select(function)], node.Constant(0).Shape, node.Constant(0).IsInteger);

    private static void Where(NodeImport node)
    {
        (OnnxConstant a, OnnxConstant b) = (node.Constant(1), node.Constant(2));
        int held = Math.Max(Math.Max(a.Length, b.Length), node.Constant(0).Length);
        int[] shape = Broadcast(Broadcast(a.Shape, b.Shape, held), node.Constant(0).Shape, held);
        (double[] condition, double[] x, double[] y) = (Spread(node.Constant(0), shape), Spread(a, shape), Spread(b, shape));
        Define(node, [.. condition.Select((c, i) => c != 0 ? x[i] : y[i])], shape, a.IsInteger && b.IsInteger);
    }

    private static void Cast(NodeImport node)
    {
        node.Ignore("saturate");
        var to = (TensorProto.Types.DataType)node.Int("to", 0);
        bool? integer = to switch
        {
            TensorProto.Types.DataType.Int32 or TensorProto.Types.DataType.Int64 or TensorProto.Types.DataType.Bool => true,
            TensorProto.Types.DataType.Float or TensorProto.Types.DataType.Double or TensorProto.Types.DataType.Float16 => false,
            _ => null,
        };
        if (integer is not { } whole)
        {
            throw new UnsupportedNodeException($"attribute to = {to}; int32, int64, bool, float16, float and double are supported");
        }

        if (!whole && !node.Constant(0).IsInteger)
        {
            node.Define(node.Constant(0));
            return;
        }

        bool truth = to == TensorProto.Types.DataType.Bool;
        double[] values = Doubles(node.Constant(0));
        Define(node, whole ? [.. values.Select(v => truth ? (v == 0 ? 0 : 1) : Math.Truncate(v))] : values, node.Constant(0).Shape, whole);
    }

    private static void Gather(NodeImport node)
    {
        OnnxConstant data = node.Constant(0), indices = node.Constant(1);
        int axis = Axis(node.Int("axis", 0), data.Shape.Length);
        int count = data.Shape[axis], inner = data.Shape.Skip(axis + 1).Aggregate(1, (n, d) => n * d);
        double[] values = Doubles(data);
        long[] picked = [.. indices.Integers().Select(i => i < 0 ? i + count : i)];
        if (picked.Any(i => i < 0 || i >= count))
        {
            throw new UnsupportedNodeException($"an index outside the {count} values of axis {axis}");
        }

        int outer = data.Shape.Take(axis).Aggregate(1, (n, d) => n * d);
        int[] shape = Checked([.. data.Shape.Take(axis), .. indices.Shape, .. data.Shape.Skip(axis + 1)], Math.Max(data.Length, indices.Length));
        Define(node, [.. from o in Enumerable.Range(0, outer)
                         from i in picked
                         from k in Enumerable.Range(0, inner)
                         select values[(((o * count) + i) * inner) + k]], shape, data.IsInteger);
    }

    private static void Slice(NodeImport node)
    {
        OnnxConstant data = node.Constant(0);
        bool attributes = node.Opset < 10;
        long[] List(int input, string attribute) =>
            (attributes ? node.Ints(attribute) : node.Has(input) ? node.Constant(input).Integers() : null) ?? [];
        (long[] starts, long[] ends, long[] axes) = (List(1, "starts"), List(2, "ends"), List(3, "axes"));
        long[] steps = attributes ? [] : List(4, "steps");
        if (starts.Length != ends.Length || steps.Any(s => s != 1))
        {
            throw new UnsupportedNodeException("steps other than 1, or starts without ends");
        }

        (double[] values, int[] shape) = (Doubles(data), data.Shape);
        for (int i = 0; i < starts.Length; i++)
        {
            int axis = Axis(i < axes.Length ? axes[i] : i, shape.Length);
            int count = shape[axis];
            long From(long at) => Math.Clamp(at < 0 ? at + count : at, 0, count);
            (int start, int end) = ((int)From(starts[i]), (int)From(ends[i]));
            int inner = shape.Skip(axis + 1).Aggregate(1, (n, d) => n * d);
            values = [.. values.Where((_, k) => k / inner % Math.Max(count, 1) is var at && at >= start && at < end)];
            shape = [.. shape.Select((d, k) => k == axis ? Math.Max(end - start, 0) : d)];
        }

        Define(node, values, shape, data.IsInteger);
    }

    private static void Concat(NodeImport node)
    {
        OnnxConstant[] parts = [.. Enumerable.Range(0, node.InputCount).Select(node.Constant)];
        if (parts.Length == 0)
        {
            throw new UnsupportedNodeException("it has no inputs");
        }

        int[] shape = [.. parts[0].Shape];
        int axis = Axis(node.Int("axis", 0), shape.Length);
        if (parts.Any(p => p.Shape.Length != shape.Length || p.Shape.Where((d, i) => i != axis && d != shape[i]).Any()))
        {
            throw new UnsupportedNodeException($"parts of shapes {string.Join(", ", parts.Select(p => p.Shape.Text()))}");
        }

        int outer = shape.Take(axis).Aggregate(1, (n, d) => n * d);
        shape[axis] = parts.Sum(p => p.Shape[axis]);
        (double[] Values, int Run)[] runs = [.. parts.Select(p => (Doubles(p), outer == 0 ? 0 : p.Length / outer))];
        Define(node, [.. Enumerable.Range(0, outer).SelectMany(o => runs.SelectMany(r => r.Values.Skip(o * r.Run).Take(r.Run)))],
            shape, parts.All(p => p.IsInteger));
    }

    private static void Transpose(NodeImport node)
    {
        OnnxConstant data = node.Constant(0);
        int rank = data.Shape.Length;
        long[] order = node.Ints("perm") ?? [.. Enumerable.Range(0, rank).Reverse()];
        if (!order.Order().SequenceEqual(Enumerable.Range(0, rank).Select(i => (long)i)))
        {
            throw new UnsupportedNodeException($"attribute perm = {order.Text()} of {rank} dimensions");
        }

        node.Define(data.Transposed([.. order.Select(o => (int)o)]));
    }

    private static void ConstantOfShape(NodeImport node)
    {
        OnnxConstant value = node.Tensor("value") is { } tensor ? OnnxConstant.FromTensor(tensor) : OnnxConstant.FromFloats([0], [1]);
        int[] shape = Checked([.. node.Constant(0).Integers().Select(d => (int)Math.Clamp(d, -1, int.MaxValue))], 0);
        Define(node, [.. Enumerable.Repeat(Doubles(value)[0], shape.Aggregate(1, (n, d) => n * d))], shape, value.IsInteger);
    }

    private static void Expand(NodeImport node)
    {
        OnnxConstant data = node.Constant(0);
        int[] shape = Broadcast(data.Shape, [.. node.Constant(1).Integers().Select(d => (int)Math.Clamp(d, -1, int.MaxValue))], data.Length);
        Define(node, Spread(data, shape), shape, data.IsInteger);
    }

    private static void Reduce(NodeImport node, double start, Func<double, double, double> function)
    {
        OnnxConstant data = node.Constant(0);
        node.Ignore("axes");
        node.Ignore("noop_with_empty_axes");
        if (data.Shape.Length > 1)
        {
            throw new UnsupportedNodeException($"a constant of shape {data.Shape.Text()}; one dimension is supported");
        }

        Define(node, [Doubles(data).Aggregate(start, function)], node.Int("keepdims", 1) != 0 ? [1] : [], data.IsInteger);
    }

    private static double[] Doubles(OnnxConstant constant) =>
        constant.IsInteger ? [.. constant.Integers().Select(i => (double)i)] : [.. constant.Floats().Select(f => (double)f)];

    private static void Define(NodeImport node, double[] values, int[] shape, bool integer, bool isDynamic = false)
    {
        OnnxConstant constant = integer
            ? OnnxConstant.FromIntegers([.. values.Select(v => (long)v)], shape)
            : OnnxConstant.FromFloats([.. values.Select(v => (float)v)], shape);
        node.Define(constant with { IsDynamic = isDynamic });
    }

    private static int Axis(long axis, int rank) => (int)((axis < 0 ? axis + rank : axis) is var at && at >= 0 && at < rank
        ? at
        : throw new UnsupportedNodeException($"axis {axis} of {rank} dimensions"));

    private static int[] Broadcast(int[] a, int[] b, int held)
    {
        int rank = Math.Max(a.Length, b.Length);
        int At(int[] shape, int d) => d < rank - shape.Length ? 1 : shape[d - rank + shape.Length];
        return Checked([.. Enumerable.Range(0, rank).Select(d => (At(a, d), At(b, d)) switch
        {
            (1, var y) => y,
            (var x, 1) => x,
            var (x, y) when x == y => x,
            _ => throw new UnsupportedNodeException($"constants of shapes {a.Text()} and {b.Text()}"),
        })], held);
    }

    // A result may be as large as what it is made of; only a small one may be larger, or a few bytes would ask for gigabytes.
    private static int[] Checked(int[] shape, int held) =>
        shape.All(d => d >= 0) && shape.Aggregate(1.0, (n, d) => n * d) <= Math.Max(FreeElements, held)
        ? shape
        : throw new UnsupportedNodeException($"a constant of shape {shape.Text()}");

    // The values repeated along dimensions of 1.
    private static double[] Spread(OnnxConstant constant, int[] shape)
    {
        double[] values = Doubles(constant);
        var result = new double[shape.Aggregate(1, (n, d) => n * d)];
        for (int i = 0; i < result.Length; i++)
        {
            int from = 0, stride = 1, rest = i;
            for (int d = shape.Length - 1; d >= 0; d--)
            {
                (rest, int index) = Math.DivRem(rest, shape[d]);
                int own = d - shape.Length + constant.Shape.Length;
                if (own >= 0)
                {
                    from += constant.Shape[own] == 1 ? 0 : index * stride;
                    stride *= constant.Shape[own];
                }
            }

            result[i] = values[from];
        }

        return result;
    }
}
