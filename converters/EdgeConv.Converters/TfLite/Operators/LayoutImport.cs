using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Quantization;
using EdgeConv.Converters.TfLite.Schema;
using EdgeConv.Runtime;

namespace EdgeConv.Converters.TfLite.Operators;

/// <summary>What moves bytes: reshapes, concatenation, padding, transposes.</summary>
internal static class LayoutImport
{
    private const int Dimensions = 4;

    /// <summary>RESHAPE, SQUEEZE and EXPAND_DIMS: the file has the shape that comes out.</summary>
    public static void Reshape(OperatorImport n)
    {
        (QuantizedValue x, QuantizedValue y) = (n.Activation(0), n.Result);
        RequireSame(x, y);
        n.Emit(new QuantizedReshape(), x);
    }

    /// <summary>CONCATENATION.</summary>
    public static void Concatenation(OperatorImport n)
    {
        QuantizedValue y = n.Result;
        QuantizedValue[] parts = [.. Enumerable.Range(0, n.InputCount).Select(n.Activation)];
        int axis = Axis(n.Int(ConcatenationOptions.Axis), y.Shape.Count);
        if (n.Fused(ConcatenationOptions.Activation) is var fused and not FusedActivation.None)
        {
            throw new UnsupportedOperatorException($"fused activation {fused}; none is supported");
        }

        if (parts.Length is 0 or > ConcatOp.MaxParts)
        {
            throw new UnsupportedOperatorException($"{parts.Length} inputs; 1 to {ConcatOp.MaxParts} are supported");
        }

        foreach (QuantizedValue part in parts)
        {
            if (part.Type != y.Type || part.Quantization.ZeroPoint != y.Quantization.ZeroPoint
                || (y.Type == ElementType.Int8 && part.Quantization != y.Quantization))
            {
                throw new UnsupportedOperatorException($"'{part.Name}' has another type, scale or zero point than the output; TFLite has no "
                    + "kernel for that either");
            }

            if (part.Shape.Count != y.Shape.Count || part.Shape.Where((d, i) => i != axis && d != y.Shape[i]).Any())
            {
                throw new UnsupportedOperatorException($"'{part.Name}' is {part.Shape.Text()}, which is no part of {y.Shape.Text()}");
            }
        }

        if (parts.Sum(p => (long)p.Shape[axis]) != y.Shape[axis])
        {
            throw new UnsupportedOperatorException($"its parts do not make {y.Shape.Text()} along dimension {axis}");
        }

        n.EmitMoving(new QuantizedConcat(axis), parts);
    }

    /// <summary>PAD and PADV2: a frame of the zero point, or of a given byte.</summary>
    public static void Pad(OperatorImport n)
    {
        (QuantizedValue x, QuantizedValue y) = (n.Activation(0), n.Result);
        int[] paddings = n.Constant(1).Integers();
        int rank = x.Shape.Count;
        if (y.Type != x.Type || paddings.Length != 2 * rank || y.Shape.Count != rank
            || paddings.Any(p => p is < 0 or > short.MaxValue)
            || y.Shape.Where((d, i) => d != (long)x.Shape[i] + paddings[2 * i] + paddings[(2 * i) + 1]).Any())
        {
            throw new UnsupportedOperatorException($"paddings {paddings.Text()} do not take {x.Type} {x.Shape.Text()} to {y.Type} "
                + $"{y.Shape.Text()}");
        }

        int value = y.Quantization.ZeroPoint;
        if (n.Has(2))
        {
            QuantizedConstant constant = n.Constant(2).Operand();
            int[] steps = constant.WideValues is { } words ? [.. words] : [.. constant.Values];
            value = steps is [var step] && constant.Quantization == y.Quantization
                ? step
                : throw new UnsupportedOperatorException("its value has another scale than the output, or is not one; one value at the "
                    + "output's scale is supported");
        }

        // Images have their batch in front, others get ones there.
        int missing = Dimensions - rank;
        int At(int dimension, int side) => dimension < missing ? 0 : paddings[(2 * (dimension - missing)) + side];
        if (At(0, 0) != 0 || At(0, 1) != 0)
        {
            throw new UnsupportedOperatorException($"paddings {paddings.Text()} of {x.Shape.Text()}; the first of four dimensions is the "
                + "batch and is not padded");
        }

        var frame = new Pad(At(1, 0), At(2, 0), At(1, 1), At(2, 1), At(3, 0), At(3, 1));
        var operation = new QuantizedPad(frame, value);
        if (missing == 0)
        {
            n.EmitMoving(operation, x);
            return;
        }

        int[] ones = [.. Enumerable.Repeat(1, missing)];
        QuantizedValue image = n.Reshaped(x, [.. ones, .. x.Shape]);
        QuantizedValue padded = n.Insert("padded", operation, image, y with { Shape = [.. ones, .. y.Shape], Quantization = x.Quantization });
        n.Emit(new QuantizedReshape(), padded);
    }

