using System.Diagnostics;
using EdgeConv.Devices.Deciding;
using EdgeConv.Devices.Watching;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;
using EdgeConv.Tests.Agent;
using EdgeConv.Tests.Agent.Serving;

namespace EdgeConv.Tests.Devices;

/// <summary>A watcher that need not look at every frame.</summary>
public sealed class WatcherTests
{
    [Fact]
    public void Between_two_frames_that_are_looked_at_lies_the_period_from_the_first_on_and_an_end_does_not_wait_for_it()
    {
        Counter counter = new();
        using FrameClassifier model = new(Model.Load(BrightestPixelModel.Write()), KernelPath.Default);
        using Watcher watcher = new(new StagedCamera(), model, new DecisionRules(), [counter]) { Period = TimeSpan.FromHours(1) };
        Thread thread = new(() => watcher.Run());
        thread.Start();
        WatchedPage.Until(() => counter.Frames > 0, "a frame");
        Thread.Sleep(200);
        long begin = Stopwatch.GetTimestamp();
        watcher.Stop();
        Assert.True(thread.Join(TimeSpan.FromSeconds(10)), "it sleeps on");
        Assert.True(Stopwatch.GetElapsedTime(begin) < TimeSpan.FromSeconds(5));
        Assert.Equal(1, counter.Frames);
    }

    private sealed class Counter : IWatchListener
    {
        private int _frames;

        public int Frames => Volatile.Read(ref _frames);

        public void Seen(in Observation observation) => Interlocked.Increment(ref _frames);

        public void Blind(long now)
        {
        }
    }
}
