using System.Collections.Concurrent;
using System.Diagnostics;
using EdgeConv.Devices.Cameras;
using EdgeConv.Devices.Frames;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Tests.Devices;

/// <summary>The thread between a camera and who looks: the newest frame, no memory, and a camera that comes and goes.</summary>
public sealed class LiveCameraTests
{
    [Fact]
    public void The_newest_frame_wins_and_none_is_seen_twice()
    {
        SteppedCamera camera = new();
        using LiveCamera live = new("sim", () => camera, _ => { });
        long last = -1;
        foreach (int frames in (int[])[1, 5, 1, 2, 40])
        {
            camera.Give(frames);
            last += frames;
            Assert.True(live.TryRead(out Frame frame));
            Assert.Equal((last, (byte)last), (frame.Number, frame.Picture.Pixels.Span[0]));
            Assert.Equal(FrameWait.Timeout, live.Wait(TimeSpan.FromMilliseconds(20), out _));
        }
    }

    [Fact]
    public void A_frame_stays_as_it_is_while_it_is_looked_at()
    {
        using LiveCamera live = new("sim", () => new SimulatedCamera(framesASecond: 2000), _ => { });
        for (int i = 0; i < 20; i++)
        {
            Assert.True(live.TryRead(out Frame frame));
            byte value = (byte)frame.Number;
            Thread.Sleep(5);
            Assert.Equal(-1, frame.Picture.Pixels.Span.IndexOfAnyExcept(value));
        }
    }

    [Fact]
    public void A_camera_that_is_lost_is_opened_again_and_both_are_said()
    {
        List<string> said = [];
        int opened = 0;
        ICamera Open()
        {
            opened++;
            return opened is 2 or 3
                ? throw new FrameException("no such device.")
                : new SimulatedCamera(framesASecond: 100) { EndsAfter = opened == 1 ? 3 : null };
        }

        using LiveCamera live = new("sim", Open, said.Add);
        HashSet<long> seen = [];
        while (opened < 4 || seen.Count < 5)
        {
            Assert.Equal(FrameWait.Frame, live.Wait(TimeSpan.FromSeconds(20), out Frame frame));
            seen.Add(frame.Number);
        }

        Assert.Equal(3, live.Losses);
        Assert.Equal(["sim: 2x2 grey.", "sim: unplugged. Trying again in 0.25 s.", "sim: no such device. Trying again in 0.5 s.",
            "sim: no such device. Trying again in 1 s."], said[..4]);
        Assert.Matches(@"^sim: 2x2 grey\. It was away for \d+\.\d s\.$", said[4]);
    }

    [Fact]
    public void A_loss_is_a_warning_and_the_camera_that_is_there_is_none()
    {
        ConcurrentQueue<string> said = [], warned = [];
        using LiveCamera live = new("sim", () => new SimulatedCamera(framesASecond: 100) { EndsAfter = 3 }, said.Enqueue, first: null, warned.Enqueue);
        for (int i = 0; i < 6;)
        {
            i += live.Wait(TimeSpan.FromSeconds(20), out _) == FrameWait.Frame ? 1 : 0;
            Assert.True(live.Idle < TimeSpan.FromSeconds(10));
        }

        Assert.All(said, text => Assert.StartsWith("sim: 2x2 grey.", text));
        Assert.All(warned, text => Assert.StartsWith("sim: unplugged. Trying again in ", text));
        Assert.True(said.Count >= 2 && warned.Count >= 1);
    }

