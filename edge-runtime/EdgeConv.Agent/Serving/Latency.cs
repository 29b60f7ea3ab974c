namespace EdgeConv.Agent.Serving;

/// <summary>How often something took how long, in the buckets of a Prometheus histogram.</summary>
internal sealed class Latency
{
    /// <summary>Upper bounds in seconds; beyond the last one there is no bound.</summary>
    public static IReadOnlyList<double> Bounds { get; } =
        [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

    private readonly long[] _counts = new long[Bounds.Count + 1];

    /// <summary>All seconds together.</summary>
    public double Sum { get; private set; }

    /// <summary>How many there were.</summary>
    public long Count { get; private set; }

    /// <summary>The mean of the last few, in seconds.</summary>
    public double Recent { get; private set; }

    /// <summary>One more.</summary>
    public void Add(double seconds)
    {
        int at = 0;
        while (at < Bounds.Count && seconds > Bounds[at])
        {
            at++;
        }

        _counts[at]++;
        Count++;
        Sum += seconds;
        Recent = Smooth(Recent, seconds);
    }

    /// <summary>How many took no longer than each bound, and in the end all.</summary>
    public long[] Cumulative()
    {
        long[] sums = new long[_counts.Length];
        long sum = 0;
        for (int i = 0; i < sums.Length; i++)
        {
            sums[i] = sum += _counts[i];
        }

        return sums;
    }

    /// <summary>A mean that forgets: the last sixteen or so.</summary>
    public static double Smooth(double mean, double next) => mean == 0 ? next : mean + (next - mean) / 16;
}
