using EdgeConv.Agent.Operating;
using EdgeConv.Devices.Deciding;
using EdgeConv.Devices.Watching;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;
using EdgeConv.Tests.Agent.Serving;

namespace EdgeConv.Tests.Agent.Operating;

/// <summary>A model file that is replaced while it runs: taken if it is good, refused with the reason if not, and never the end of the agent.</summary>
public sealed class ModelSwapTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly StagedCamera _camera = new();
    private readonly Listener _listener = new();
    private readonly string _file;
    private readonly Watcher _watcher;
    private readonly Thread _thread;
    private readonly ModelSwap _swap;

    public ModelSwapTests()
    {
        _file = _folder.Write("model.ecm", BrightestPixelModel.Write());
        _watcher = new Watcher(_camera, Open(_file), new DecisionRules(Votes: 1), [_listener]);
        _listener.Watcher = _watcher;
        _thread = new Thread(() => _watcher.Run());
        _thread.Start();
        ModelUse use = new(() => Open(_file), next => next.Classes == 3 ? null : $"it has {next.Classes} classes, the lines are for 3");
        _swap = new ModelSwap(() => _file, use, _listener, TimeSpan.FromMilliseconds(50));
        WatchedPage.Until(() => _listener.Frames > 0, "frames");
    }

    public void Dispose()
    {
        _swap.Dispose();
        _camera.HasEnded = true;
        _thread.Join();
        _watcher.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_good_model_that_is_renamed_into_place_takes_over()
    {
        Rename(BrightestPixelModel.Write(name: "next"));
        WatchedPage.Until(() => _listener.Takes == 1 && _listener.Looks > 1, "the new one looks");
        Assert.Equal("next", _listener.Name);
        Assert.Empty(_listener.Refusals);
        GoesOn();
    }

    [Fact]
    public void A_link_that_is_switched_to_another_version_is_noticed()
    {
        using TemporaryFolder versions = new();
        string one = versions.Write("1/model.ecm", BrightestPixelModel.Write()), two = versions.Write("2/model.ecm", BrightestPixelModel.Write(spoiled: true));
        Listener listener = new();
        string link = versions.Path("current"), file = Path.Combine(link, "model.ecm");
        File.CreateSymbolicLink(link, versions.Path("1"));
        using ModelSwap swap = new(() => file, new ModelUse(() => Open(file), _ => null), listener, TimeSpan.FromMilliseconds(50));
        File.SetLastWriteTimeUtc(two, File.GetLastWriteTimeUtc(one));
        File.Delete(link);
        File.CreateSymbolicLink(link, versions.Path("2"));
        WatchedPage.Until(() => listener.Refusals.Count == 1, "the other version was tried, though it has the size and the time of the first");
    }

    [Fact]
    public void A_model_whose_selftest_fails_is_refused_with_the_layer()
    {
        Rename(BrightestPixelModel.Write(spoiled: true));
        Refused("its selftest fails: golden vector 0 differs first at layer 0, pick");
    }

    [Fact]
    public void A_model_without_golden_vectors_is_refused()
    {
        Rename(BrightestPixelModel.Write(golden: false));
        Refused("it carries no golden vectors to test it with");
    }

    [Fact]
    public void A_model_that_takes_no_pictures_is_refused()
    {
        Rename(BrightestPixelModel.Write(pictures: false));
        Refused("does not say how a picture becomes its input");
    }

    [Fact]
    public void A_model_that_the_rules_cannot_do_with_is_refused()
    {
        Rename(BrightestPixelModel.Write(classes: 10));
        Refused("it has 10 classes, the lines are for 3");
    }

    [Fact]
    public void A_file_that_is_cut_or_overwritten_in_its_place_takes_no_running_model_down()
    {
        byte[] good = BrightestPixelModel.Write();
        Cut(good.Length / 2);
        Refused("at byte");
        Cut(0);
        WatchedPage.Until(() => _listener.Refusals.Count == 2, "the empty file is refused as well");
        File.WriteAllBytes(_file, [.. Enumerable.Repeat((byte)0xA5, good.Length)]);
        WatchedPage.Until(() => _listener.Refusals.Count == 3, "and the rubbish");
        GoesOn();
        File.WriteAllBytes(_file, good);
        WatchedPage.Until(() => _listener.Takes == 1, "a whole one is taken again");
    }

    [Fact]
    public void A_file_that_is_touched_or_copied_over_itself_is_no_other_model()
    {
        File.SetLastWriteTimeUtc(_file, DateTime.UtcNow.AddMinutes(1));
        Thread.Sleep(300);
        Rename(BrightestPixelModel.Write());
        Thread.Sleep(300);
        Assert.Equal((0, 0, 1), (_listener.Takes, _listener.Refusals.Count, _listener.Looks));

        byte[] spoiled = BrightestPixelModel.Write();
        spoiled[^1] ^= 1;   // past the head, so that only its checksum tells
        // Over it: whoever makes it empty first may be seen so.
        using (FileStream file = new(_file, FileMode.Open, FileAccess.Write))
        {
            file.Write(spoiled);
        }

        Refused("checksum");
    }

    [Fact]
    public void The_same_model_in_another_slot_takes_over_since_it_is_on_trial()
    {
        string other = _folder.Write("other", BrightestPixelModel.Write()), file = _file;
        Listener listener = new();
        using ModelSwap swap = new(() => file, new ModelUse(() => Open(file), _ => "taken for this test"), listener, TimeSpan.FromMilliseconds(50));
        Volatile.Write(ref file, other);
        WatchedPage.Until(() => listener.Refusals.Count == 1, "it is looked at");
        Assert.Equal(["taken for this test"], listener.Refusals);
    }

    [Fact]
    public void A_file_that_goes_away_is_said_once_and_changes_nothing()
    {
        File.Delete(_file);
        WatchedPage.Until(() => _listener.Losses == 1, "it is said");
        Thread.Sleep(300);
        Assert.Equal((1, 0, 0), (_listener.Losses, _listener.Takes, _listener.Refusals.Count));
        GoesOn();
        WatchedPage.Until(
            () =>
            {
                // once is enough, unless a busy machine does not look while it is there
                Rename(BrightestPixelModel.Write());
                Thread.Sleep(300);
                File.Delete(_file);
                return SpinWait.SpinUntil(() => _listener.Losses == 2, 1000);
            },
            "the second time is said as well");
        Assert.Equal((0, 0), (_listener.Takes, _listener.Refusals.Count));
    }

    private static FrameClassifier Open(string file) => new(Model.Load(File.ReadAllBytes(file)), KernelPath.Default);

    private void Cut(int length)
    {
        using FileStream file = new(_file, FileMode.Open, FileAccess.Write);
        file.SetLength(length);
    }

    private void Rename(byte[] model)
    {
        string next = _folder.Write("next", model);
        File.Move(next, _file, overwrite: true);
    }

    private void Refused(string why)
    {
        WatchedPage.Until(() => _listener.Refusals.Count > 0, "it is refused");
        Assert.Contains(why, Assert.Single(_listener.Refusals));
        Assert.Equal(0, _listener.Takes);
        GoesOn();
    }

    private void GoesOn()
    {
        long frames = _listener.Frames;
        WatchedPage.Until(() => _listener.Frames > frames + 3, "frames are classified");
    }

    private sealed class Listener : ISwapListener, IWatchListener
    {
        private readonly List<string> _refusals = [];
        private FrameClassifier? _last;
        private long _frames;

        public Watcher? Watcher { get; set; }

        public volatile int Takes;

        /// <summary>How many models have looked.</summary>
        public volatile int Looks;

        /// <summary>How often the file was gone.</summary>
        public volatile int Losses;

        public string Name { get; private set; } = "";

        public long Frames => Volatile.Read(ref _frames);

        public IReadOnlyList<string> Refusals
        {
            get
            {
                lock (_refusals)
                {
                    return [.. _refusals];
                }
            }
        }

        public void Taken(FrameClassifier next)
        {
            if (Watcher is null)
            {
                next.Dispose();
            }
            else
            {
                Watcher.Replace(next);
            }

            Takes++;
        }

        public void Refused(string why)
        {
            lock (_refusals)
            {
                _refusals.Add(why);
            }
        }

        public void Gone() => Losses++;

        public void Seen(in Observation observation)
        {
            bool isAnother = observation.Classifier != _last;
            (_last, Name) = (observation.Classifier, observation.Classifier.Model.Name);
            Looks += isAnother ? 1 : 0;   // last: whoever sees the count sees the name as well
            Volatile.Write(ref _frames, _frames + 1);
        }

        public void Blind(long now)
        {
        }
    }
}
