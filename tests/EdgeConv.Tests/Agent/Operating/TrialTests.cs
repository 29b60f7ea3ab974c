using EdgeConv.Agent.Operating;
using EdgeConv.Agent.Serving;
using EdgeConv.Devices.Deciding;
using EdgeConv.Devices.Updating;
using EdgeConv.Devices.Watching;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;
using EdgeConv.Tests.Agent.Serving;
using EdgeConv.Tests.Devices.Updating;

namespace EdgeConv.Tests.Agent.Operating;

/// <summary>A new model's trial: it stays when it answers, goes back when it does not, and waits without a camera.</summary>
public sealed class TrialTests : IDisposable
{
    // A busy machine may stand still for the time of a trial here, but hardly for that of a silence.
    private static readonly TimeSpan _period = TimeSpan.FromMilliseconds(200), _silence = TimeSpan.FromSeconds(1);

    private readonly SigningBench _bench = new();
    private readonly SharedLog _log = new();
    private readonly Trial _trial;

    public TrialTests()
    {
        _bench.Slots.Confirm(_bench.Bring(_bench.Package(1)).Manifest!.ModelHash);
        _bench.Bring(_bench.Package(2));
        _trial = Start(silence: _silence);
    }

    public void Dispose()
    {
        _trial.Dispose();
        _bench.Dispose();
    }

    [Fact]
    public void A_model_that_answers_frames_for_the_period_stays()
    {
        using StagedCamera camera = new();
        FrameClassifier classifier = Open();
        using Watcher watcher = new(camera, classifier, new DecisionRules(), [_trial]);
        _trial.Begin(classifier, hasBegun: false);
        Thread thread = new(() => watcher.Run());
        thread.Start();
        WatchedPage.Until(() => _bench.Slots.Status().State == TrialState.Confirmed, "the trial ends well");
        camera.HasEnded = true;
        thread.Join();
        _trial.Dispose();   // when it has said so
        Assert.Contains("the new model stays", _log.ToString(), StringComparison.Ordinal);
        Assert.Null(_bench.Slots.BeginStart(() => false));
    }

    [Fact]
    public void A_model_that_answers_no_frame_where_frames_came_goes_back()
    {
        using StagedCamera camera = new();
        using FrameClassifier next = Open();
        using Watcher watcher = new(camera, Open(), new DecisionRules(), [_trial]);
        watcher.Run(frames: 3);
        Thread thread = new(() => watcher.Run());
        thread.Start();
        _trial.Begin(next, hasBegun: false);
        WatchedPage.Until(() => _bench.Slots.Status().State == TrialState.WentBack, "the trial ends badly");
        camera.HasEnded = true;
        thread.Join();
        Assert.Equal(1, _bench.Slots.Status().Current?.Version);
        Assert.Contains("it answered no frame in 1 s", _bench.Slots.Status().Note, StringComparison.Ordinal);
    }

