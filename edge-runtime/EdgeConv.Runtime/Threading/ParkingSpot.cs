namespace EdgeConv.Runtime.Threading;

/// <summary>Where one thread waits: it looks again for a few microseconds, then sleeps until another thread wakes it.</summary>
internal sealed class ParkingSpot : IDisposable
{
    // About 20 us: longer than what one thread does alone between two split layers, shorter than a sleep and a wake-up cost.
    private const int Looks = 400;
    private static readonly int _looks = Environment.ProcessorCount > 1 ? Looks : 0;
    private readonly AutoResetEvent _wake = new(false);
    private int _isParked;

    /// <summary>Waits until a field is no longer a value. Only one thread waits here.</summary>
    /// <param name="field">Changed by others, who then call <see cref="Wake"/>.</param>
    /// <param name="value">What it is while there is nothing to do.</param>
    public void WaitWhile(ref int field, int value)
    {
        for (int i = 0; i < _looks; i++)
        {
            if (Volatile.Read(ref field) != value)
            {
                return;
            }

            Thread.SpinWait(1);
        }

        while (Volatile.Read(ref field) == value)
        {
            // Said before the last look: whoever changes the field after it sees that somebody sleeps here.
            Interlocked.Exchange(ref _isParked, 1);
            if (Volatile.Read(ref field) != value && Interlocked.Exchange(ref _isParked, 0) == 1)
            {
                return;
            }

            _wake.WaitOne();   // or takes the signal of one who woke this thread in between
        }
    }

    /// <summary>Wakes the thread if it sleeps; the field was changed before.</summary>
    public void Wake()
    {
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _isParked) == 1 && Interlocked.Exchange(ref _isParked, 0) == 1)
        {
            _wake.Set();
        }
    }

    public void Dispose() => _wake.Dispose();
}
