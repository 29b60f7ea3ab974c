namespace EdgeConv.Agent.Telemetry;

/// <summary>
/// Times, counted in bins that grow by an eighth of a power of two: adding one costs no memory, and a percentile is at most 9 % too high.
/// </summary>
internal sealed class Percentiles
{
    private const int BinsOfOctave = 8;
    private const int Octaves = 32;

    private readonly long[] _bins = new long[Octaves * BinsOfOctave];

    /// <summary>How many were added.</summary>
    public long Count { get; private set; }

    /// <summary>The longest.</summary>
    public double Largest { get; private set; }

    /// <summary>One more, in microseconds.</summary>
    public void Add(double microseconds)
    {
        _bins[Bin(microseconds)]++;
        Count++;
        Largest = Math.Max(Largest, microseconds);
    }

    /// <summary>No less than this part of all, from 0 to 1; 0 where there are none.</summary>
    public double At(double part)
    {
        long rank = Math.Max(1, (long)Math.Ceiling(part * Count)), seen = 0;
        for (int bin = 0; bin < _bins.Length && Count > 0; bin++)
        {
            seen += _bins[bin];
            if (seen >= rank)
            {
                return Math.Min(Largest, Math.Pow(2, (bin + 1) / (double)BinsOfOctave));
            }
        }

        return 0;
    }

    /// <summary>Begins again.</summary>
    public void Clear()
    {
        Array.Clear(_bins);
        (Count, Largest) = (0, 0);
    }

    private static int Bin(double microseconds) =>
        microseconds <= 1 ? 0 : Math.Min(Octaves * BinsOfOctave - 1, (int)(Math.Log2(microseconds) * BinsOfOctave));
}
