namespace EdgeConv.Agent.Fleet;

/// <summary>How long to wait before the next try: twice as long after every failure, and never the same for two boards of a fleet.</summary>
/// <param name="first">The longest pause after the first failure.</param>
/// <param name="longest">The longest of all.</param>
/// <param name="random">Spreads the boards: after a power cut all of them come back at once.</param>
internal sealed class Backoff(TimeSpan first, TimeSpan longest, Random random)
{
    private const double Spread = 0.1;

    /// <summary>After so many failures in a row, from 1. Anything from half the pause to the whole one.</summary>
    /// <param name="failures">How many.</param>
    /// <param name="asked">What the server asked for, which is the least then; but no more than the longest pause.</param>
    public TimeSpan After(int failures, TimeSpan? asked)
    {
        TimeSpan pause = Least(first * Math.Pow(2, Math.Min(failures - 1, 30)), longest);
        TimeSpan spread = pause * (0.5 + 0.5 * random.NextDouble());
        return asked is { } least && least > spread ? Least(least, longest) * (1 + Spread * random.NextDouble()) : spread;
    }

    /// <summary>A tenth more or less than the pause between two polls.</summary>
    public TimeSpan Around(TimeSpan pause) => pause * (1 + Spread * (2 * random.NextDouble() - 1));

    private static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
