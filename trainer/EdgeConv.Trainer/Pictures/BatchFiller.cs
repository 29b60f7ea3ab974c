using System.Runtime.InteropServices;
using EdgeConv.Converters.Augmentation;
using EdgeConv.Converters.Data;
using EdgeConv.Converters.Graphs;
using EdgeConv.Trainer.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeConv.Trainer.Pictures;

/// <summary>A batch for torch: pictures float [N, C, H, W], labels int64 [N]. The tensors are filled again and again.</summary>
public sealed class Batch : IDisposable
{
    private readonly Tensor _values;

    /// <summary>An empty batch.</summary>
    /// <param name="count">Pictures.</param>
    /// <param name="channels">Channels.</param>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <param name="channelsLast">Whether the values lie NHWC in memory, which torch computes wider networks with faster.</param>
    public Batch(int count, int channels, int height, int width, bool channelsLast = false)
    {
        LibTorch.Prepare();
        ChannelsLast = channelsLast;
        _values = (channelsLast ? zeros(count, height, width, channels) : zeros(count, channels, height, width)).DetachFromDisposeScope();
        Pictures = channelsLast ? _values.permute(0, 3, 1, 2).DetachFromDisposeScope() : _values;
        Labels = zeros(count, dtype: ScalarType.Int64).DetachFromDisposeScope();
    }

    /// <summary>Whether the values lie NHWC in memory.</summary>
    public bool ChannelsLast { get; }

    /// <summary>Network input.</summary>
    public Tensor Pictures { get; }

    /// <summary>The values of <see cref="Pictures"/> as they lie in memory.</summary>
    public Span<float> Values => MemoryMarshal.Cast<byte, float>(_values.bytes);

    /// <summary>Classes.</summary>
    public Tensor Labels { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (ChannelsLast) Pictures.Dispose();
        _values.Dispose();
        Labels.Dispose();
    }
}

/// <summary>What a network learns from, a batch at a time. Several threads may fill different batches.</summary>
public interface IBatchFiller
{
    /// <summary>Pictures that there are.</summary>
    int Count { get; }

    /// <summary>An empty batch of the right size.</summary>
    Batch Create(int count, bool channelsLast = false);

    /// <summary>Fills a batch.</summary>
    /// <param name="batch">Of <see cref="Create"/>.</param>
    /// <param name="indices">Which pictures; as many as the batch has.</param>
    /// <param name="augmentation">Changes each picture, or null.</param>
    /// <param name="seed">With the epoch and the picture's index it determines the change, whichever thread makes it.</param>
    /// <param name="epoch">See seed.</param>
    void Fill(Batch batch, ReadOnlySpan<int> indices, IAugmentation? augmentation = null, ulong seed = 0, int epoch = 0);
}

/// <summary>Turns bytes to network input, by a table a channel: (p / 255 - mean) / deviation.</summary>
public sealed class BatchFiller : IBatchFiller
{
    private readonly PictureSamples _samples;
    private readonly float[] _tables;

    /// <summary>For some pictures and the normalization of a network.</summary>
    public BatchFiller(PictureSamples samples, PictureInput picture)
    {
        _samples = samples;
        _tables = new float[picture.Layout.Channels * 256];
        for (int i = 0; i < _tables.Length; i++)
            _tables[i] = ((i & 255) / 255f - picture.Mean[i >> 8]) / picture.Deviation[i >> 8];
    }

    /// <inheritdoc/>
    public int Count => _samples.Count;

    /// <inheritdoc/>
    public Batch Create(int count, bool channelsLast = false) =>
        new(count, _samples.Layout.Channels, _samples.Layout.Height, _samples.Layout.Width, channelsLast);

    /// <inheritdoc/>
    public void Fill(Batch batch, ReadOnlySpan<int> indices, IAugmentation? augmentation = null, ulong seed = 0, int epoch = 0)
    {
        int height = _samples.Layout.Height, width = _samples.Layout.Width, size = _samples.Layout.ByteLength;
        Span<float> pictures = batch.Values;
        Span<long> labels = MemoryMarshal.Cast<byte, long>(batch.Labels.bytes);
        Span<byte> changed = augmentation == null ? [] : new byte[size];
        for (int i = 0; i < indices.Length; i++)
        {
            ReadOnlySpan<byte> pixels = _samples.Pixels(indices[i]);
            labels[i] = _samples.Label(indices[i]);
            if (augmentation != null)
            {
                var random = SplitMix64.For(seed, (ulong)epoch, (ulong)indices[i]);
                augmentation.Apply(pixels, changed, height, width, ref random);
                pixels = changed;
            }
            if (batch.ChannelsLast) NormalizeInPlace(pixels, pictures.Slice(i * size, size));
            else Normalize(pixels, pictures.Slice(i * size, size));
        }
    }

    /// <summary>HWC bytes to CHW floats.</summary>
    private void Normalize(ReadOnlySpan<byte> pixels, Span<float> planes)
    {
        int channels = _samples.Layout.Channels, plane = pixels.Length / channels;
        for (int c = 0; c < channels; c++)
        {
            ReadOnlySpan<float> table = _tables.AsSpan(c * 256, 256);
            Span<float> target = planes.Slice(c * plane, plane);
            for (int p = 0, i = c; p < target.Length; p++, i += channels) target[p] = table[pixels[i]];
        }
    }

    /// <summary>HWC bytes to HWC floats.</summary>
    private void NormalizeInPlace(ReadOnlySpan<byte> pixels, Span<float> values)
    {
        int channels = _samples.Layout.Channels;
        for (int i = 0, c = 0; i < pixels.Length; i++)
        {
            values[i] = _tables[c * 256 + pixels[i]];
            if (++c == channels) c = 0;
        }
    }
}
