using System.Runtime.ExceptionServices;

namespace EdgeConv.Converters;

/// <summary>Runs many pictures through per-thread executors. Results must not depend on the order.</summary>
internal static class Parallelism
{
    /// <summary>Calls the body for 0 to count - 1, each thread with its own state, then merges the states one at a time.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static void For<TState>(
        int count, Func<TState> create, Action<int, TState> body, Action<TState> merge, IProgress<int>? progress, CancellationToken cancel)
    {
        var gate = new Lock();
        int done = 0;
        var options = new ParallelOptions { CancellationToken = cancel, MaxDegreeOfParallelism = Environment.ProcessorCount };
        try
        {
            Parallel.For(0, count, options, create,
                (i, _, state) =>
                {
                    body(i, state);
                    progress?.Report(Interlocked.Increment(ref done));
                    return state;
                },
                state =>
                {
                    lock (gate)
                    {
                        merge(state);
                    }
                });
        }
        catch (AggregateException e) when (e.InnerException is { } first)
        {
            ExceptionDispatchInfo.Throw(first);
        }
    }
}
