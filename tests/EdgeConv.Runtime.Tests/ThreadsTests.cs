using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using EdgeConv.Runtime.Kernels;
using EdgeConv.Runtime.Threading;

namespace EdgeConv.Runtime.Tests;

/// <summary>What users of several threads rely on; that every operator gives the same bytes is in the parity tests.</summary>
public sealed class ThreadsTests
{
    [Theory]
    [MemberData(nameof(Paths.Names), MemberType = typeof(Paths))]
    public void A_network_gives_the_same_bytes_on_one_to_four_threads_and_allocates_nothing(string path)
    {
        using Model model = TestNetworks.LeNet5().Build();
        var random = new Random(7);
        sbyte[][] inputs = [.. Enumerable.Range(0, 20).Select(_ => Enumerable.Range(0, 784).Select(_ => (sbyte)random.Next(-128, 128)).ToArray())];
        sbyte[][] expected = [.. inputs.Select(input => TestModel.Run(model, input, KernelPath.Reference))];
        sbyte[] output = new sbyte[10];
        for (int threads = 1; threads <= 4; threads++)
        {
            using var net = new Interpreter(model, KernelPath.Parse(path), threads, worthwhile: 0);
            Assert.Equal(threads, net.Threads);
            net.Invoke(inputs[0], output);
            for (int i = 0; i < inputs.Length; i++)
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                net.Invoke(inputs[i], output);
                Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
                Assert.Equal(expected[i], output);
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(65)]
    public void A_number_of_threads_that_makes_no_sense_is_refused(int threads)
    {
        using Model model = TestNetworks.LeNet5().Build();
        Assert.Throws<ArgumentOutOfRangeException>(() => new Interpreter(model, threads: threads));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Every_unit_is_done_once_and_no_two_threads_share_a_lane(int threads)
    {
        using var pool = new WorkerPool(threads, worthwhile: 0);
        for (int units = 1; units < 300; units++)
        {
            var work = new CountingWork(units, threads);
            pool.Split(work, units, cost: units);
            Assert.All(work.Times, times => Assert.Equal(1, times));
            Assert.False(work.LanesCollided, $"{units} units");
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Threads_that_are_equally_quick_have_the_same_number_of_units_or_one_more(int threads)
    {
        using var pool = new WorkerPool(threads, worthwhile: 1);
        for (int units = threads; units < 70; units++)
        {
            for (int cost = 1; cost < 100; cost++)
            {
                var pieces = new ConcurrentBag<(int First, int Length)>();
                pool.Split(new Work((first, end, _) => pieces.Add((first, end - first))), units, cost);
                // each next piece, in their order, goes to the thread that has done with its own first
                int[] busy = new int[threads];
                foreach ((_, int length) in pieces.Order())
                {
                    busy[Array.IndexOf(busy, busy.Min())] += length;
                }

                Assert.Equal((units + threads - 1) / threads, busy.Max());
            }
        }
    }

    [Fact]
    public void Helpers_take_their_share()
    {
        using var pool = new WorkerPool(2, worthwhile: 0);
        using var both = new CountdownEvent(2);
        pool.Split(new Work((first, end, lane) =>
        {
            // each thread waits here with its first piece, until the other has one too
            if (!both.IsSet)
            {
                both.Signal();
                Assert.True(both.Wait(TimeSpan.FromSeconds(60)), "nobody helps");
            }
        }), 2, cost: 2);
        Assert.True(both.IsSet);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(63)]
    public void What_work_throws_reaches_the_caller_and_the_threads_go_on(int bad)
    {
        using var pool = new WorkerPool(3, worthwhile: 0);
        for (int i = 0; i < 20; i++)
        {
            var failing = new Work((first, end, _) => { if (first <= bad && bad < end) { throw new InvalidOperationException("unit"); } });
            Assert.Equal("unit", Assert.Throws<InvalidOperationException>(() => pool.Split(failing, 64, cost: 64)).Message);
            var work = new CountingWork(64, 3);
            pool.Split(work, 64, cost: 64);
            Assert.All(work.Times, times => Assert.Equal(1, times));
        }
    }

    [Fact]
    public void Idle_helpers_sleep()
    {
        using var pool = new WorkerPool(4, worthwhile: 0);
        pool.Split(new CountingWork(50, 4), 50, cost: 50);
        Assert.Equal(3, pool.Helpers.Count);
        Assert.All(pool.Helpers, helper => Assert.True(
            SpinWait.SpinUntil(() => helper.ThreadState.HasFlag(ThreadState.WaitSleepJoin), TimeSpan.FromSeconds(60)), $"{helper.ThreadState}"));
    }

    [Fact]
    public void Disposing_ends_the_helpers_and_may_be_done_twice()
    {
        var pool = new WorkerPool(4);
        pool.Dispose();
        Assert.All(pool.Helpers, helper => Assert.False(helper.IsAlive));
        pool.Dispose();
    }

    [Fact]
    public void The_helpers_of_a_forgotten_interpreter_end()
    {
        using Model model = TestNetworks.LeNet5().Build();
        IReadOnlyList<Thread> helpers = Forget(model);
        bool ended = SpinWait.SpinUntil(
            () =>
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                return helpers.All(helper => helper.Join(10));
            },
            TimeSpan.FromSeconds(60));
        Assert.True(ended);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static IReadOnlyList<Thread> Forget(Model model)
    {
        var net = new Interpreter(model, KernelPath.Default, threads: 3, worthwhile: 0);
        net.Invoke(new sbyte[784], new sbyte[10]);
        return net.Helpers;
    }

    private sealed class Work(Action<int, int, int> run) : ISplitWork
    {
        public void Run(int first, int end, int lane) => run(first, end, lane);
    }

    private sealed class CountingWork(int units, int lanes) : ISplitWork
    {
        private readonly int[] _busy = new int[lanes];

        public int[] Times { get; } = new int[units];

        public bool LanesCollided { get; private set; }

        public void Run(int first, int end, int lane)
        {
            LanesCollided |= Interlocked.Exchange(ref _busy[lane], 1) == 1;
            for (int i = first; i < end; i++)
            {
                Interlocked.Increment(ref Times[i]);
            }

            Interlocked.Exchange(ref _busy[lane], 0);
        }
    }
}
