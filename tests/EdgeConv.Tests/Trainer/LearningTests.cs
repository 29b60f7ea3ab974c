using EdgeConv.Converters.Data;
using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Networks;
using EdgeConv.Runtime.Preprocessing;
using EdgeConv.Trainer;
using EdgeConv.Trainer.Networks;
using EdgeConv.Trainer.Pictures;
using EdgeConv.Trainer.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeConv.Tests.Trainer;

/// <summary>How each kind of network and setting learns, on a few hundred digits.</summary>
[Collection("torch")]
public sealed class LearningTests
{
    private static readonly TrainingSettings _sgd = Some.Settings with
    {
        Optimizer = OptimizerKind.Sgd,
        LearningRate = 0.05,
        WeightDecay = 5e-4,
        Batch = 32,
        AverageDecay = 0.9,
        LabelSmoothing = 0.05,
        Schedule = ScheduleShape.Linear,
        ChannelsLast = true,
        Augmentation = "flip crop=1",
    };

    [Theory]
    [InlineData("lenet-nano", 28, 1, 1)]
    [InlineData("ds-cnn", 28, 1, 0.5)]
    [InlineData("resnet8", 28, 1, 0.5)]
    [InlineData("conv7-fashion", 28, 1, 1)]
    [InlineData("conv7-cifar", 28, 3, 0.25)]
    [InlineData("resnet14-cifar", 28, 3, 0.25)]
    [InlineData("alexnet-cifar", 32, 1, 0.25)]
    [InlineData("vgg-cifar", 28, 1, 0.25)]
    public void A_network_learns_and_ends_in_the_same_weights_when_it_is_resumed(string name, int size, int channels, double width)
    {
        NetworkDescription network =
            KnownNetworks.Create(name, new NetworkOptions { Height = size, Width = size, Channels = channels, Factor = width, Classes = 10 });
        (PictureSamples training, PictureSamples validation, PictureInput picture) = Digits(network.Input);
        TrainingSettings settings = _sgd with { Epochs = 4, Augmentation = "" };
        TrainingState whole = Train(network, training, validation, picture, settings, null, out TrainingState first);
        Assert.True(whole.Epochs[^1].TrainLoss < 0.85 * whole.Epochs[0].TrainLoss, string.Join(", ", whole.Epochs.Select(e => e.TrainLoss)));

        using var folder = new TemporaryFolder();
        CheckpointFile.Save(folder.Path("state.bin"), settings, first);
        (TrainingSettings loaded, TrainingState state) = CheckpointFile.Load(folder.Path("state.bin"));
        Assert.Equal(settings, loaded);
        TrainingState resumed = Train(network, training, validation, picture, loaded, state, out _);
        Assert.Equal(whole.Weights, resumed.Weights);
        Assert.Equal(whole.Best, resumed.Best);
        Assert.Equal(whole.BestStatistics, resumed.BestStatistics);
        Assert.Equal(network.Statistics, resumed.BestStatistics.Length);
    }

    [Theory]
    [InlineData("alexnet", 67)]
    [InlineData("alexnet-2014", 64)]
    [InlineData("vgg11", 32)]
    [InlineData("vgg19-bn", 32)]
    public void A_step_of_a_large_network_is_finite_and_moves_the_weights(string name, int size)
    {
        NetworkDescription network =
            KnownNetworks.Create(name, new NetworkOptions { Height = size, Width = size, Classes = 10, Factor = 0.1 });
        (PictureSamples training, _, PictureInput picture) = Digits(network.Input, 64);
        TrainingSettings settings = _sgd with { Epochs = 1, LearningRate = 0.001 };
        TrainingState state = Train(network, training, null, picture, settings, null, out _);
        Assert.Equal(state.Weights.Length, LayerWeights.Initial(network, settings.Seed).Zip(state.Weights).Count(w => float.IsFinite(w.Second)));
        Assert.NotEqual(LayerWeights.Initial(network, settings.Seed), state.Weights);
        Assert.InRange(state.Epochs[0].TrainLoss, 0.1, 10);
    }

    [Fact]
    public void Frozen_whitening_filters_stay_and_make_patches_independent()
    {
        NetworkDescription network = KnownNetworks.Create("conv7-fashion", 10);
        (PictureSamples training, _, PictureInput picture) = Digits(network.Input);
        float[] weights = LayerWeights.Initial(network, 1);
        Whitening.Apply(network, weights, training, picture);
        TrainingState state = Train(network, training, null, picture, _sgd with { Epochs = 1, Seed = 1 }, null, out _);
        Assert.Equal(weights[..40], state.Weights[..40]); // eight filters 2x2 and their biases
        Assert.NotEqual(weights[40..], state.Weights[40..]);

        // The first four filters respond to the pictures they were made from with variance 1, and independently of each other.
        using DisposeScope scope = NewDisposeScope();
        var filler = new BatchFiller(training, picture);
        using Batch batch = filler.Create(training.Count);
        filler.Fill(batch, [.. Enumerable.Range(0, training.Count)]);
        Tensor response = nn.functional.conv2d(batch.Pictures, tensor(weights[..16], [4, 1, 2, 2])).transpose(0, 1).reshape(4, -1);
        float[] covariance = response.mm(response.t()).div(response.shape[1]).data<float>().ToArray();
        for (int i = 0; i < 16; i++) Assert.Equal(i % 5 == 0 ? 1 : 0, covariance[i], 0.05f);
        Assert.Equal(weights[..16].Select(w => -w), weights[16..32]);
    }

