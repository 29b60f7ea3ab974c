using EdgeConv.Converters.Data;
using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Networks;
using EdgeConv.Trainer.Pictures;
using EdgeConv.Trainer.Training;
using EdgeConv.Trainer.Transfer;

namespace EdgeConv.Tests.Trainer;

/// <summary>Features on disk: what they are, when they are computed anew, and that they stay within their bound.</summary>
[Collection("torch")]
public sealed class FeatureCacheTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly PictureSamples _samples = PictureSamples.Load(new TinyDigits(0, 70), Some.Picture.Layout);

    public void Dispose()
    {
        _samples.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("lenet5", 2, false)]
    [InlineData("lenet5", null, false)]
    [InlineData("resnet8", 6, true)]
    [InlineData("conv7-fashion", 4, true)]
    public void They_are_what_the_network_computes_there(string name, int? frozen, bool channelsLast)
    {
        TrainedNetwork front = Transfers.Network(name, frozen).Front!;
        FeatureShape shape = front.Network.Place()[^1].Output;
        var executor = new FloatExecutor(NetworkGraph.Create(front.Network, front.Weights, front.Statistics, Some.Picture, []));
        float[][] features = Features(front, Transfers.Settings with { ChannelsLast = channelsLast }, _samples);
        for (int i = 0; i < _samples.Count; i += 23)
        {
            float[] expected = executor.Run(PictureTensor.ToFloat(Some.Picture, _samples.Pixels(i))).ToArray();
            Assert.True(expected.Distinct().Count() > 5, "all features are the same: nothing was compared");
            for (int k = 0; k < shape.Length; k++)
            {
                int ours = channelsLast ? k : k % shape.Channels * shape.Height * shape.Width + k / shape.Channels;
                Assert.Equal(expected[k], features[i][ours], 1e-4f);
            }
        }
    }

    [Fact]
    public void They_are_kept_until_a_weight_a_picture_the_normalization_or_a_distortion_changes()
    {
        TrainedNetwork front = Transfers.Network("lenet5", 2).Front!;
        float[] weights = [.. front.Weights];
        weights[7] += 1e-6f;
        using PictureSamples others = PictureSamples.Load(new TinyDigits(1, 70), Some.Picture.Layout);
        TrainingSettings distorted = Transfers.Settings with { Augmentation = "rotate=10" };
        (string Change, TrainedNetwork Front, TrainingSettings Settings, PictureSamples Samples, PictureInput Picture)[] cases =
        [
            ("the first", front, Transfers.Settings, _samples, Some.Picture),
            ("weight", front with { Weights = weights }, Transfers.Settings, _samples, Some.Picture),
            ("picture", front, Transfers.Settings, others, Some.Picture),
            ("normalization", front, Transfers.Settings, _samples, Some.Picture with { Mean = [0.2f] }),
            ("layers", Transfers.Network("lenet5", 1).Front!, Transfers.Settings, _samples, Some.Picture),
            ("distortion", front, distorted, _samples, Some.Picture),
            ("seed of the distortion", front, distorted with { Seed = 2 }, _samples, Some.Picture),
        ];
        for (int i = 0; i < cases.Length; i++)
        {
            var c = cases[i];
            Features(c.Front, c.Settings, c.Samples, c.Picture);
            Assert.True(i + 1 == Files().Length, $"{c.Change}: {Files().Length} files");
        }
        foreach (var c in cases) Assert.Equal("kept", Note(c.Front, c.Settings, c.Samples, c.Picture));
        Assert.Equal("kept", Note(front, Transfers.Settings with { Seed = 99 }, _samples, Some.Picture)); // nothing is drawn
        Assert.Equal(cases.Length, Files().Length);
    }

    [Theory]
    [InlineData(20)] // key
    [InlineData(1000)] // a feature
    [InlineData(-3)] // hash
    public void A_damaged_file_is_made_anew(int at)
    {
        TrainedNetwork front = Transfers.Network("lenet5", 2).Front!;
        float[][] before = Features(front, Transfers.Settings, _samples);
        string path = Assert.Single(Files());
        byte[] bytes = File.ReadAllBytes(path), damaged = [.. bytes];
        damaged[at < 0 ? bytes.Length + at : at] ^= 4;
        File.WriteAllBytes(path, damaged);
        Assert.Equal(before, Features(front, Transfers.Settings, _samples));
        Assert.Equal(bytes, File.ReadAllBytes(path));

        File.WriteAllBytes(path, bytes[..(bytes.Length / 2)]);
        Assert.Equal(before, Features(front, Transfers.Settings, _samples));
        Assert.Equal(bytes, File.ReadAllBytes(path));
    }

    [Fact]
    public void The_folder_stays_within_its_bound_and_what_is_not_used_goes_first()
    {
        long bytes = FeatureFile.Bytes(10, 5);
        var cache = new FeatureCache(_folder.Path("features"), 2 * bytes + 10);
        Get(cache, 1);
        Get(cache, 2);
        foreach (string file in Files()) File.SetLastWriteTimeUtc(file, new DateTime(2020, 1, 2, 0, 0, 0, DateTimeKind.Utc));
        Assert.True(Get(cache, 1));
        Assert.False(Get(cache, 3));
        Assert.Equal(2, Files().Length);
        Assert.True(Get(cache, 1), "it was used later than 2");
        Assert.False(Get(cache, 2));
        Assert.Null(new FeatureCache(_folder.Path("features"), bytes - 1).Get(new byte[32], 10, 5, () => [new float[50]], out _));

        static bool Get(FeatureCache cache, byte key)
        {
            using FeatureFile file = cache.Get([.. Enumerable.Repeat(key, 32)], 10, 5, () => [[.. Enumerable.Repeat<float>(key, 50)]], out bool kept)!;
            Assert.Equal(Enumerable.Repeat<float>(key, 5), file[9].ToArray());
            return kept;
        }
    }

    [Fact]
    public void Distorted_copies_are_taken_in_turn()
    {
        TrainedNetwork front = Transfers.Network("lenet5", 2).Front!;
        TrainingSettings settings = Transfers.Settings with { Augmentation = "rotate=30" };
        float[][] first = Features(front, settings, _samples, epoch: 1), second = Features(front, settings, _samples, epoch: 2),
            third = Features(front, settings, _samples, epoch: 3), fourth = Features(front, settings, _samples, epoch: 4);
        Assert.NotEqual(first, second);
        Assert.NotEqual(second, third);
        Assert.Equal(first, fourth);
    }

    private string[] Files() => Directory.GetFiles(_folder.Path("features"));

    private float[][] Features(
        TrainedNetwork front, TrainingSettings settings, PictureSamples samples, PictureInput? picture = null, int epoch = 1, ITrainingProgress? progress = null)
    {
        using var features = new TransferFeatures(front, settings, picture ?? Some.Picture, new FeatureCache(_folder.Path("features")));
        IBatchFiller filler = features.Of(samples, distort: true, progress, TestContext.Current.CancellationToken);
        Assert.IsType<FeatureFiller>(filler);
        using Batch batch = filler.Create(samples.Count);
        filler.Fill(batch, [.. Enumerable.Range(0, samples.Count)], null, settings.Seed, epoch);
        Assert.Equal(samples.Label(3), batch.Labels.data<long>()[3]);
        return [.. batch.Values.ToArray().Chunk(batch.Values.Length / samples.Count)];
    }

    private string Note(TrainedNetwork front, TrainingSettings settings, PictureSamples samples, PictureInput picture)
    {
        var notes = new Notes();
        Features(front, settings, samples, picture, progress: notes);
        return Assert.Single(notes.All).Contains("kept from an earlier run") ? "kept" : notes.All[0];
    }

    private sealed class Notes : ITrainingProgress
    {
        public List<string> All { get; } = [];

        public void Begin(int epochs, int stepsPerEpoch, int firstEpoch)
        {
        }

        public void Step(int epoch, int step, double loss, double accuracy, double imagesPerSecond)
        {
        }

        public void EndEpoch(EpochMetrics metrics, bool best)
        {
        }

        public void Note(string text) => All.Add(text);
    }
}
