using System.Runtime.ExceptionServices;

namespace EdgeConv.Runtime.Threading;

/// <summary>
/// The threads of one interpreter: the caller's and those that help it. They take pieces of a kernel's work as they come to them, so a
/// helper that the system keeps away takes none and nobody waits for it. Splitting allocates nothing.
/// </summary>
internal sealed class WorkerPool : IDisposable
{
    /// <summary>Large work comes in more pieces than threads, so that one which is interrupted does not hold up the others for a whole share.</summary>
    private const int PiecesPerThread = 4;

    /// <summary>Pieces cost at least so many times what is worthwhile: with one share each, threads find in their caches what they left there.</summary>
    private const int PieceCost = 5;

    private readonly Team? _team;

    /// <param name="threads">At least 1: the caller's own.</param>
    /// <param name="worthwhile">For tests: the cost from which work is split.</param>
    public WorkerPool(int threads, long? worthwhile = null)
    {
        Threads = threads;
        Worthwhile = worthwhile ?? SplitCost.Worthwhile;
        _team = threads > 1 ? new Team(threads - 1) : null;
    }

    ~WorkerPool() => _team?.Stop();

    /// <summary>Where nobody helps.</summary>
    public static WorkerPool Alone { get; } = new(1);

    /// <summary>Threads that work, the caller's included; lanes are below it.</summary>
    public int Threads { get; }

    /// <summary>For tests.</summary>
    internal IReadOnlyList<Thread> Helpers => _team?.Threads ?? [];

    /// <summary>The cost from which work is split.</summary>
    public long Worthwhile { get; }

    /// <summary>Does all units, on several threads where that pays, and returns when they are done.</summary>
    /// <param name="work">The work.</param>
    /// <param name="units">How many units it has.</param>
    /// <param name="cost">In multiply-accumulates, or what takes as long; see <see cref="SplitCost"/>.</param>
    /// <exception cref="Exception">What the work throws, on any thread.</exception>
    public void Split(ISplitWork work, int units, long cost)
    {
        if (_team is null || units < 2 || cost < Worthwhile)
        {
            work.Run(0, units, 0);
            return;
        }

        long each = Math.Clamp(cost / Math.Max(1, PieceCost * Worthwhile) / Threads, 1, PiecesPerThread);   // as many for every thread
        _team.Run(work, units, (int)Math.Min(units, each * Threads));
    }

    public void Dispose()
    {
        _team?.Stop();
        _team?.Join();
        GC.SuppressFinalize(this);
    }

    /// <summary>What the threads share. It does not know the pool, so that a pool which is forgotten is finalized and its threads end.</summary>
    private sealed class Team
    {
        private readonly ParkingSpot[] _helpers;
        private readonly ParkingSpot _caller = new();
        private ISplitWork? _work;
        private int _units;
        private int _pieces;
        private int _untaken;       // pieces that nobody has begun; -1 ends the threads
        private int _unfinished;
        private Exception? _failure;

        public Team(int helpers)
        {
            const int stack = 256 * 1024;
            _helpers = [.. Enumerable.Range(0, helpers).Select(_ => new ParkingSpot())];
            Threads = [.. Enumerable.Range(1, helpers).Select(lane => new Thread(() => Help(lane), stack) { IsBackground = true, Name = $"EdgeConv {lane}" })];
            foreach (Thread thread in Threads)
            {
                thread.Start();
            }
        }

        public Thread[] Threads { get; }

        public void Run(ISplitWork work, int units, int pieces)
        {
            (_work, _units, _pieces, _unfinished) = (work, units, pieces, pieces);
            Volatile.Write(ref _untaken, pieces);   // from here on helpers may begin
            foreach (ParkingSpot helper in _helpers)
            {
                helper.Wake();
            }

            TakePieces(lane: 0);
            while (Volatile.Read(ref _unfinished) is > 0 and int left)
            {
                _caller.WaitWhile(ref _unfinished, left);
            }

            _work = null;   // a parked thread must not keep the interpreter alive
            if (_failure is { } failure)
            {
                _failure = null;
                ExceptionDispatchInfo.Throw(failure);
            }
        }

        public void Stop()
        {
            Volatile.Write(ref _untaken, -1);
            foreach (ParkingSpot helper in _helpers)
            {
                helper.Wake();
            }
        }

        public void Join()
        {
            foreach (Thread thread in Threads)
            {
                thread.Join();
            }

            _caller.Dispose();
            foreach (ParkingSpot helper in _helpers)
            {
                helper.Dispose();
            }
        }

        private void Help(int lane)
        {
            while (Volatile.Read(ref _untaken) >= 0)
            {
                TakePieces(lane);
                _helpers[lane - 1].WaitWhile(ref _untaken, 0);
            }
        }

        private void TakePieces(int lane)
        {
            while (Volatile.Read(ref _untaken) is > 0 and int left)
            {
                // Once a piece is taken the other fields stay as they are until it is finished.
                if (Interlocked.CompareExchange(ref _untaken, left - 1, left) == left)
                {
                    Do(_pieces - left, lane);
                }
            }
        }

        private void Do(int piece, int lane)
        {
            // Those with a unit more come first: threads that are equally quick end with nearly as many.
            (int length, int longer) = Math.DivRem(_units, _pieces);
            int first = piece * length + Math.Min(piece, longer);
            try
            {
                _work!.Run(first, first + length + (piece < longer ? 1 : 0), lane);
            }
            catch (Exception exception)
            {
                Interlocked.CompareExchange(ref _failure, exception, null);
            }

            if (Interlocked.Decrement(ref _unfinished) == 0 && lane != 0)
            {
                _caller.Wake();
            }
        }
    }
}
