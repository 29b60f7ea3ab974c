using System.Runtime.ExceptionServices;
using EdgeConv.Trainer.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeConv.Trainer.Parts;

/// <summary>
/// Threads that share pieces of work, each of which one thread computes. Where libtorch shares an operation, its sums change with the
/// number of threads; the pieces here do not depend on it.
/// </summary>
internal sealed class PartTeam : IDisposable
{
    private readonly Barrier _barrier;
    private readonly Thread[] _helpers;
    private Action<int> _work = _ => { };
    private Action? _meeting; // what happens while all wait
    private bool _closing;

    /// <summary>The caller is one of the threads.</summary>
    public PartTeam(int threads)
    {
        Threads = threads;
        _barrier = new Barrier(threads, _ => _meeting?.Invoke());
        LibTorch.UseOneThread();
        _helpers = [.. Enumerable.Range(1, threads - 1).Select(lane => new Thread(() => Help(lane)) { IsBackground = true, Name = $"EdgeConv part {lane}" })];
        foreach (Thread helper in _helpers) helper.Start();
    }

    /// <summary>Threads that work.</summary>
    public int Threads { get; }

    /// <summary>Does each piece once, in any order.</summary>
    public void For(int pieces, Action<int> piece)
    {
        var failure = new Failure();
        int next = -1;
        Run(_ =>
        {
            for (int i; !failure.Happened && (i = Interlocked.Increment(ref next)) < pieces;) failure.Try(() => piece(i));
        });
        failure.Rethrow();
    }

    /// <summary>Runs one program a part. All wait for each other where they yield sums, and go on with the total; all yield equally often.</summary>
    /// <param name="parts">Number of parts.</param>
    /// <param name="program">What a part does; values that it leaves to libtorch's scopes live until all parts are done.</param>
    /// <param name="learns">Whether there will be a backward pass.</param>
    public void Run(int parts, Func<int, Exchange, IEnumerator<double[]>> program, bool learns = true)
    {
        var exchange = new Exchange();
        var failure = new Failure();
        var said = new double[]?[parts];
        bool done = false;
        Run(lane =>
        {
            using DisposeScope scope = NewDisposeScope();
            using IDisposable? off = learns ? null : no_grad();
            var mine = new List<(int Part, IEnumerator<double[]> Steps)>();
            for (int part = lane; part < parts; part += Threads) mine.Add((part, program(part, exchange)));
            if (lane == 0) _meeting = Meet;
            while (!done)
            {
                foreach ((int part, IEnumerator<double[]> steps) in mine)
                {
                    failure.Try(() => said[part] = steps.MoveNext() ? steps.Current : null);
                    if (failure.Happened) exchange.Break();
                }
                _barrier.SignalAndWait();
            }
            if (lane == 0) _meeting = null;
        });
        failure.Rethrow();

        void Meet()
        {
            done = failure.Happened || said[0] == null;
            if (!done) exchange.Add(said!);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _closing = true;
        _barrier.SignalAndWait();
        foreach (Thread helper in _helpers) helper.Join();
        _barrier.Dispose();
    }

    private void Run(Action<int> work)
    {
        _work = work;
        _barrier.SignalAndWait();
        work(0);
        _barrier.SignalAndWait();
    }

    private void Help(int lane)
    {
        LibTorch.UseOneThread();
        while (true)
        {
            _barrier.SignalAndWait();
            if (_closing) return;
            _work(lane);
            _barrier.SignalAndWait();
        }
    }

    /// <summary>The first exception of several threads: one that fails still has to meet the others.</summary>
    private sealed class Failure
    {
        private ExceptionDispatchInfo? _first;

        public bool Happened => Volatile.Read(ref _first) != null;

        public void Try(Action action)
        {
            if (Happened) return;
            try
            {
                action();
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref _first, ExceptionDispatchInfo.Capture(e), null);
            }
        }

        public void Rethrow() => _first?.Throw();
    }
}
