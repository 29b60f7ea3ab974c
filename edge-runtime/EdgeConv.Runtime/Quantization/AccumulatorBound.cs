namespace EdgeConv.Runtime.Quantization;

/// <summary>The largest absolute value that an accumulator can take, from its actual weights.</summary>
public static class AccumulatorBound
{
    /// <summary>
    /// Largest |bias + sum of (x - inputZeroPoint) * (w - weightZeroPoint)| over all int8 inputs x, and over every partial sum, in
    /// whatever order it is taken.
    /// </summary>
    /// <param name="weights">All weights of one output channel.</param>
    /// <param name="weightZeroPoint">0 for symmetric weights.</param>
    /// <param name="inputZeroPoint">-128 to 127.</param>
    /// <param name="bias">The channel's bias.</param>
    public static long Of(ReadOnlySpan<sbyte> weights, int weightZeroPoint, int inputZeroPoint, int bias)
    {
        (int low, int high) = (sbyte.MinValue - inputZeroPoint, sbyte.MaxValue - inputZeroPoint);
        long positive = 0, negative = 0;
        foreach (sbyte weight in weights)
        {
            int w = weight - weightZeroPoint;
            positive += Math.Max(w, 0);
            negative += Math.Min(w, 0);
        }

        long most = positive * high + negative * low, least = positive * low + negative * high;
        return Math.Max(Math.Max(most, most + bias), Math.Max(-least, -(least + bias)));
    }

    /// <summary>The same for int16 inputs, whose zero point is 0.</summary>
    /// <param name="weights">All weights of one output channel.</param>
    /// <param name="weightZeroPoint">0 for symmetric weights.</param>
    /// <param name="bias">The channel's bias.</param>
    public static long OfInt16(ReadOnlySpan<sbyte> weights, int weightZeroPoint, long bias)
    {
        long sum = 0;
        foreach (sbyte weight in weights)
        {
            sum += Math.Abs(weight - weightZeroPoint);
        }

        long reach = sum * -short.MinValue;
        return bias > long.MaxValue - reach || bias < long.MinValue + reach + 1 ? long.MaxValue : reach + Math.Abs(bias);
    }
}
