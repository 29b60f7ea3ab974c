namespace EdgeConv.Converters.Onnx;

/// <summary>Integers of a file with what they stand for: scale * (value - zero point). uint8 is brought to int8: both 128 less.</summary>
/// <param name="Values">In the order of the file.</param>
/// <param name="Scales">One, or one for each index of the axis.</param>
/// <param name="ZeroPoints">As many.</param>
/// <param name="Axis">Dimension of the scales; of no meaning where there is one.</param>
internal sealed record QuantizedTensor(long[] Values, float[] Scales, long[] ZeroPoints, int Axis)
{
    /// <summary>The real values.</summary>
    public float[] Floats(int[] shape)
    {
        int inner = shape.Skip(Axis + 1).Aggregate(1, (n, d) => n * d);
        var floats = new float[Values.Length];
        for (int i = 0; i < floats.Length; i++)
        {
            int c = i / inner % Scales.Length;
            floats[i] = (float)(Scales[c] * (double)(Values[i] - ZeroPoints[c]));
        }

        return floats;
    }

    /// <summary>The same under another shape; null where the scales' axis would be lost.</summary>
    public QuantizedTensor? Reshaped(int[] from, int[] to)
    {
        if (Scales.Length == 1)
        {
            return this with { Axis = 0 };
        }

        // The dimension must still be there, with as many elements behind it.
        int behind = from.Skip(Axis + 1).Aggregate(1, (n, d) => n * d);
        int axis = Enumerable.Range(0, to.Length)
            .FirstOrDefault(a => to[a] == from[Axis] && to.Skip(a + 1).Aggregate(1, (n, d) => n * d) == behind, -1);
        return axis < 0 ? null : this with { Axis = axis };
    }

    /// <summary>The same with the dimensions in another order.</summary>
    public QuantizedTensor Transposed(int[] shape, int[] order)
    {
        var moved = new long[Values.Length];
        int[] strides = [.. shape.Select((_, d) => shape.Skip(d + 1).Aggregate(1, (n, s) => n * s))];
        for (int i = 0; i < moved.Length; i++)
        {
            int from = 0, rest = i;
            for (int d = order.Length - 1; d >= 0; d--)
            {
                (rest, int at) = Math.DivRem(rest, shape[order[d]]);
                from += at * strides[order[d]];
            }

            moved[i] = Values[from];
        }

        return this with { Values = moved, Axis = Scales.Length == 1 ? 0 : Array.IndexOf(order, Axis) };
    }

    /// <summary>The scales of one group repeated for all of them, for weights whose groups share a dimension.</summary>
    public QuantizedTensor Grouped(int axis, int groupOutputs, int outputs) => Scales.Length == 1 ? this : this with
    {
        Scales = [.. Enumerable.Repeat(ScalesAlong(axis, groupOutputs), outputs / groupOutputs).SelectMany(s => s)],
        ZeroPoints = [.. Enumerable.Repeat(ZeroPointsAlong(axis, groupOutputs), outputs / groupOutputs).SelectMany(z => z)],
    };

    /// <summary>Scale of each output channel.</summary>
    /// <param name="axis">The dimension of the output channels.</param>
    /// <param name="outputs">Their number.</param>
    /// <exception cref="UnsupportedNodeException">The scales run along another dimension.</exception>
    public float[] ScalesAlong(int axis, int outputs) => Along(Scales, axis, outputs);

    /// <summary>Zero point of each output channel.</summary>
    /// <exception cref="UnsupportedNodeException">They run along another dimension.</exception>
    public long[] ZeroPointsAlong(int axis, int outputs) => Along(ZeroPoints, axis, outputs);

    private T[] Along<T>(T[] values, int axis, int outputs) => values.Length == 1 ? [.. Enumerable.Repeat(values[0], outputs)]
        : Axis == axis && values.Length == outputs ? values
        : throw new UnsupportedNodeException($"its weights have scales along axis {Axis}; {axis}, the output channels, is supported");
}
