using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Quantization;
using EdgeConv.Runtime;

namespace EdgeConv.Converters.Onnx.Operators;

/// <summary>Transpose, Concat and Pad.</summary>
internal static class LayoutImport
{
    // Where we store the dimensions of ONNX's NCHW, and the way back.
    private static readonly int[] _stored = [0, 3, 1, 2];
    private static readonly int[] _onnx = [0, 2, 3, 1];

    /// <summary>Dimensions in another order. Between NCHW and NHWC only our view of the value changes.</summary>
    public static void Transpose(NodeImport node)
    {
        ImportedValue input = node.Activation(0);
        IReadOnlyList<int> from = input.OnnxShape;
        int rank = from.Count;
        int[] order = node.Ints("perm") is { } perm
            ? [.. perm.Select(p => (int)Math.Clamp(p, -1, rank))]
            : [.. Enumerable.Range(0, rank).Reverse()];
        if (!order.Order().SequenceEqual(Enumerable.Range(0, rank)))
        {
            throw new UnsupportedNodeException($"attribute perm = {order.Text()} on {from.Text()}");
        }

        int[] shape = [.. order.Select(o => from[o])];
        if (order.Where(o => from[o] != 1).ToArray() is var moved && moved.SequenceEqual(moved.Order()))
        {
            ReshapeImport.To(node, input, [.. shape.Select(d => (long)d)]); // only dimensions of 1 change places
        }
        else if (rank == 4 && input.ViewOf is null)
        {
            Transpose(node, input, order, shape);
        }
        else if (input.ViewOf is { InOnnxOrder: false, Value.Shape: [1, var h, var w, _] } && order is [0, 2, 1, 3, 4]
            && shape is [1, var inner, var groups, var height, var width] && (height, width) == (h, w))
        {
            ShuffleChannels(node, input, groups, inner);
        }
        else
        {
            throw new UnsupportedNodeException($"attribute perm = {order.Text()} on {from.Text()}; pictures and their shuffled channels "
                + "are supported");
        }
    }

    /// <summary>Activations one behind the other.</summary>
    public static void Concat(NodeImport node)
    {
        ImportedValue[] parts = [.. Enumerable.Range(0, node.InputCount).Select(node.Activation)];
        int rank = parts[0].OnnxShape.Count;
        long attribute = node.Int("axis", 1);
        int axis = (int)Math.Clamp(attribute < 0 ? attribute + rank : attribute, -1, rank);
        bool fits = axis > 0 && axis < rank && parts.All(p => p.ViewOf is null && p.OnnxShape.Count == rank
            && p.OnnxShape.Where((d, i) => i != axis && d != parts[0].OnnxShape[i]).FirstOrDefault(-1) == -1);
        if (!fits)
        {
            throw new UnsupportedNodeException($"attribute axis = {attribute} on {string.Join(", ", parts.Select(p => p.OnnxShape.Text()))}; "
                + "pictures or rows that differ along that axis only, and not along the batch, are supported");
        }

        bool asStored = rank == 4 && parts.All(p => p.IsAsStored);
        parts = rank == 2 ? [.. parts.Select(node.InOnnxOrder)]
            : asStored ? parts
            : [.. Enumerable.Range(0, parts.Length).Select(node.Picture)];
        var concat = new Concat(rank == 4 && !asStored ? _stored[axis] : axis);

        // What one operator of the runtime cannot hold is joined in groups first.
        for (int round = 0; parts.Length > ConcatOp.MaxParts; round++)
        {
            parts = [.. parts.Chunk(ConcatOp.MaxParts).Select((group, i) => group.Length == 1 ? group[0] : Join(group,
                (shape, describe) => node.Intermediate($"group{round}_{i}", concat, group, shape, describe)))];
        }

        Join(parts, (shape, describe) =>
        {
            node.Emit(concat, parts, shape, describe);
            return parts[0];
        });

        ImportedValue Join(ImportedValue[] group, Func<int[], Func<Value, ImportedValue>, ImportedValue> emit)
        {
            int[] onnxShape = [.. group[0].OnnxShape.Select((d, i) => i == axis ? group.Sum(p => p.OnnxShape[axis]) : d)];
            int[] shape = rank == 4 && !asStored ? [.. _onnx.Select(d => onnxShape[d])] : onnxShape;
            return emit(shape, v => new ImportedValue(v, onnxShape) { IsAsStored = asStored });
        }
    }

