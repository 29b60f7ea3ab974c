using System.Text;
using System.Text.Json;
using EdgeConv.Converters.Data;
using EdgeConv.Converters.Networks;
using EdgeConv.Converters.Onnx;
using EdgeConv.Runtime.Preprocessing;
using EdgeConv.Trainer.Parts;
using EdgeConv.Trainer.Pictures;
using EdgeConv.Trainer.Training;
using EdgeConv.Trainer.Transfer;

namespace EdgeConv.Tests.Trainer;

/// <summary>Trainings that take over a network, from the command to the run folder.</summary>
[Collection("torch")]
public sealed class TransferTrainingTests
{
    [Theory]
    [InlineData("lenet5", 2, false)]
    [InlineData("lenet5", null, false)]
    [InlineData("conv7-fashion", 4, true)]
    public void Kept_features_give_the_same_weights_as_computed_ones(string name, int? frozen, bool channelsLast)
    {
        using var folder = new TemporaryFolder();
        TransferNetwork network = Transfers.Network(name, frozen);
        using PictureSamples all = PictureSamples.Load(new TinyDigits(0, 288), Some.Picture.Layout);
        (PictureSamples training, PictureSamples validation) = all.Split(32, 7);
        TrainingSettings settings = Transfers.Settings with { ChannelsLast = channelsLast };
        TrainingState computed = Train(null), kept = Train(new FeatureCache(folder.Path("features")));
        Assert.Equal(2, Directory.GetFiles(folder.Path("features")).Length);
        Assert.NotEqual(network.Tail.Weights, kept.Weights);
        for (int i = 0; i < kept.Weights.Length; i++) Assert.Equal(computed.Weights[i], kept.Weights[i], 1e-4f);
        Assert.Equal(computed.Epochs.Select(e => Math.Round(e.TrainLoss, 4)), kept.Epochs.Select(e => Math.Round(e.TrainLoss, 4)));

        TrainingState Train(FeatureCache? cache)
        {
            using var features = new TransferFeatures(network.Front!, settings, Some.Picture, cache);
            CancellationToken cancel = TestContext.Current.CancellationToken;
            using var loop = new TrainingLoop((TransferTraining.Torch(network.Tail), TransferTraining.Torch(network.Tail)),
                features.Of(training, true, null, cancel), training.ClassCounts(10), features.Of(validation, false, null, cancel), settings);
            while (!loop.Finished) loop.RunEpoch(null, cancel);
            return loop.State();
        }
    }

    [Fact]
    public void Threads_change_neither_kept_features_nor_what_is_trained_on_them()
    {
        using var folder = new TemporaryFolder();
        TransferNetwork network = Transfers.Network("conv7-fashion", 4);
        using PictureSamples samples = PictureSamples.Load(new TinyDigits(0, 200), Some.Picture.Layout);
        TrainingSettings settings = Transfers.Settings with { Augmentation = "rotate=10", ChannelsLast = true, Parts = 4, Epochs = 2 };
        (byte[] Features, float[] Weights) one = Train(1);
        foreach (int threads in new[] { 2, 3 })
        {
            (byte[] features, float[] weights) = Train(threads);
            Assert.Equal(one.Features, features);
            Assert.Equal(one.Weights, weights);
        }

        (byte[] Features, float[] Weights) Train(int threads)
        {
            var resources = new Resources(threads);
            string kept = folder.Path($"features{threads}");
            using var features = new TransferFeatures(network.Front!, settings, Some.Picture, new FeatureCache(kept), resources);
            using var loop = new TrainingLoop((TransferTraining.Torch(network.Tail), TransferTraining.Torch(network.Tail)),
                features.Of(samples, true, null, TestContext.Current.CancellationToken), samples.ClassCounts(10), null, settings, resources);
            while (!loop.Finished) loop.RunEpoch();
            return (File.ReadAllBytes(Assert.Single(Directory.GetFiles(kept))), loop.State().Best);
        }
    }

    [Theory]
    [InlineData("all", 156 + 2416 + 48120 + 10164)]
    [InlineData("2", 156 + 2416)]
    [InlineData("none", 0)]
    public void Frozen_weights_stay_as_they_are_and_the_others_learn(string freeze, int frozen)
    {
        using var folder = new TemporaryFolder();
        float[] before = Write(folder, "source.onnx", "lenet5").Weights;
        new TinyDigits(0, 120).WriteTo(folder, "digits");
        TrainCommandTests.Result result = TrainCommandTests.Trainer.Run(folder,
            "train", "--transfer-from", "source.onnx", "--data", "digits", "--freeze", freeze, "--epochs", "2", "--batch", "16", "-o", "run");
        Assert.True(result.Code == 0, result.Errors);
        float[] after = TransferSource.Open(folder.Path("run")).Weights;
        Assert.Equal(before[..frozen], after[..frozen]);
        Assert.NotEqual(before[frozen..(frozen + 100)], after[frozen..(frozen + 100)]);
        Assert.Equal(frozen > 0, Directory.Exists(folder.Path("cache", "edgeconv", "features")));
    }

