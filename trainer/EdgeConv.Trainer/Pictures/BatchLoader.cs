using EdgeConv.Converters.Augmentation;
using EdgeConv.Converters.Data;

namespace EdgeConv.Trainer.Pictures;

/// <summary>
/// Streams shuffled, distorted batches from worker threads while the batch before is trained on. What comes out depends on the seed and
/// the epoch only, never on the number of workers or on their timing.
/// </summary>
public sealed class BatchLoader : IDisposable
{
    private readonly IBatchFiller _filler;
    private readonly IAugmentation? _augmentation;
    private readonly ulong _seed;
    private readonly int _count, _workers;
    private readonly Batch[] _slots;

    /// <summary>For some pictures.</summary>
    /// <param name="filler">Turns pictures to batches.</param>
    /// <param name="count">Number of pictures.</param>
    /// <param name="batchSize">Pictures a batch; what is left over in an epoch is left out of it.</param>
    /// <param name="augmentation">Changes each picture, or null.</param>
    /// <param name="seed">Determines order and changes.</param>
    /// <param name="workers">Threads, at least one.</param>
    /// <param name="channelsLast">How batches lie in memory.</param>
    public BatchLoader(IBatchFiller filler, int count, int batchSize, IAugmentation? augmentation, ulong seed, int workers = 1,
        bool channelsLast = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(workers, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(batchSize, count);
        (_filler, _augmentation, _seed, _count, BatchSize, _workers) = (filler, augmentation, seed, count, batchSize, workers);
        // A multiple of the workers, so that a slot is always filled by the same one and cannot be overtaken by a later step's.
        _slots = [.. Enumerable.Range(0, 3 * workers).Select(_ => filler.Create(batchSize, channelsLast))];
    }

    /// <summary>Pictures a batch.</summary>
    public int BatchSize { get; }

    /// <summary>Batches an epoch.</summary>
    public int Steps => _count / BatchSize;

    /// <summary>The batches of an epoch; each is valid until the next is asked for.</summary>
    public IEnumerable<Batch> Epoch(int epoch, CancellationToken cancel = default)
    {
        int[] order = [.. Enumerable.Range(0, _count)];
        SplitMix64.For(_seed, (ulong)epoch, ulong.MaxValue).Shuffle<int>(order);

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        SemaphoreSlim[] free = [.. _slots.Select(_ => new SemaphoreSlim(1))], ready = [.. _slots.Select(_ => new SemaphoreSlim(0))];
        Exception? failure = null;
        Thread[] threads = [.. Enumerable.Range(0, _workers).Select(worker => new Thread(() => Work(worker)) { IsBackground = true })];
        try
        {
            foreach (Thread thread in threads) thread.Start();
            for (int step = 0; step < Steps; step++)
            {
                int slot = step % _slots.Length;
                try
                {
                    ready[slot].Wait(stop.Token);
                }
                catch (OperationCanceledException) when (failure != null)
                {
                    throw new InvalidOperationException("A picture could not be prepared.", failure);
                }
                yield return _slots[slot];
                free[slot].Release();
            }
        }
        finally
        {
            stop.Cancel();
            foreach (Thread thread in threads) thread.Join();
        }

        void Work(int worker)
        {
            try
            {
                for (int step = worker; step < Steps; step += _workers)
                {
                    int slot = step % _slots.Length;
                    free[slot].Wait(stop.Token);
                    _filler.Fill(_slots[slot], order.AsSpan(step * BatchSize, BatchSize), _augmentation, _seed, epoch);
                    ready[slot].Release();
                }
            }
            catch (OperationCanceledException)
            {
                // The consumer has left early.
            }
            catch (Exception e)
            {
                failure = e;
                stop.Cancel();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Batch slot in _slots) slot.Dispose();
    }
}
