using System.Runtime.InteropServices;
using EdgeConv.Converters.Augmentation;
using EdgeConv.Converters.Data;
using EdgeConv.Converters.Networks;
using EdgeConv.Trainer.Native;
using EdgeConv.Trainer.Networks;
using EdgeConv.Trainer.Pictures;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeConv.Trainer.Transfer;

/// <summary>Batches of what frozen layers make of pictures, computed each time.</summary>
/// <param name="pictures">Their input.</param>
/// <param name="front">The frozen layers.</param>
/// <param name="channelsLast">How batches lie in memory.</param>
internal sealed class FrozenFiller(IBatchFiller pictures, TorchNetwork front, bool channelsLast) : IBatchFiller
{
    private readonly FeatureShape _shape = front.Description.Place()[^1].Output;

    public int Count => pictures.Count;

    public Batch Create(int count, bool _ = false) => new(count, _shape.Channels, _shape.Height, _shape.Width, channelsLast);

    public void Fill(Batch batch, ReadOnlySpan<int> indices, IAugmentation? augmentation = null, ulong seed = 0, int epoch = 0)
    {
        LibTorch.UseOneThread(); // a thread of the loader's, maybe
        using IDisposable mode = inference_mode();
        using DisposeScope scope = NewDisposeScope();
        using Batch input = pictures.Create(indices.Length, channelsLast);
        pictures.Fill(input, indices, augmentation, seed, epoch);
        Tensor features = front.Forward(input.Pictures);
        if (channelsLast) features = features.view(-1, _shape.Channels, _shape.Height, _shape.Width).permute(0, 2, 3, 1);
        MemoryMarshal.Cast<byte, float>(features.contiguous().cpu().bytes).CopyTo(batch.Values);
        input.Labels.bytes.CopyTo(batch.Labels.bytes);
    }
}

/// <summary>Batches of features that are on disk.</summary>
/// <param name="file">Copy by copy, each with all pictures.</param>
/// <param name="samples">The pictures, for their labels.</param>
/// <param name="shape">Of the features of a picture.</param>
/// <param name="channelsLast">How they lie in the file.</param>
/// <param name="copies">Of each picture; an epoch takes one of them.</param>
internal sealed class FeatureFiller(FeatureFile file, PictureSamples samples, FeatureShape shape, bool channelsLast, int copies)
    : IBatchFiller, IDisposable
{
    public int Count => samples.Count;

    public Batch Create(int count, bool _ = false) => new(count, shape.Channels, shape.Height, shape.Width, channelsLast);

    // The distortions are in the file: what the loader would do to a picture has been done.
    public void Fill(Batch batch, ReadOnlySpan<int> indices, IAugmentation? augmentation = null, ulong seed = 0, int epoch = 0)
    {
        Span<float> values = batch.Values;
        Span<long> labels = MemoryMarshal.Cast<byte, long>(batch.Labels.bytes);
        for (int i = 0; i < indices.Length; i++)
        {
            // Neighbours take different copies in an epoch, and each takes all of them in turn.
            int copy = (int)(((long)epoch + indices[i]) % copies);
            file[copy * samples.Count + indices[i]].CopyTo(values.Slice(i * shape.Length, shape.Length));
            labels[i] = samples.Label(indices[i]);
        }
    }

    public void Dispose() => file.Dispose();
}