    [Fact]
    public async Task Waiting_ends_when_there_is_nothing_and_when_it_is_stopped()
    {
        using LiveCamera live = new("sim", () => throw new FrameException("none."), _ => { });
        Assert.Equal(FrameWait.Timeout, live.Wait(TimeSpan.FromMilliseconds(30), out _));
        Task<bool> waiting = Task.Run(() => live.TryRead(out _));
        Thread.Sleep(20);
        live.Stop();
        Assert.False(await waiting.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_camera_that_hangs_is_given_back_when_it_is_stopped()
    {
        SimulatedCamera camera = new(framesASecond: 0.001);
        LiveCamera live = new("sim", () => camera, _ => { });
        Assert.Equal(FrameWait.Timeout, live.Wait(TimeSpan.FromMilliseconds(20), out _));
        live.Dispose();
        Assert.True(camera.IsDisposed);
    }

    [Fact]
    public void A_recording_runs_at_its_pace_and_ends()
    {
        using TemporaryFolder folder = new();
        for (int i = 0; i < 4; i++)
        {
            folder.Write($"{i}.pgm", [.. "P5 2 1 255\n"u8, (byte)i, 9]);
        }

        folder.Write("2b.png", [.. "not one"u8]);
        // Whoever does not look for all of that time sees the last one alone, which is right, and says nothing about the pace.
        int most = 0;
        for (int i = 0; i < 5 && most < 2; i++)
        {
            most = Math.Max(most, Play(folder));
        }

        Assert.True(most > 1, "at 20 frames a second none but the last was seen");
    }

    [Fact]
    public void A_hundred_thousand_frames_of_a_folder_are_read_and_preprocessed_without_allocating()
    {
        using TemporaryFolder folder = new();
        Camera(folder, out ICamera camera, out Preprocessor preprocessor, out sbyte[] input);
        using (camera)
        {
            FrameBuffer frame = new();
            long allocated = 0;
            for (int i = 0; i < 100_000; i++)
            {
                Assert.True(camera.Read(frame));
                preprocessor.Run(frame.Picture, input);
                allocated = i == 1000 ? GC.GetAllocatedBytesForCurrentThread() : allocated;
                if (input[5] != (sbyte)(i % 5))
                {
                    Assert.Fail($"frame {i} is picture {input[5]}");
                }
            }

            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - allocated);
        }
    }

    [Fact]
    public void Frames_change_threads_without_allocating()
    {
        using TemporaryFolder folder = new();
        Camera(folder, out ICamera camera, out Preprocessor preprocessor, out sbyte[] input);
        using LiveCamera live = new("sim", () => camera, _ => { });
        long allocated = 0;
        for (int i = 0; i < 5000; i++)
        {
            Assert.True(live.TryRead(out Frame frame));
            preprocessor.Run(frame.Picture, input);
            allocated = i == 1000 ? GC.GetAllocatedBytesForCurrentThread() : allocated;
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - allocated);
    }

    /// <summary>Plays a recording of four pictures and a broken one to its end.</summary>
    /// <returns>How many were seen.</returns>
    private static int Play(TemporaryFolder folder)
    {
        ConcurrentQueue<string> said = [];
        long start = Stopwatch.GetTimestamp();
        using IFrameSource source = FrameSources.Open(CameraUri.Parse($"folder:{folder.Root}?fps=20"), said.Enqueue, mustBeThere: true);
        List<byte> seen = [];
        while (source.TryRead(out Frame frame))
        {
            seen.Add(frame.Picture.Pixels.Span[0]);
        }

        Assert.Equal(seen.Distinct().Order(), seen);
        Assert.Equal(3, seen[^1]);
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0.14, 30);
        Assert.Contains(said, text => text.Contains("2b.png", StringComparison.Ordinal) && text.EndsWith("It is left out.", StringComparison.Ordinal));
        return seen.Count;
    }

    private static void Camera(TemporaryFolder folder, out ICamera camera, out Preprocessor preprocessor, out sbyte[] input)
    {
        for (int i = 0; i < 5; i++)
        {
            folder.Write($"{i}.pgm", [.. "P5 28 28 255\n"u8, .. Enumerable.Repeat((byte)i, 28 * 28)]);
        }

        PictureLayout layout = new(28, 28, ColorOrder.Gray);
        preprocessor = new Preprocessor(new PreprocessingRecord(layout, (sbyte[])[.. Enumerable.Range(0, 256).Select(i => (sbyte)i)]));
        input = new sbyte[layout.ByteLength];
        camera = new FileCamera(CameraUri.Parse($"folder:{folder.Root}?fps=1000000&loop=1"), _ => { });
    }

    /// <summary>Two by two grey pixels that are the frame's number; then it is unplugged.</summary>
    private sealed class SimulatedCamera(double framesASecond) : ICamera
    {
        private readonly ManualResetEventSlim _stop = new();
        private long _number;

        public int? EndsAfter { get; init; }

        public bool IsDisposed { get; private set; }

        public string Description => "2x2 grey";

        public bool Read(FrameBuffer frame)
        {
            if (_number == EndsAfter)
            {
                throw new FrameException("unplugged.");
            }

            if (_stop.Wait(TimeSpan.FromSeconds(1 / framesASecond)))
            {
                return false;
            }

            frame.Resize(4).Fill((byte)_number);
            frame.Set(2, 2, PixelFormat.Gray8);
            frame.Number = _number++;
            frame.Taken = Stopwatch.GetTimestamp();
            return true;
        }

        public void Stop() => _stop.Set();

        public void Dispose() => IsDisposed = true;
    }

    /// <summary>Gives frames when it is told to.</summary>
    private sealed class SteppedCamera : ICamera
    {
        private readonly SemaphoreSlim _frames = new(0);
        private readonly SemaphoreSlim _asked = new(0);
        private bool _stopped;
        private long _number;

        public string Description => "2x2 grey";

        /// <summary>Returns when the last of them has been passed on, since then the next one is asked for.</summary>
        public void Give(int frames)
        {
            for (int i = 0; i < frames; i++)
            {
                Assert.True(_asked.Wait(TimeSpan.FromSeconds(60)));
                _frames.Release();
            }

            Assert.True(_asked.Wait(TimeSpan.FromSeconds(60)));
            _asked.Release();
        }

        public bool Read(FrameBuffer frame)
        {
            _asked.Release();
            _frames.Wait();
            if (_stopped)
            {
                return false;
            }

            frame.Resize(4).Fill((byte)_number);
            frame.Set(2, 2, PixelFormat.Gray8);
            frame.Number = _number++;
            return true;
        }

        public void Stop()
        {
            _stopped = true;
            _frames.Release();
        }

        public void Dispose()
        {
        }
    }
}