    [Fact]
    public void Nesterov_takes_the_steps_of_its_formula()
    {
        using Tensor parameters = tensor(new[] { 1f, -2f, 3f });
        using var optimizer = new NesterovSgd(parameters, 0.1);
        double[] w = [1, -2, 3], m = [0, 0, 0], g = [0.5, 0.25, -1];
        for (int step = 0; step < 3; step++)
        {
            using Tensor gradient = tensor(new[] { 0.5f, 0.25f, -1f });
            optimizer.Step(0, gradient, 0.1, step);
            for (int i = 0; i < 3; i++)
            {
                double decayed = g[i] + 0.1 * w[i];
                m[i] = 0.9 * m[i] + decayed;
                w[i] -= 0.1 * (decayed + 0.9 * m[i]);
            }
        }
        float[] actual = parameters.data<float>().ToArray();
        for (int i = 0; i < 3; i++) Assert.Equal((float)w[i], actual[i], 1e-5f);
    }

    [Fact]
    public void Class_weights_let_every_class_count_the_same()
    {
        float[] weights = TrainingStep.BalancedWeights([90, 10, 0]);
        Assert.Equal([0.5556f, 5f, 0f], weights.Select(w => MathF.Round(w, 4)));
        Assert.Equal(90 * weights[0], 10 * weights[1], 1e-3f);
    }

    [Fact]
    public void Class_weights_change_what_is_learnt()
    {
        NetworkDescription network = KnownNetworks.Create("lenet5", 10);
        (PictureSamples training, _, PictureInput picture) = Digits(network.Input, 128);
        TrainingState plain = Train(network, training, null, picture, Some.Settings with { Epochs = 1 }, null, out _);
        TrainingState weighted = Train(network, training, null, picture, Some.Settings with { Epochs = 1, ClassWeights = true }, null, out _);
        Assert.NotEqual(plain.Weights, weighted.Weights);
    }

    [Fact]
    public void A_training_that_makes_no_progress_ends_early()
    {
        NetworkDescription network = KnownNetworks.Create("lenet5", 10);
        (PictureSamples training, PictureSamples validation, PictureInput picture) = Digits(network.Input, 128);
        TrainingSettings idle = Some.Settings with { Epochs = 50, LearningRate = 1e-9, Patience = 3 };
        using var loop = new TrainingLoop(network, training, validation, picture, idle);
        while (!loop.Finished) loop.RunEpoch();
        Assert.True(loop.StoppedEarly);
        Assert.InRange(loop.Epochs, 4, 10);
    }

    [Fact]
    public void The_learning_rate_finder_falls_rises_and_suggests_what_lies_between()
    {
        NetworkDescription network = KnownNetworks.Create("lenet5", 10);
        (PictureSamples training, _, PictureInput picture) = Digits(network.Input);
        LearningRateCurve curve = LearningRateFinder.Run(network, training, picture, Some.Settings with { Batch = 32 });
        Assert.InRange(curve.Suggestion, 1e-4, 0.05);
        double lowest = curve.Points.Min(p => p.Loss);
        Assert.True(lowest < 0.8 * curve.Points[0].Loss, "it never learnt");
        Assert.True(curve.Points[^1].Loss > 1.2 * lowest, "it never went too far");
        string[] lines = [.. curve.Lines()];
        Assert.StartsWith("suggestion: --lr ", lines[^1]);
        Assert.True(lines.Length is > 10 and < 60, $"{lines.Length} lines");
    }

    [Fact]
    public void Batch_normalization_of_one_picture_is_refused()
    {
        NetworkDescription network = KnownNetworks.Create("lenet-nano", 10);
        (PictureSamples training, _, PictureInput picture) = Digits(network.Input, 10);
        var error = Assert.Throws<TrainingException>(() => new TrainingLoop(network, training, null, picture, Some.Settings with { Batch = 1 }));
        Assert.Contains("two or more pictures", error.Message);
    }

    private static (PictureSamples Training, PictureSamples Validation, PictureInput Picture) Digits(FeatureShape input, int count = 320)
    {
        var layout = new PictureLayout(input.Width, input.Height, input.Channels == 1 ? ColorOrder.Gray : ColorOrder.Rgb);
        PictureSamples all = PictureSamples.Load(new TinyDigits(0, count), layout);
        (PictureSamples training, PictureSamples validation) = all.Split(count / 10, 7);
        (float[] mean, float[] deviation) = training.Statistics();
        return (training, validation, new PictureInput(layout, mean, deviation));
    }

    private static TrainingState Train(NetworkDescription network, PictureSamples training, PictureSamples? validation, PictureInput picture,
        TrainingSettings settings, TrainingState? resume, out TrainingState afterFirst)
    {
        using var loop = new TrainingLoop(network, training, validation, picture, settings, resume: resume);
        loop.RunEpoch();
        afterFirst = loop.State();
        while (!loop.Finished) loop.RunEpoch();
        return loop.State();
    }
}
