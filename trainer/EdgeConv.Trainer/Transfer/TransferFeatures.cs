using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EdgeConv.Converters.Augmentation;
using EdgeConv.Converters.Data;
using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Networks;
using EdgeConv.Trainer.Native;
using EdgeConv.Trainer.Networks;
using EdgeConv.Trainer.Parts;
using EdgeConv.Trainer.Pictures;
using EdgeConv.Trainer.Training;

namespace EdgeConv.Trainer.Transfer;

/// <summary>What the frozen layers of a transfer make of pictures: from the cache, or computed and put there.</summary>
internal sealed class TransferFeatures : IDisposable
{
    private const int Piece = 64; // pictures whose features are computed at a time

    private readonly TrainedNetwork _front;
    private readonly TrainingSettings _settings;
    private readonly PictureInput _picture;
    private readonly FeatureCache? _cache;
    private readonly Resources _resources;
    private readonly TorchNetwork _network;
    private readonly FeatureShape _shape;
    private readonly List<FeatureFiller> _open = [];

    /// <summary>For the frozen layers of a transfer.</summary>
    /// <param name="front">The frozen layers.</param>
    /// <param name="settings">Distortions and their copies.</param>
    /// <param name="picture">Normalization.</param>
    /// <param name="cache">Null to keep nothing.</param>
    /// <param name="resources">Threads; null for one a processor.</param>
    public TransferFeatures(
        TrainedNetwork front, TrainingSettings settings, PictureInput picture, FeatureCache? cache, Resources? resources = null)
    {
        (_front, _settings, _picture, _cache, _resources) = (front, settings, picture, cache, resources ?? new Resources());
        _network = new TorchNetwork(front.Network, front.Weights, front.Statistics);
        _shape = front.Network.Place()[^1].Output;
    }

    /// <summary>Batches of features.</summary>
    /// <param name="samples">The pictures.</param>
    /// <param name="distort">Whether they are distorted as the settings say.</param>
    /// <param name="progress">Hears whether features were kept.</param>
    /// <param name="cancel">Stops the computation.</param>
    public IBatchFiller Of(PictureSamples samples, bool distort, ITrainingProgress? progress = null, CancellationToken cancel = default)
    {
        var pictures = new BatchFiller(samples, _picture);
        IAugmentation? augmentation = distort ? AugmentationPlan.Parse(_settings.Augmentation) : null;
        int copies = augmentation == null ? 1 : _settings.Transfer!.Copies;
        var computed = new FrozenFiller(pictures, _network, _settings.ChannelsLast);
        if (_cache == null) return computed;
        byte[] key = Key(samples, augmentation == null ? "" : _settings.Augmentation, copies);
        FeatureFile? file = _cache.Get(
            key, copies * samples.Count, _shape.Length, () => Compute(computed, augmentation, copies, cancel), out bool kept);
        if (file == null)
        {
            progress?.Note($"There is no room to keep the features of {Counts.Of(samples.Count)} pictures; each epoch computes them anew.");
            return computed;
        }
        string which = $"features of {Counts.Of(samples.Count)} pictures" + (augmentation == null ? "" : $" in {copies} distorted copies");
        progress?.Note(which + (kept ? ": kept from an earlier run" : ": computed and kept"));
        _open.Add(new FeatureFiller(file, samples, _shape, _settings.ChannelsLast, copies));
        return _open[^1];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (FeatureFiller filler in _open) filler.Dispose();
        _network.Dispose();
    }

    private IEnumerable<float[]> Compute(FrozenFiller filler, IAugmentation? augmentation, int copies, CancellationToken cancel)
    {
        int[] order = [.. Enumerable.Range(0, filler.Count)];
        int pieces = (order.Length + Piece - 1) / Piece;
        using var team = new PartTeam(_resources.ThreadsFor(pieces, Piece, _network.Flat.device));
        for (int copy = 0; copy < copies; copy++)
        {
            // Written as they come, a few pieces in memory at a time.
            for (int next = 0; next < pieces; next += team.Threads)
            {
                cancel.ThrowIfCancellationRequested();
                (int from, int epoch) = (next, copy);
                var values = new float[Math.Min(team.Threads, pieces - from)][];
                team.For(values.Length, i =>
                {
                    int first = (from + i) * Piece, count = Math.Min(Piece, order.Length - first);
                    using Batch batch = filler.Create(count);
                    filler.Fill(batch, order.AsSpan(first, count), augmentation, _settings.Seed, epoch);
                    values[i] = batch.Values.ToArray();
                });
                foreach (float[] piece in values) yield return piece;
            }
        }
    }

    // Pixels rather than names and times: a picture that was copied, renamed or touched is still the same, and one that was edited is not.
    private byte[] Key(PictureSamples samples, string augmentation, int copies)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        TransferSource.Append(hash, _front.Network, _front.Weights, _front.Statistics);
        ulong seed = augmentation.Length > 0 ? _settings.Seed : 0;
        string rest = JsonSerializer.Serialize(new { _picture, augmentation, copies, seed, _settings.ChannelsLast, samples.Count }, RunFolder.Json);
        hash.AppendData(Encoding.UTF8.GetBytes(rest));
        for (int i = 0; i < samples.Count; i++) hash.AppendData(samples.Pixels(i));
        return hash.GetHashAndReset();
    }
}
