namespace EdgeConv.Converters.Quantization;

/// <summary>
/// How much a histogram loses when it is clipped and cut into 256 steps: the Kullback-Leibler divergence, as in Migacz, 8-bit
/// inference with TensorRT (GTC 2017). The clipped distribution keeps its outliers in the bins at its ends; the quantized one does not.
/// </summary>
internal static class KullbackLeibler
{
    /// <summary>Steps of int8; fewer bins cannot be told apart from their quantization.</summary>
    public const int Steps = 256;

    // Stands for a probability of zero, whose logarithm is infinite.
    private const double Nothing = 1e-9;

    /// <summary>The divergence in nats when only some bins are kept; infinite for an empty histogram.</summary>
    /// <param name="counts">The histogram.</param>
    /// <param name="first">First bin that is kept.</param>
    /// <param name="count">Number of bins that are kept.</param>
    public static double Divergence(long[] counts, int first, int count)
    {
        ReadOnlySpan<long> kept = counts.AsSpan(first, count);
        var clipped = new double[count];
        var quantized = new double[count];
        for (int i = 0; i < count; i++)
        {
            clipped[i] = kept[i];
        }

        clipped[0] += Sum(counts.AsSpan(0, first));
        clipped[^1] += Sum(counts.AsSpan(first + count));
        for (int step = 0; step < Steps; step++)
        {
            (int from, int to) = ((int)((long)step * count / Steps), (int)((long)(step + 1) * count / Steps));
            ReadOnlySpan<long> bins = kept[from..to];
            int occupied = bins.Length - bins.Count(0);
            double share = occupied == 0 ? 0 : (double)Sum(bins) / occupied;
            for (int i = from; i < to; i++)
            {
                quantized[i] = kept[i] == 0 ? 0 : share;
            }
        }

        return Divergence(clipped, quantized);
    }

    private static double Divergence(double[] p, double[] q)
    {
        (double pAll, double qAll) = (p.Sum(), q.Sum());
        if (qAll == 0)
        {
            return double.PositiveInfinity;
        }

        double sum = 0;
        for (int i = 0; i < p.Length; i++)
        {
            double share = p[i] / pAll;
            sum += share > 0 ? share * Math.Log(share / Math.Max(q[i] / qAll, Nothing)) : 0;
        }

        return sum;
    }

    private static long Sum(ReadOnlySpan<long> counts)
    {
        long sum = 0;
        foreach (long count in counts)
        {
            sum += count;
        }

        return sum;
    }
}