    /// <summary>A frame of one value; attributes before opset 11, inputs from there on.</summary>
    public static void Pad(NodeImport node)
    {
        string mode = node.Text("mode", "constant");
        ImportedValue input = node.Picture(0);
        ImageShape image = input.Image;
        long[] pads = Amounts(node);
        float value = node.Opset < 11 ? node.Float("value", 0) : node.Has(2) ? node.Floats(2, 1)[0] : 0;
        value = node.Found(0).Form == IntegerForm.None ? value : OfInteger(node, value);
        if (pads.All(p => p == 0))
        {
            node.Alias(input);
            return;
        }

        const long Largest = short.MaxValue;
        if (mode != "constant" || pads[0] != 0 || pads[4] != 0 || pads.Any(p => p is < 0 or > Largest) || float.IsNaN(value))
        {
            throw new UnsupportedNodeException($"mode = {mode}, pads = {pads.Text()}, value {value}; a constant frame of 0 to {Largest} "
                + "around a picture is supported");
        }

        int[] p = [.. pads.Select(x => (int)x)];
        var pad = new Pad(p[2], p[3], p[6], p[7], p[1], p[5], Math.Clamp(value, float.MinValue, float.MaxValue));
        node.Emit(pad, input,
            [1, image.Channels + p[1] + p[5], image.Height + p[2] + p[6], image.Width + p[3] + p[7]]);
    }

    // What a frame of integers stands for.
    private static float OfInteger(NodeImport node, float value)
    {
        ImportedValue input = node.Found(0);
        return node.Graph.Given.TryGetValue(input.Value.Name, out ActivationQuantization q)
            ? (float)q.Dequantize((int)value - (input.Form == IntegerForm.Uint8 ? 128 : 0))
            : throw new UnsupportedNodeException("a frame around integers whose scale is not known yet");
    }

    // Begins and ends of all four dimensions.
    private static long[] Amounts(NodeImport node)
    {
        long[] pads = (node.Opset < 11 ? node.Ints("pads") : node.Constant(1).Integers()) ?? [];
        long[] axes = node.Opset >= 18 && node.Has(3) ? node.Constant(3).Integers() : [0, 1, 2, 3];
        if (pads.Length != 2 * axes.Length || axes.Any(a => a is < -4 or > 3))
        {
            throw new UnsupportedNodeException($"pads = {pads.Text()} on axes {axes.Text()}; a begin and an end for each axis are supported");
        }

        var all = new long[8];
        for (int i = 0; i < axes.Length; i++)
        {
            int axis = (int)(axes[i] < 0 ? axes[i] + 4 : axes[i]);
            (all[axis], all[axis + 4]) = (pads[i], pads[i + axes.Length]);
        }

        return all;
    }

    private static void Transpose(NodeImport node, ImportedValue input, int[] order, int[] shape)
    {
        int[] own = input.IsAsStored ? order : [.. order.Select(o => _stored[o])]; // of our dimensions, to ONNX's new order
        int[] toPicture = [.. _onnx.Select(d => own[d])];
        if (toPicture is [0, 1, 2, 3])
        {
            node.Alias(new ImportedValue(input.Value, shape));
        }
        else if (own is [0, 1, 2, 3])
        {
            node.Alias(new ImportedValue(input.Value, shape) { IsAsStored = true });
        }
        else
        {
            node.Emit(new Transpose(toPicture), input, shape);
        }
    }

    // [1, G, C/G, H, W] to [1, C/G, G, H, W]: for each pixel, a small matrix of channels is transposed.
    private static void ShuffleChannels(NodeImport node, ImportedValue input, int groups, int inner)
    {
        ImportedValue source = input.Source;
        (int h, int w) = (source.Value.Shape[1], source.Value.Shape[2]);
        ImportedValue split = node.Insert($"groups{groups}", new Reshape(), source, [1, h * w, groups, inner],
            v => new ImportedValue(v, [1, h * w, groups, inner]) { IsAsStored = true });
        ImportedValue shuffled = node.Insert("shuffled", new Transpose([0, 1, 3, 2]), split, [1, h * w, inner, groups],
            v => new ImportedValue(v, [1, h * w, inner, groups]) { IsAsStored = true });
        node.Emit(new Reshape(), [shuffled], source.Value.Shape,
            v => new ImportedValue(v, [1, inner, groups, h, w]) { ViewOf = source with { Value = v } });
    }
}
