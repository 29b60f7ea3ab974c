using EdgeConv.Converters.Data;
using EdgeConv.Converters.Graphs;
using EdgeConv.Trainer.Networks;
using EdgeConv.Trainer.Pictures;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace EdgeConv.Trainer.Training;

/// <summary>Loss and accuracy of a network on pictures.</summary>
public static class Evaluation
{
    private const int BatchSize = 500;

    /// <summary>Mean cross entropy in nats, and the part of pictures whose largest score is that of their class.</summary>
    public static (double Loss, double Accuracy) Run(
        ITrainedNetwork network, PictureSamples samples, PictureInput picture, CancellationToken cancel = default) =>
        Run(network, new BatchFiller(samples, picture), cancel);

    /// <summary>The same on whatever the network takes.</summary>
    public static (double Loss, double Accuracy) Run(ITrainedNetwork network, IBatchFiller samples, CancellationToken cancel = default)
    {
        using IDisposable mode = inference_mode();
        int[] order = [.. Enumerable.Range(0, samples.Count)];
        double loss = 0;
        long correct = 0;
        for (int first = 0; first < samples.Count; first += BatchSize)
        {
            cancel.ThrowIfCancellationRequested();
            int count = Math.Min(BatchSize, samples.Count - first);
            using DisposeScope scope = NewDisposeScope();
            using Batch batch = samples.Create(count);
            samples.Fill(batch, order.AsSpan(first, count));
            Tensor scores = network.Forward(batch.Pictures), labels = batch.Labels.to(scores.device);
            loss += F.cross_entropy(scores, labels, reduction: nn.Reduction.Sum).ToDouble();
            correct += scores.argmax(1).eq(labels).sum().ToInt64();
        }
        return (loss / samples.Count, (double)correct / samples.Count);
    }
}