    [Fact]
    public void A_card_that_takes_long_to_write_the_start_down_is_not_the_models_fault()
    {
        using StagedCamera camera = new();
        FrameClassifier next = Open();
        SlowDisk disk = new(new SlotDisk(_bench.Path("slots")), _silence * 1.5);
        using Trial trial = new(new ModelSource(null, new ModelSlots(_bench.Path("slots"), disk), _bench.Trust), _period, new Journal(_log, isJournal: false), _silence);
        using Watcher watcher = new(camera, Open(), new DecisionRules(), [trial]);
        watcher.Run(frames: 3);
        Thread thread = new(() => watcher.Run());
        thread.Start();
        trial.Begin(next, hasBegun: false);
        watcher.Replace(next);
        WatchedPage.Until(() => _bench.Slots.Status().State != TrialState.OnTrial, "the trial ends");
        camera.HasEnded = true;
        thread.Join();
        Assert.Equal(TrialState.Confirmed, _bench.Slots.Status().State);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_camera_that_goes_away_at_the_change_and_a_board_that_is_busy_are_not_the_models_fault(bool isBlind)
    {
        using StagedCamera camera = new();
        using FrameClassifier next = Open();
        using Trial trial = isBlind ? Start(silence: _silence) : Start();
        using Watcher watcher = new(camera, Open(), new DecisionRules(), [trial]);
        watcher.Run(frames: 3);
        trial.Begin(next, hasBegun: false);
        if (isBlind)
        {
            trial.Blind(0);
        }

        Thread.Sleep(3 * _period + (isBlind ? _silence : TimeSpan.Zero));
        Assert.Equal(TrialState.OnTrial, _bench.Slots.Status().State);
        Assert.Equal(TimeSpan.FromSeconds(25), WatchState.OldestAt(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public void Without_a_camera_the_trial_waits()
    {
        using FrameClassifier next = Open();
        _trial.Begin(next, hasBegun: false);
        Thread.Sleep(3 * _period + _silence);
        Assert.Equal(TrialState.OnTrial, _bench.Slots.Status().State);
        _trial.EndWell();
        for (int i = 0; i < ModelSlots.MostStarts; i++)
        {
            Assert.Null(_bench.Slots.BeginStart(() => false));
        }

        Assert.NotNull(_bench.Slots.BeginStart(() => false));
    }

    [Fact]
    public void A_model_that_cannot_take_over_goes_back()
    {
        _trial.Refused("it has 3 classes, and 5 have a line");
        Assert.Equal((TrialState.WentBack, "it has 3 classes, and 5 have a line"), (_bench.Slots.Status().State, _bench.Slots.Status().Note));
    }

    [Theory]
    [InlineData(null, TrialState.NoWayBack)]
    [InlineData("gone.ecm", TrialState.NoWayBack)]
    [InlineData("unsigned.ecm", TrialState.NoWayBack)]
    [InlineData("signed.ecm", TrialState.WentBack)]
    public void A_first_model_that_cannot_take_over_runs_on_where_there_is_nothing_to_go_back_to(string? file, TrialState expected)
    {
        byte[] model = BrightestPixelModel.Write();
        _bench.File("unsigned.ecm", model);
        _bench.File("signed.ecm", model);
        _bench.File("signed.ecm.sig", PackageWriter.Head(PackageWriter.Describe(model, new SigningOptions(1)), _bench.Key));
        Directory.Delete(_bench.Path("slots"), recursive: true);
        string hash = _bench.Bring(_bench.Package(1)).Manifest!.ModelHash;
        using Trial trial = Start(file);
        trial.Refused("it does not do well");
        SlotStatus status = _bench.Slots.Status();
        Assert.Equal((expected, hash, "it does not do well"), (status.State, status.Failed?.ModelHash, status.Note));
        Assert.Equal(expected == TrialState.NoWayBack ? hash : null, status.Current?.ModelHash);
        Assert.Contains(expected == TrialState.NoWayBack ? "runs on, since there is none before it: it does" : "goes back: it does", _log.ToString(), StringComparison.Ordinal);
    }

    private Trial Start(string? file = null, TimeSpan? silence = null) =>
        new(new ModelSource(file is null ? null : _bench.Path(file), _bench.Slots, _bench.Trust), _period, new Journal(_log, isJournal: false), silence);

    private static FrameClassifier Open() => new(Model.Load(BrightestPixelModel.Write()), KernelPath.Default);

    /// <summary>A card that stands still once, at the first file that it is to keep.</summary>
    private sealed class SlowDisk(ISlotDisk disk, TimeSpan pause) : ISlotDisk
    {
        private bool _hasPaused;

        public long Free => disk.Free;

        public byte[]? Read(string name) => disk.Read(name);

        public void Write(string name, Action<Stream> write)
        {
            if (!_hasPaused)
            {
                _hasPaused = true;
                Thread.Sleep(pause);
            }

            disk.Write(name, write);
        }

        public void Rename(string from, string to) => disk.Rename(from, to);

        public void Delete(string name) => disk.Delete(name);
    }
}
