using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Quantization;

namespace EdgeConv.Converters.Onnx.Operators;

/// <summary>Weights and biases that a file has as integers, on their way into a layer.</summary>
internal static class GivenImport
{
    // A bias counts as quantized at input scale * weight scale when its own scale is that up to float rounding.
    private const double SameScale = 1e-6;

    /// <summary>The integers of a layer's weights less their zero points, and how often the input must be there to hold them.</summary>
    /// <param name="Parts">int8 weights of each copy of the input, in the order of the layer's weights.</param>
    /// <param name="Scales">One an output channel.</param>
    /// <param name="ZeroPoint">What is still to be taken from the weights.</param>
    public sealed record Integers(IReadOnlyList<sbyte[]> Parts, float[] Scales, int ZeroPoint);

    /// <summary>
    /// Weights as int8. Weights with a zero point leave int8; a fully connected layer has one for all, otherwise they are split in sums of two or three.
    /// </summary>
    /// <param name="weights">Of the file.</param>
    /// <param name="axis">The file's dimension of output channels.</param>
    /// <param name="outputs">Their number.</param>
    /// <param name="order">From the file's order to the layer's, output channel first.</param>
    /// <param name="mayHaveZeroPoint">Whether the layer takes one.</param>
    public static Integers? Read(QuantizedTensor? weights, int axis, int outputs, Func<int[], int[]> order, bool mayHaveZeroPoint)
    {
        if (weights is null)
        {
            return null;
        }

        long[] zeros = weights.ZeroPointsAlong(axis, outputs);
        int[] values = order(weights.Values);
        float[] scales = weights.ScalesAlong(axis, outputs);
        bool uniform = zeros.All(z => z == zeros[0]);
        bool fits = uniform && (zeros[0] == 0 || (mayHaveZeroPoint && IsInt8(zeros[0])));
        if (fits && Array.TrueForAll(values, v => IsInt8(v)))
        {
            return new Integers([Array.ConvertAll(values, v => (sbyte)v)], scales, (int)zeros[0]);
        }

        int row = values.Length / outputs;
        var rest = new int[values.Length];
        for (int i = 0; i < rest.Length; i++)
        {
            rest[i] = values[i] - (int)zeros[i / row];
        }

        var parts = new List<sbyte[]>();
        do
        {
            parts.Add(Array.ConvertAll(rest, r => (sbyte)Math.Clamp(r, sbyte.MinValue, sbyte.MaxValue)));
            for (int i = 0; i < rest.Length; i++)
            {
                rest[i] -= parts[^1][i];
            }
        }
        while (Array.Exists(rest, r => r != 0));
        return new Integers(parts, scales, 0);
    }

    /// <summary>Weights of all copies of the input side by side, for each output and each tap.</summary>
    /// <param name="parts">Of each copy.</param>
    /// <param name="run">Weights that stand together: the input channels of a group.</param>
    public static sbyte[] Join(IReadOnlyList<sbyte[]> parts, int run)
    {
        if (parts.Count == 1)
        {
            return parts[0];
        }

        var joined = new sbyte[parts.Count * parts[0].Length];
        for (int i = 0; i < parts[0].Length / run; i++)
        {
            for (int p = 0; p < parts.Count; p++)
            {
                parts[p].AsSpan(i * run, run).CopyTo(joined.AsSpan(((i * parts.Count) + p) * run));
            }
        }

        return joined;
    }

    /// <summary>The input as often as the weights ask for it: each group's channels one after another.</summary>
    public static ImportedValue Copies(NodeImport node, ImportedValue input, int copies, int groups)
    {
        if (copies == 1)
        {
            return input;
        }

        string suffix = $"copies{copies}";
        if (input.OnnxShape.Count == 2)
        {
            int features = copies * input.Features;
            return node.Insert(suffix, new Concat(1), Same(input, copies), [1, features], v => new ImportedValue(v, [1, features]));
        }

        ImageShape image = input.Image;
        (int h, int w, int all) = (image.Height, image.Width, image.Channels * copies);
        ImportedValue Picture(Value v) => new(v, [1, all, h, w]);
        if (groups == 1)
        {
            return node.Insert(suffix, new Concat(3), Same(input, copies), [1, h, w, all], Picture);
        }

        int inner = image.Channels / groups;
        ImportedValue Stored(Value v) => new(v, v.Shape) { IsAsStored = true };
        ImportedValue split = node.Insert($"groups{groups}", new Reshape(), [input], [1, h * w, groups, inner], Stored);
        ImportedValue joined = node.Insert(suffix, new Concat(3), Same(split, copies), [1, h * w, groups, inner * copies], Stored);
        return node.Insert("picture", new Reshape(), [joined], [1, h, w, all], Picture);
    }

    /// <summary>The bias as the file's integers, where they are at input scale * weight scale.</summary>
    /// <param name="node">The layer.</param>
    /// <param name="bias">Null for none.</param>
    /// <param name="input">What the layer reads.</param>
    /// <param name="scales">Of the weights.</param>
    public static long[]? Bias(NodeImport node, OnnxConstant? bias, ImportedValue input, float[] scales)
    {
        if (bias is null)
        {
            return new long[scales.Length];
        }

        if (bias.Quantized is not { } quantized || bias.Length != scales.Length
            || !node.Graph.Given.TryGetValue(input.Value.Name, out ActivationQuantization q))
        {
            return null;
        }

        int axis = quantized.Axis;
        float[] own = quantized.ScalesAlong(axis, scales.Length);
        long[] zeros = quantized.ZeroPointsAlong(axis, scales.Length);
        bool agrees = own.Zip(scales).All(s => Math.Abs(s.First - ((double)s.Second * q.Scale)) <= SameScale * s.First);
        return agrees ? [.. quantized.Values.Zip(zeros, (v, z) => v - z)] : null;
    }

    private static bool IsInt8(long value) => value is >= sbyte.MinValue and <= sbyte.MaxValue;

    private static ImportedValue[] Same(ImportedValue value, int copies) => [.. Enumerable.Repeat(value, copies)];
}
