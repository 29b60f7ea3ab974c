using System.Diagnostics;
using EdgeConv.Devices.Acting;
using EdgeConv.Devices.Cameras;
using EdgeConv.Devices.Deciding;
using EdgeConv.Devices.Frames;
using EdgeConv.Devices.Watching;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;
using EdgeConv.Tests.Agent;

namespace EdgeConv.Tests.Acting;

/// <summary>Tests that measure memory or pace: nothing else runs meanwhile.</summary>
[CollectionDefinition("alone", DisableParallelization = true)]
public sealed class AloneCollection;

/// <summary>A year in some seconds: frames from a folder through model, decision and rules, without growth and without old frames.</summary>
[Collection("alone")]
public sealed class LongRunTests : IDisposable
{
    private const int Warm = 1000;
    private readonly TemporaryFolder _folder = new();

    public LongRunTests()
    {
        for (int i = 0; i < 40; i++)
        {
            _folder.Write($"frames/{i:D2}.pgm", [.. "P5 2 2 255\n"u8, (byte)(i < 20 ? 255 : 0), (byte)(i < 20 ? 0 : 255), 0, 0]);
        }
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_hundred_thousand_frames_leave_the_memory_as_it_was()
    {
        const int frames = 100_000;
        Counter counter = new();
        using FrameClassifier model = new(Model.Load(BrightestPixelModel.Write()), KernelPath.Default) { Region = new FrameRegion(0, 0, 1, 0.5, true) };
        Rule rule = new("r", new ClassSet(["any"])) { AtMostEvery = TimeSpan.FromHours(1), Actions = [new AppendRule(_folder.Path("seen.jsonl"), 1000, 1)] };
        using RuleListener rules = new([rule], model, new RuleActions(null, null, _ => { }), _ => { });
        using FreshnessMeter source = new(CameraUri.Parse($"folder:{_folder.Path("frames")}?fps=1000000&loop=1"));
        using Watcher watcher = new(source, model, new DecisionRules(Votes: 3), [rules, counter, source]);
        watcher.Run(frames);
        Assert.Equal((frames, 0), (source.Frames, source.Stale));
        Assert.Equal(frames, counter.Frames);
        Assert.Equal(0, counter.Allocated);
        Assert.InRange(counter.Grown, long.MinValue, 256 << 10);
        Assert.True(counter.Changes > 10, $"{counter.Changes} changes");
        Assert.Single(File.ReadAllLines(_folder.Path("seen.jsonl")));
    }

    [Fact]
    public void The_camera_s_own_thread_allocates_nothing_either()
    {
        using ICamera camera = new FileCamera(CameraUri.Parse($"folder:{_folder.Path("frames")}?fps=1000000&loop=1"), _ => { });
        FrameBuffer frame = new();
        long before = 0;
        for (int i = 0; i < 10 * Warm; i++)
        {
            before = i == Warm ? GC.GetAllocatedBytesForCurrentThread() : before;
            Assert.True(camera.Read(frame));
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void No_frame_is_older_than_two_periods_however_slow_the_rules_are()
    {
        const int frames = 200, rate = 50;
        using FrameClassifier model = new(Model.Load(BrightestPixelModel.Write()), KernelPath.Default);
        // Slow listeners make a queue grow where there is one: every tenth frame takes four periods.
        using FreshnessMeter source = new(CameraUri.Parse($"folder:{_folder.Path("frames")}?fps={rate}&loop=1"), frame => frame % 10 == 9 ? 4000 / rate : 0);
        using Watcher watcher = new(source, model, new DecisionRules(), [source]);
        // Some sixty are left out of so many, unless the machine stands still: then camera and watcher do so together, and it takes a few more.
        for (int round = 1; round == 1 || (round < 10 && source.LeftOut < 40); round++)
        {
            watcher.Run(frames);
            Assert.Equal((round * frames, 0), (source.Frames, source.Stale));
        }

        Assert.True(source.LeftOut >= 40, $"{source.LeftOut} frames left out");
    }

    [Fact]
    public void A_folder_that_is_read_more_slowly_than_its_pace_hands_out_no_older_frames_for_that()
    {
        const int rate = 1000;
        using ICamera camera = new FileCamera(CameraUri.Parse($"folder:{_folder.Path("frames")}?fps={rate}&loop=1"), _ => { });
        FrameBuffer frame = new();
        for (int i = 0; i < 300; i++)
        {
            // A disk that stands still for ten periods, now and then.
            Thread.Sleep(i % 30 == 29 ? 10_000 / rate : 0);
            long asked = Stopwatch.GetTimestamp();
            Assert.True(camera.Read(frame));
            Assert.True(frame.Taken >= asked - Stopwatch.Frequency / rate, $"frame {i} was due {Stopwatch.GetElapsedTime(frame.Taken, asked).TotalMilliseconds:F1} ms before it was asked for");
        }
    }

    [Fact]
    public void Frames_that_come_too_fast_are_left_out_at_a_limited_rate()
    {
        Counter counter = new();
        using FrameClassifier model = new(Model.Load(BrightestPixelModel.Write()), KernelPath.Default);
        using IFrameSource source = FrameSources.Open(CameraUri.Parse($"folder:{_folder.Path("frames")}?fps=1000&loop=1"), _ => { }, mustBeThere: true);
        using Watcher watcher = new(source, model, new DecisionRules(), [counter]) { Period = TimeSpan.FromMilliseconds(20) };
        long start = Stopwatch.GetTimestamp();
        watcher.Run(50);
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalMilliseconds, 49 * 20 - 25, 60_000);
    }

    /// <summary>What the watcher's thread allocates between two frames, and what is alive, from the thousandth frame on.</summary>
    private sealed class Counter : IWatchListener
    {
        private long _before;
        private long _alive;

        public int Frames { get; private set; }

        public int Changes { get; private set; }

        public long Allocated { get; private set; }

        public long Grown => GC.GetTotalMemory(forceFullCollection: true) - _alive;

        public void Seen(in Observation observation)
        {
            Frames++;
            Changes += observation.IsChange ? 1 : 0;
            long now = GC.GetAllocatedBytesForCurrentThread();
            // The rules act once, on the first class that is decided.
            Allocated += Frames > Warm ? now - _before : 0;
            if (Frames == Warm)
            {
                _alive = GC.GetTotalMemory(forceFullCollection: true);
            }

            _before = GC.GetAllocatedBytesForCurrentThread();
        }

        public void Blind(long now)
        {
        }
    }
}
