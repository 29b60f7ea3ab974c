using EdgeConv.Converters.Data;
using EdgeConv.Trainer.Networks;
using EdgeConv.Trainer.Parts;
using EdgeConv.Trainer.Pictures;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeConv.Trainer.Training;

/// <summary>One step of gradient descent on one batch.</summary>
internal sealed class TrainingStep : IDisposable
{
    private const int Piece = 1 << 20; // parameters that one thread changes at a time

    private readonly IPartedNetwork _network;
    private readonly IOptimizer _optimizer;
    private readonly TrainingSettings _settings;
    private readonly PartTeam _team;
    private readonly PartedNetwork _parted;
    private readonly Tensor? _classWeights;
    private readonly (long Start, long Length)[] _all, _pieces;

    /// <summary>Of a network that stays the caller's, as the optimizer does.</summary>
    /// <param name="network">What learns.</param>
    /// <param name="optimizer">Of its parameters.</param>
    /// <param name="settings">Parts, label smoothing and seed.</param>
    /// <param name="team">Computes the parts.</param>
    /// <param name="classWeights">What a picture of each class counts; null for 1.</param>
    public TrainingStep(IPartedNetwork network, IOptimizer optimizer, TrainingSettings settings, PartTeam team, Tensor? classWeights)
    {
        (_network, _optimizer, _settings, _team, _classWeights) = (network, optimizer, settings, team, classWeights);
        _parted = new PartedNetwork(network, team, settings.PartsOfBatch);
        _all = [.. Pieces(0, network.Flat.numel())];
        _pieces = [.. network.Trainable.SelectMany(part => Pieces(part.Start, part.Length))];
    }

    /// <summary>Forward, backward, and a change of the weights.</summary>
    /// <param name="batch">Pictures and labels.</param>
    /// <param name="rate">Learning rate.</param>
    /// <param name="step">Counted from 0; with the seed it determines what is dropped.</param>
    /// <returns>Mean loss, and how many of the batch were right.</returns>
    public (double Loss, long Correct) Run(Batch batch, double rate, long step)
    {
        (double Loss, long Correct) result = _parted.Learn(batch, part => Random(step, part), _classWeights, _settings.LabelSmoothing);
        _team.For(_pieces.Length, i =>
        {
            using Tensor gradient = _parted.Gradient.narrow(0, _pieces[i].Start, _pieces[i].Length);
            _optimizer.Step(_pieces[i].Start, gradient, rate, step);
        });
        return result;
    }

    /// <summary>Moves an average of all parameters towards them.</summary>
    public void Average(Tensor average, double share)
    {
        _team.For(_all.Length, i =>
        {
            using IDisposable off = no_grad();
            using DisposeScope scope = NewDisposeScope();
            (long start, long length) = _all[i];
            average.narrow(0, start, length).lerp_(_network.Flat.narrow(0, start, length), share);
        });
    }

    /// <inheritdoc/>
    public void Dispose() => _parted.Dispose();

    /// <summary>The optimizer of some settings.</summary>
    public static IOptimizer Optimizer(IPartedNetwork network, TrainingSettings settings) => settings.Optimizer == OptimizerKind.AdamW
        ? new AdamW(network.Flat, settings.WeightDecay)
        : new NesterovSgd(network.Flat, settings.WeightDecay);

    /// <summary>n / (classes * pictures of the class): every class counts as much as the others, and the mean over all pictures is 1.</summary>
    public static float[] BalancedWeights(IReadOnlyList<int> counts)
    {
        int present = counts.Count(n => n > 0), total = counts.Sum();
        return [.. counts.Select(n => n == 0 ? 0 : (float)total / present / n)];
    }

    private static IEnumerable<(long Start, long Length)> Pieces(long start, long length)
    {
        for (long at = 0; at < length; at += Piece) yield return (start + at, Math.Min(Piece, length - at));
    }

    private Generator Random(long step, int part) =>
        new((ulong)(SplitMix64.For(_settings.Seed, (ulong)step, 1 + (ulong)part).Next() >> 1));
}