    [Fact]
    public void A_second_run_takes_the_features_of_the_first_and_a_killed_one_ends_in_the_same_files()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "source.onnx", "lenet5");
        new TinyDigits(0, 300).WriteTo(folder, "digits");
        string[] options =
            ["train", "--transfer-from", "source.onnx", "--data", "digits", "--augment", "rotate=10", "--copies", "2", "--epochs", "300", "--batch", "16"];
        TrainCommandTests.Result first = TrainCommandTests.Trainer.Run(folder, [.. options, "-o", "first"]);
        TrainCommandTests.Result second = TrainCommandTests.Trainer.Run(folder, [.. options, "-o", "second"]);
        Assert.True(first.Code == 0, first.Errors);
        Assert.Contains("in 2 distorted copies: computed and kept", first.Output);
        Assert.Contains("in 2 distorted copies: kept from an earlier run", second.Output);
        Assert.Equal(File.ReadAllBytes(folder.Path("first", "model.onnx")), File.ReadAllBytes(folder.Path("second", "model.onnx")));

        TrainCommandTests.Trainer.KillAfter("epoch   1/300", folder, [.. options, "-o", "killed"]);
        TrainCommandTests.Result resumed = TrainCommandTests.Trainer.Run(folder, "train", "--resume", "-o", "killed");
        Assert.True(resumed.Code == 0, resumed.Errors);
        Assert.DoesNotContain("epoch   1/300", resumed.Output);
        Assert.Equal(File.ReadAllBytes(folder.Path("first", "model.onnx")), File.ReadAllBytes(folder.Path("killed", "model.onnx")));

        TrainCommandTests.Trainer.KillAfter("epoch   1/300", folder, [.. options, "-o", "killed"]);
        Write(folder, "source.onnx", "lenet5", seed: 12);
        TrainCommandTests.Result other = TrainCommandTests.Trainer.Run(folder, "train", "--resume", "-o", "killed");
        Assert.Equal(1, other.Code);
        Assert.Contains("source.onnx is not the network that the run began with", other.Errors);
    }

    [Fact]
    public void Without_the_cache_nothing_is_left_in_it()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "source.onnx", "resnet8");
        new TinyDigits(0, 120).WriteTo(folder, "digits");
        string[] options = ["train", "--transfer-from", "source.onnx", "--data", "digits", "--augment", "rotate=10", "--epochs", "2"];
        TrainCommandTests.Result result = TrainCommandTests.Trainer.Run(folder, [.. options, "--no-cache", "--freeze", "6", "-o", "run"]);
        Assert.True(result.Code == 0, result.Errors);
        Assert.False(Directory.Exists(folder.Path("cache")));
        Assert.Equal(10, TransferSource.Open(folder.Path("run")).Network.Classes);

        TrainCommandTests.Result itself =
            TrainCommandTests.Trainer.Run(folder, "train", "--transfer-from", "run", "--data", "digits", "-o", "run");
        Assert.Equal(2, itself.Code);
        Assert.Contains("--out run is the run that is taken over", itself.Errors);
    }

    [Fact]
    public void The_bundled_network_learns_hand_signs_from_few_pictures()
    {
        IDataSet? signs = Signs();
        Assert.SkipWhen(signs == null, "the data set sign-digits is not on this machine; the README says where it comes from");
        using var folder = new TemporaryFolder();
        int[] left = [.. Enumerable.Repeat(40, signs.Classes.Count)];
        for (int i = 0; i < signs.Count; i++)
        {
            if (--left[signs.Label(i)] < 0) continue;
            Picture picture = signs.Load(i);
            folder.Write($"signs/{signs.Classes[signs.Label(i)]}/{i:D5}.ppm",
                [.. Encoding.ASCII.GetBytes($"P6 {picture.Width} {picture.Height} 255\n"), .. picture.Pixels.Span]);
        }
        TrainCommandTests.Result result = TrainCommandTests.Trainer.Run(folder,
            "train", "--transfer-from", "cifar", "--data", "signs", "--size", "64", "--epochs", "30", "-o", "run");
        Assert.True(result.Code == 0, result.Errors);
        using JsonDocument metrics = JsonDocument.Parse(File.ReadAllBytes(folder.Path("run", "metrics.json")));
        double accuracy = metrics.RootElement.GetProperty("testAccuracy").GetDouble();
        Assert.True(accuracy > 0.75, $"{accuracy:P1}");
    }

    private static IDataSet? Signs()
    {
        try
        {
            return DataSets.Open("sign-digits", Split.Train);
        }
        catch (DataSetException)
        {
            return null;
        }
    }

    private static TrainedNetwork Write(TemporaryFolder folder, string file, string name, ulong seed = 11)
    {
        TrainedNetwork source = Transfers.Source(name, seed);
        OnnxWriter.Write(NetworkGraph.Create(source.Network, source.Weights, source.Statistics, source.Picture!, []), folder.Path(file));
        return source;
    }
}