    /// <summary>TRANSPOSE; of more than four dimensions those that stay neighbours count as one.</summary>
    public static void Transpose(OperatorImport n)
    {
        (QuantizedValue x, QuantizedValue y) = (n.Activation(0), n.Result);
        int[] shape = n.Tensor(0).Shape;
        int[] order = [.. n.Constant(1).Integers().Select(d => d < 0 ? d + shape.Length : d)];
        if (!order.Order().SequenceEqual(Enumerable.Range(0, shape.Length))
            || !n.Output.Shape.SequenceEqual(order.Select(d => shape[d])))
        {
            throw new UnsupportedOperatorException($"the order {order.Text()} does not take {shape.Text()} to {n.Output.Shape.Text()}");
        }

        RequireSame(x, y);
        (int[] merged, int[] mergedOrder) = shape.Length <= Dimensions ? (shape, order) : Merge(shape, order);
        if (merged.Length > Dimensions)
        {
            throw new UnsupportedOperatorException($"the order {order.Text()} of {shape.Text()}; up to four dimensions that move are supported");
        }

        int missing = Dimensions - merged.Length;
        int[] full = [.. Enumerable.Range(0, missing), .. mergedOrder.Select(d => d + missing)];
        int[] from = [.. Enumerable.Repeat(1, missing), .. merged];
        int[] to = [.. full.Select(d => from[d])];
        QuantizedValue source = n.Reshaped(x, from);
        if (y.Shape.SequenceEqual(to))
        {
            n.EmitMoving(new QuantizedTranspose(full), source);
            return;
        }

        QuantizedValue moved = n.Insert("transposed", new QuantizedTranspose(full), source, y with { Shape = to, Quantization = x.Quantization });
        n.Emit(new QuantizedReshape(), moved);
    }

    /// <summary>A dimension, counted from the end where it is negative.</summary>
    public static int Axis(int axis, int rank) => axis >= -rank && axis < rank
        ? axis < 0 ? axis + rank : axis
        : throw new UnsupportedOperatorException($"axis {axis} of {rank} dimensions");

    private static void RequireSame(QuantizedValue x, QuantizedValue y)
    {
        if (x.Type != y.Type || x.Length != y.Length)
        {
            throw new UnsupportedOperatorException($"it takes {x.Type} {x.Shape.Text()} to {y.Type} {y.Shape.Text()}; as many elements of one "
                + "type are supported");
        }
    }

    private static (int[] Shape, int[] Order) Merge(int[] shape, int[] order)
    {
        // Each run of order that counts up by one is one dimension; dimensions of 1 are none.
        int[] kept = [.. order.Where(d => shape[d] != 1)];
        var runs = new List<List<int>>();
        int[] ranks = [.. kept.Order()];
        foreach (int d in kept)
        {
            int rank = Array.IndexOf(ranks, d);
            if (runs.Count > 0 && runs[^1][^1] == rank - 1)
            {
                runs[^1].Add(rank);
            }
            else
            {
                runs.Add([rank]);
            }
        }

        int[] starts = [.. runs.Select(r => r[0]).Order()];
        int[] merged = [.. starts.Select(s => runs.First(r => r[0] == s).Aggregate(1, (size, rank) => size * shape[ranks[rank]]))];
        return (merged, [.. runs.Select(r => Array.IndexOf(starts, r[0]))]);
    }
}
