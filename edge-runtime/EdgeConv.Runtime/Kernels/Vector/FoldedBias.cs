namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>The bias with which a kernel may multiply input and weight bytes as they are, zero points and all.</summary>
internal static class FoldedBias
{
    /// <summary>
    /// sum of (x - zx) * (w - zw) + bias = sum of (x + offset) * w - zw * sum of x + what this returns, modulo 2^32.
    /// </summary>
    /// <param name="weights">All weights of one output channel.</param>
    /// <param name="bias">The channel's bias.</param>
    /// <param name="inputOffset">What the kernel adds to each input element.</param>
    /// <param name="inputZeroPoint">zx.</param>
    /// <param name="weightZeroPoint">zw; its share that depends on x is the caller's.</param>
    public static int Of(ReadOnlySpan<sbyte> weights, int bias, int inputOffset, int inputZeroPoint, int weightZeroPoint = 0)
    {
        int sum = 0;
        foreach (sbyte weight in weights)
        {
            sum += weight;
        }

        return bias - (inputOffset + inputZeroPoint) * sum + weights.Length * inputZeroPoint * weightZeroPoint;
    }
}
