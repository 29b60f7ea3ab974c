using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

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
    public static int Of(ReadOnlySpan<sbyte> weights, int bias, int inputOffset, int inputZeroPoint, int weightZeroPoint = 0) =>
        OfSum(Sum(weights), weights.Length, bias, inputOffset, inputZeroPoint, weightZeroPoint);

    /// <summary>The same where the weights' sum is known.</summary>
    public static int OfSum(int sum, int count, int bias, int inputOffset, int inputZeroPoint, int weightZeroPoint = 0) =>
        bias - (inputOffset + inputZeroPoint) * sum + count * inputZeroPoint * weightZeroPoint;

    /// <summary>All of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]   // at its best from the first call on: a model is packed once
    public static int Sum(ReadOnlySpan<sbyte> weights)
    {
        int sum = 0;
        while (weights.Length >= Vector128<sbyte>.Count)
        {
            // 127 times two int8 fit int16
            ReadOnlySpan<sbyte> part = weights[..Math.Min(weights.Length & -Vector128<sbyte>.Count, 127 * Vector128<sbyte>.Count)];
            weights = weights[part.Length..];
            Vector128<short> sums = default;
            for (; part.Length > 0; part = part[Vector128<sbyte>.Count..])
            {
                (Vector128<short> low, Vector128<short> high) = Vector128.Widen(Vector128.Create(part));
                sums += low + high;
            }

            sum += Vector128.Sum(Vector128.WidenLower(sums) + Vector128.WidenUpper(sums));
        }

        foreach (sbyte weight in weights)
        {
            sum += weight;
        }

        return sum;
    }
}
