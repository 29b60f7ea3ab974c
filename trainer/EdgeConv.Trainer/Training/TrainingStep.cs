using EdgeConv.Converters.Data;
using EdgeConv.Trainer.Networks;
using EdgeConv.Trainer.Pictures;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace EdgeConv.Trainer.Training;

/// <summary>One step of gradient descent on one batch.</summary>
/// <param name="network">What learns.</param>
/// <param name="optimizer">Of its parameters.</param>
/// <param name="settings">Label smoothing and seed.</param>
/// <param name="classWeights">What a picture of each class counts; null for 1.</param>
internal sealed class TrainingStep(ITrainedNetwork network, IOptimizer optimizer, TrainingSettings settings, Tensor? classWeights)
{
    /// <summary>Forward, backward, and a change of the weights.</summary>
    /// <param name="batch">Pictures and labels.</param>
    /// <param name="rate">Learning rate.</param>
    /// <param name="step">Counted from 0; with the seed it determines what is dropped.</param>
    /// <returns>Mean loss, and how many of the batch were right.</returns>
    public (double Loss, long Correct) Run(Batch batch, double rate, long step)
    {
        using DisposeScope scope = NewDisposeScope();
        if (network.HasDropout) random.manual_seed((long)(SplitMix64.For(settings.Seed, (ulong)step, 1).Next() >> 1));
        Tensor scores = network.Forward(batch.Pictures, Pass.Training);
        Tensor labels = batch.Labels.to(scores.device);
        Tensor error = F.cross_entropy(scores, labels, classWeights, label_smoothing: settings.LabelSmoothing);
        error.backward();
        foreach ((Tensor gradient, (long start, _)) in network.TakeGradients().Zip(network.Trainable))
            optimizer.Step(start, gradient, rate, step);
        return (error.ToDouble(), scores.argmax(1).eq(labels).sum().ToInt64());
    }

    /// <summary>The optimizer of some settings.</summary>
    public static IOptimizer Optimizer(ITrainedNetwork network, TrainingSettings settings) => settings.Optimizer == OptimizerKind.AdamW
        ? new AdamW(network.Flat, settings.WeightDecay)
        : new NesterovSgd(network.Flat, settings.WeightDecay);

    /// <summary>n / (classes * pictures of the class): every class counts as much as the others, and the mean over all pictures is 1.</summary>
    public static float[] BalancedWeights(IReadOnlyList<int> counts)
    {
        int present = counts.Count(n => n > 0), total = counts.Sum();
        return [.. counts.Select(n => n == 0 ? 0 : (float)total / present / n)];
    }
}
