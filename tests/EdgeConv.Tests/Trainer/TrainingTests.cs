using EdgeConv.Converters.Data;
using EdgeConv.Converters.Networks;
using EdgeConv.Trainer;
using EdgeConv.Trainer.Parts;
using EdgeConv.Trainer.Pictures;
using EdgeConv.Trainer.Training;
using TorchSharp;

namespace EdgeConv.Tests.Trainer;

/// <summary>One after the other: libtorch shares its threads.</summary>
[CollectionDefinition("torch", DisableParallelization = true)]
public sealed class TorchCollection;

[Collection("torch")]
public sealed class TrainingTests
{
    private static readonly NetworkDescription _network = KnownNetworks.Create("lenet5", 10);

    private static readonly Lazy<(PictureSamples Training, PictureSamples Validation)> _pictures =
        new(() => PictureSamples.Load(new TinyDigits(0, 288), Some.Picture.Layout).Split(32, 7));

    [Fact]
    public void The_same_seed_gives_the_same_weights_and_another_others()
    {
        TrainingState first = Train(Some.Settings), again = Train(Some.Settings), other = Train(Some.Settings with { Seed = 8 });
        Assert.Equal(first.Weights, again.Weights);
        Assert.Equal(first.Best, again.Best);
        Assert.NotEqual(first.Weights, other.Weights);
        Assert.Equal(first.Epochs.Select(e => e.ValidationLoss), again.Epochs.Select(e => e.ValidationLoss));
    }

    [Fact]
    public void Workers_do_not_change_the_result() => Assert.Equal(Train(Some.Settings).Weights, Train(Some.Settings, new Resources(Workers: 3)).Weights);

    [Fact]
    public void A_training_that_goes_on_in_another_process_ends_in_the_same_weights()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Path("state.bin");
        TrainingState whole = Train(Some.Settings);

        // Killed in the middle of the second epoch: what is left is the file after the first.
        using (TrainingLoop loop = Loop(Some.Settings))
        {
            loop.RunEpoch(null, TestContext.Current.CancellationToken);
            CheckpointFile.Save(path, Some.Settings, loop.State());
            using var kill = new CancellationTokenSource();
            Assert.ThrowsAny<OperationCanceledException>(() => loop.RunEpoch(new CancelAtStep(5, kill), kill.Token));
        }

