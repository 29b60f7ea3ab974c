namespace EdgeConv.Devices.Acting;

/// <summary>Says what goes wrong the first, the tenth, the hundredth... time: a cut cable must not fill the disk with messages. From any thread.</summary>
/// <param name="name">Before every message.</param>
/// <param name="say">Told.</param>
public sealed class Complaints(string name, Action<string> say)
{
    private long _count;

    /// <summary>How often something went wrong.</summary>
    public long Count => Interlocked.Read(ref _count);

    /// <summary>Whether the n-th time is said: the first, the tenth, the hundredth...</summary>
    public static bool IsTold(long n) => Math.Log10(n) % 1 == 0;

    /// <summary>Once more.</summary>
    public void Add(string message)
    {
        long count = Interlocked.Increment(ref _count);
        if (IsTold(count))
        {
            say(count == 1 ? $"{name}: {message}" : $"{name}: {message} This is number {count}.");
        }
    }
}
