using System.Threading.Channels;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Devices.Acting;

/// <summary>
/// An action that may take its time: one job after another beside the watcher, from a queue that drops its oldest when it is full. A job that hangs
/// delays the later jobs of this action and nothing else; one that fails is said.
/// </summary>
/// <typeparam name="T">What a job needs.</typeparam>
internal abstract class BackgroundAction<T> : RuleAction
    where T : class
{
    private static readonly TimeSpan _graceAtEnd = TimeSpan.FromSeconds(2);

    private readonly Channel<T> _queue;
    private readonly CancellationTokenSource _stop = new();
    private readonly Complaints _failures;
    private readonly Complaints _drops;
    private readonly Task _worker;

    /// <param name="name">For messages.</param>
    /// <param name="room">Jobs that wait at most.</param>
    /// <param name="say">Told of failures and drops, from another thread.</param>
    protected BackgroundAction(string name, int room, Action<string> say)
    {
        (_failures, _drops) = (new Complaints(name, say), new Complaints(name, say));
        _queue = Channel.CreateBounded<T>(new BoundedChannelOptions(room) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true }, dropped =>
        {
            Forget(dropped);
            _drops.Add("too slow; the oldest was dropped.");
        });
        _worker = Task.Run(WorkAll);
    }

    /// <summary>How many were dropped.</summary>
    public long Dropped => _drops.Count;

    /// <summary>How many failed.</summary>
    public long Failed => _failures.Count;

    /// <inheritdoc/>
    public sealed override void Act(ActionEvent what, in Picture? picture)
    {
        if (Prepare(what, picture) is { } job && !_queue.Writer.TryWrite(job))
        {
            Forget(job);
        }
    }

    /// <summary>Lets what waits be done for a short while, then stops it.</summary>
    public override void Dispose()
    {
        _queue.Writer.TryComplete();
        if (!_worker.Wait(_graceAtEnd))
        {
            _stop.Cancel();
            _worker.Wait(_graceAtEnd);
        }

        while (_queue.Reader.TryRead(out T? left))
        {
            Forget(left);
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>On the watcher's thread: what the job needs; null for none.</summary>
    protected abstract T? Prepare(ActionEvent what, in Picture? picture);

    /// <summary>Does it. Whatever it throws is said.</summary>
    protected abstract Task Work(T job, CancellationToken stop);

    /// <summary>Gives back what a job holds that is not done.</summary>
    protected virtual void Forget(T job)
    {
    }

    private async Task WorkAll()
    {
        // Ends with the queue; what waits when the time is up is forgotten.
        while (await _queue.Reader.WaitToReadAsync(CancellationToken.None).ConfigureAwait(false))
        {
            while (!_stop.IsCancellationRequested && _queue.Reader.TryRead(out T? job))
            {
                try
                {
                    await Work(job, _stop.Token).ConfigureAwait(false);
                }
                catch (Exception error)
                {
                    if (!_stop.IsCancellationRequested)
                    {
                        _failures.Add(error.Message.TrimEnd('.') + ".");
                    }
                }
            }

            if (_stop.IsCancellationRequested)
            {
                return;
            }
        }
    }
}
