using EdgeConv.Converters.Data;
using EdgeConv.Converters.Graphs;
using EdgeConv.Trainer.Networks;
using EdgeConv.Trainer.Parts;
using EdgeConv.Trainer.Pictures;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace EdgeConv.Trainer.Training;

/// <summary>Loss and accuracy of a network on pictures.</summary>
public static class Evaluation
{
    private const int BatchSize = 100; // what one thread computes at a time

    /// <summary>Mean cross entropy in nats, and the part of pictures whose largest score is that of their class.</summary>
    public static (double Loss, double Accuracy) Run(
        ITrainedNetwork network, PictureSamples samples, PictureInput picture, Resources? resources = null, CancellationToken cancel = default) =>
        Run(network, new BatchFiller(samples, picture), resources, cancel);

    /// <summary>The same on whatever the network takes.</summary>
    public static (double Loss, double Accuracy) Run(
        ITrainedNetwork network, IBatchFiller samples, Resources? resources = null, CancellationToken cancel = default)
    {
        int[] order = [.. Enumerable.Range(0, samples.Count)];
        var results = new (double Loss, long Correct)[(samples.Count + BatchSize - 1) / BatchSize];
        using var team = new PartTeam((resources ?? new Resources()).ThreadsFor(results.Length, BatchSize, network.Flat.device));
        team.For(results.Length, i =>
        {
            cancel.ThrowIfCancellationRequested();
            using IDisposable mode = inference_mode();
            using DisposeScope scope = NewDisposeScope();
            int first = i * BatchSize, count = Math.Min(BatchSize, samples.Count - first);
            using Batch batch = samples.Create(count);
            samples.Fill(batch, order.AsSpan(first, count));
            Tensor scores = network.Forward(batch.Pictures), labels = batch.Labels.to(scores.device);
            results[i] = (F.cross_entropy(scores, labels, reduction: nn.Reduction.Sum).ToDouble(), scores.argmax(1).eq(labels).sum().ToInt64());
        });
        return (results.Sum(result => result.Loss) / samples.Count, (double)results.Sum(result => result.Correct) / samples.Count);
    }
}
