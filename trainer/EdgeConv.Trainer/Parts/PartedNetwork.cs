using EdgeConv.Trainer.Networks;
using EdgeConv.Trainer.Pictures;
using EdgeConv.Trainer.Training;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace EdgeConv.Trainer.Parts;

/// <summary>
/// A network that computes batches in parts, whose number is a setting of the training: the sums in it, and so every bit of the weights,
/// are the same however many threads share the parts.
/// </summary>
internal sealed class PartedNetwork : IDisposable
{
    private readonly IPartedNetwork _network;
    private readonly IPartedNetwork[] _replicas;
    private readonly PartTeam _team;
    private readonly bool _meets;

    /// <summary>The network stays the caller's.</summary>
    public PartedNetwork(IPartedNetwork network, PartTeam team, int parts)
    {
        (_network, _team, _meets) = (network, team, network.Statistics.numel() > 0);
        _replicas = [network, .. Enumerable.Range(1, parts - 1).Select(_ => network.Replica())];
        Gradient = zeros(network.Flat.numel(), device: network.Flat.device).DetachFromDisposeScope();
    }

    /// <summary>Of the last batch, as long as all parameters; where some are frozen it means nothing.</summary>
    public Tensor Gradient { get; }

    /// <summary>Forward and backward of a batch.</summary>
    /// <param name="batch">Pictures and labels.</param>
    /// <param name="dropout">Chooses what a part drops.</param>
    /// <param name="classWeights">What a picture of each class counts; null for 1.</param>
    /// <param name="smoothing">Part of the certainty that is spread over all classes.</param>
    /// <returns>Mean loss, and how many of the batch were right.</returns>
    public (double Loss, long Correct) Learn(Batch batch, Func<int, Generator> dropout, Tensor? classWeights, double smoothing)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor labels = batch.Labels.to(_network.Flat.device);
        int count = (int)labels.numel(), parts = Math.Min(_replicas.Length, count);
        double weight = classWeights is null ? count : classWeights.index_select(0, labels).sum().ToDouble();
        var losses = new double[parts];
        var correct = new long[parts];
        _team.Run(parts, (part, exchange) => _meets ? Steps(part, exchange) : Straight(part, exchange));
        return (losses.Sum(), correct.Sum());

        // What a part leaves in memory goes before the next one comes.
        IEnumerator<double[]> Straight(int part, Exchange exchange)
        {
            using (DisposeScope own = NewDisposeScope())
            {
                IEnumerator<double[]> steps = Steps(part, exchange);
                if (steps.MoveNext()) throw new InvalidOperationException("Parts that meet are not computed one by one.");
            }
            yield break;
        }

        IEnumerator<double[]> Steps(int part, Exchange exchange)
        {
            (int start, int length) = Range(part, parts, count);
            Tensor right = labels.narrow(0, start, length);
            using Generator? random = _network.HasDropout ? dropout(part) : null;
            Pass pass = Pass.Training with { Dropout = random };
            if (parts == 1)
            {
                Loss(_network.Forward(batch.Pictures, pass)).backward();
            }
            else
            {
                foreach (double[] sums in _replicas[part].Learn(exchange, batch.Pictures.narrow(0, start, length), pass, Loss)) yield return sums;
            }
            exchange.InTurn(part, () => _replicas[part].AddGradients(Gradient, part == 0));

            Tensor Loss(Tensor scores)
            {
                using Scalar share = 1 / weight;
                Tensor loss = F.cross_entropy(scores, right, classWeights, reduction: nn.Reduction.Sum, label_smoothing: smoothing).mul(share);
                (losses[part], correct[part]) = (loss.ToDouble(), scores.argmax(1).eq(right).sum().ToInt64());
                return loss;
            }
        }
    }

    /// <summary>Lets batch normalization measure a batch.</summary>
    public void Measure(Batch batch, Pass pass)
    {
        int count = (int)batch.Labels.numel(), parts = Math.Min(_replicas.Length, count);
        _team.Run(parts, Steps, learns: false);

        IEnumerator<double[]> Steps(int part, Exchange exchange)
        {
            if (parts == 1)
            {
                _network.Forward(batch.Pictures, pass);
                yield break;
            }
            (int start, int length) = Range(part, parts, count);
            foreach (double[] sums in _replicas[part].Measure(exchange, batch.Pictures.narrow(0, start, length), pass, part == 0)) yield return sums;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IPartedNetwork replica in _replicas.Skip(1)) replica.Dispose();
        Gradient.Dispose();
    }

    // As even as can be.
    private static (int Start, int Length) Range(int part, int parts, int count)
    {
        int start = (int)((long)part * count / parts);
        return (start, (int)((part + 1L) * count / parts) - start);
    }
}