        (TrainingSettings settings, TrainingState state) = CheckpointFile.Load(path);
        Assert.Equal(Some.Settings, settings);
        TrainingState resumed = Train(settings, resume: state);
        Assert.Equal(whole.Weights, resumed.Weights);
        Assert.Equal(whole.Average, resumed.Average);
        Assert.Equal(whole.FirstMoment, resumed.FirstMoment);
        Assert.Equal(whole.SecondMoment, resumed.SecondMoment);
        Assert.Equal(whole.Best, resumed.Best);
        Assert.Equal(whole.BestEpoch, resumed.BestEpoch);
        Assert.Equal(whole.Epochs.Select(e => e.TrainLoss), resumed.Epochs.Select(e => e.TrainLoss));
    }

    [Fact]
    public void It_learns()
    {
        TrainingState state = Train(Some.Settings with { Epochs = 8, Augmentation = "" });
        Assert.True(state.Epochs[^1].TrainLoss < 0.6 * state.Epochs[0].TrainLoss, string.Join(", ", state.Epochs.Select(e => e.TrainLoss)));
    }

    [Fact]
    public void A_learning_rate_that_is_too_high_is_said() => Assert.Contains("smaller --lr",
        Assert.Throws<TrainingException>(() => Train(Some.Settings with { LearningRate = 1e30, Epochs = 2 })).Message);

    [Fact]
    public void A_missing_or_damaged_checkpoint_is_said()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Path("state.bin");
        Assert.Contains("nothing to resume", Assert.Throws<TrainingException>(() => CheckpointFile.Load(path)).Message);

        TrainingState state = new()
        {
            Epochs = [],
            BestEpoch = 0,
            Weights = [1],
            FirstMoment = [2],
            SecondMoment = [3],
            Average = [4],
            Best = [5],
            BestStatistics = [],
        };
        CheckpointFile.Save(path, Some.Settings, state);
        byte[] whole = File.ReadAllBytes(path);
        Assert.Equal([3f], CheckpointFile.Load(path).State.SecondMoment);
        foreach (int length in new[] { 0, 3, 60, whole.Length - 1 })
        {
            File.WriteAllBytes(path, whole[..length]);
            Assert.Contains("damaged", Assert.Throws<TrainingException>(() => CheckpointFile.Load(path)).Message);
        }
        whole[^40] ^= 1;
        File.WriteAllBytes(path, whole);
        Assert.Contains("damaged", Assert.Throws<TrainingException>(() => CheckpointFile.Load(path)).Message);
    }

    [Fact]
    public void A_state_of_another_network_is_refused_and_leaves_no_thread_behind()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "threads are counted in /proc");
        TrainingState state;
        using (TrainingLoop loop = Loop(Some.Settings)) state = loop.State();
        TrainingSettings settings = Some.Settings with { Parts = 4 };
        HashSet<string> before = [.. Helpers()];
        Assert.Contains("without --resume",
            Assert.Throws<TrainingException>(() => Loop(settings, new Resources(3), state with { Weights = [1] })).Message);
        Become(0);
        using (Loop(settings, new Resources(3))) Become(2);

        // The kernel knows a thread, and its name, a moment later or longer than .NET does.
        void Become(int more) => Assert.True(SpinWait.SpinUntil(() => Helpers().Except(before).Count() == more, TimeSpan.FromSeconds(60)), string.Join(' ', Helpers()));

        static IEnumerable<string> Helpers() => Directory.GetDirectories("/proc/self/task").Where(IsHelper);

        static bool IsHelper(string thread)
        {
            try
            {
                return File.ReadAllText(Path.Combine(thread, "comm")).StartsWith("EdgeConv part", StringComparison.Ordinal);
            }
            catch (IOException)
            {
                return false; // it has ended
            }
        }
    }

    [Fact]
    public void Pictures_that_are_computed_at_the_same_time_do_not_grow_with_the_processors_and_a_GPU_gets_one_thread()
    {
        Assert.Equal(5, new Resources(64).ThreadsFor(1000, 100, torch.CPU));
        Assert.Equal(2, new Resources(2).ThreadsFor(1000, 100, torch.CPU));
        Assert.Equal(3, new Resources(64).ThreadsFor(3, 64, torch.CPU));
        Assert.Equal(1, new Resources(64).ThreadsFor(1000, 1000, torch.CPU));
        Assert.Equal(1, new Resources(64).ThreadsFor(1000, 100, new torch.Device(DeviceType.CUDA)));
    }

    [Fact]
    public void The_learning_rate_rises_and_falls_to_nothing()
    {
        var schedule = new Schedule(0.01, 1000, 0.1);
        Assert.InRange(schedule.Rate(0), 0, 0.0002);
        Assert.Equal(0.01, schedule.Rate(100), 6);
        Assert.Equal(0.005, schedule.Rate(550), 6);
        Assert.InRange(schedule.Rate(999), 0, 1e-7);
    }

    [Fact]
    public void Normalization_follows_from_the_pictures()
    {
        PictureSamples all = PictureSamples.Load(new TinyDigits(0, 1000), Some.Picture.Layout, cancel: TestContext.Current.CancellationToken);
        (float[] mean, float[] deviation) = all.Statistics();
        Assert.InRange(mean[0], 0.12, 0.14);
        Assert.InRange(deviation[0], 0.29, 0.32);
        (PictureSamples remaining, PictureSamples chosen) = all.Split(100, 1);
        Assert.Equal((900, 100), (remaining.Count, chosen.Count));
    }

    private static TrainingLoop Loop(TrainingSettings settings, Resources? resources = null, TrainingState? resume = null) =>
        new(_network, _pictures.Value.Training, _pictures.Value.Validation, Some.Picture, settings, resources, resume);

    private static TrainingState Train(TrainingSettings settings, Resources? resources = null, TrainingState? resume = null)
    {
        using TrainingLoop loop = Loop(settings, resources, resume);
        while (!loop.Finished) loop.RunEpoch();
        return loop.State();
    }

    private sealed class CancelAtStep(int last, CancellationTokenSource cancel) : ITrainingProgress
    {
        public void Begin(int epochs, int stepsPerEpoch, int firstEpoch)
        {
        }

        public void Step(int epoch, int step, double loss, double accuracy, double imagesPerSecond)
        {
            if (step == last) cancel.Cancel();
        }

        public void EndEpoch(EpochMetrics metrics, bool best) => Assert.Fail("the epoch was stopped");

        public void Note(string text)
        {
        }
    }
}
