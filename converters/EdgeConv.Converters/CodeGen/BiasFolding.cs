namespace EdgeConv.Converters.CodeGen;

/// <summary>Biases that take the input's zero point off, so that products are of bytes and weights as they are.</summary>
internal static class BiasFolding
{
    /// <summary>bias - zero point * sum of weights, or null where a sum on the way could leave int32.</summary>
    /// <param name="bias">A filter each.</param>
    /// <param name="weights">[filter][tap]; none: null.</param>
    /// <param name="zeroPoint">Of the input.</param>
    public static int[]? Fold(int[] bias, ReadOnlySpan<sbyte> weights, int zeroPoint)
    {
        if (weights.IsEmpty)
        {
            return null;
        }

        int taps = weights.Length / bias.Length;
        int[] folded = new int[bias.Length];
        for (int filter = 0; filter < bias.Length; filter++)
        {
            long sum = 0, size = 0;
            foreach (sbyte weight in weights.Slice(filter * taps, taps))
            {
                sum += weight;
                size += Math.Abs((int)weight);
            }

            long value = bias[filter] - zeroPoint * sum;
            if (Math.Abs(value) + 128 * size > int.MaxValue)
            {
                return null;
            }

            folded[filter] = (int)value;
        }

        return folded;
    }
}
