using System.Buffers.Binary;
using System.Security.Cryptography;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Converters.Data;

/// <summary>Pictures at the network's size, one byte a value. Read only; safe for several threads.</summary>
public sealed class PictureSamples : IDisposable
{
    private const long MemoryBytes = 2L << 30;
    private const int EnoughForChance = 100;
    private const double LeastDeviation = 0.01; // a blank channel must not divide by 0
    private readonly PictureStore _store;
    private readonly int[] _places, _indices, _labels;

    private PictureSamples(PictureLayout layout, PictureStore store, int[] places, int[] indices, int[] labels)
    {
        Layout = layout;
        _store = store;
        (_places, _indices, _labels) = (places, indices, labels);
    }

    /// <summary>Size and colour of every picture; the same code brings pictures to it on the device.</summary>
    public PictureLayout Layout { get; }

    /// <summary>Number of pictures.</summary>
    public int Count => _places.Length;

    /// <summary>What did not decode and is left out; one message each.</summary>
    public IReadOnlyList<string> Skipped { get; private init; } = [];

    /// <summary>Class of a picture.</summary>
    public int Label(int index) => _labels[index];

    /// <summary>Where a picture stands in the data set.</summary>
    public int IndexInData(int index) => _indices[index];

    /// <summary>Pixels of a picture, HWC.</summary>
    public ReadOnlySpan<byte> Pixels(int index) => _store[_places[index]];

    /// <summary>Decodes and resizes pictures; those that do not decode are left out and named in <see cref="Skipped"/>.</summary>
    /// <param name="data">Where they come from.</param>
    /// <param name="layout">What they become.</param>
    /// <param name="chosen">Which ones; null for all.</param>
    /// <param name="progress">Told the number of pictures that are done, from several threads.</param>
    /// <param name="cancel">Stops the work.</param>
    /// <param name="memory">Bytes that may lie in memory; more go to a temporary file.</param>
    /// <exception cref="DataSetException">No picture decodes, or there is no room for them.</exception>
    public static PictureSamples Load(IDataSet data, PictureLayout layout, IReadOnlyList<int>? chosen = null, IProgress<int>? progress = null,
        CancellationToken cancel = default, long memory = MemoryBytes)
    {
        chosen ??= [.. Enumerable.Range(0, data.Count)];
        PictureStore store = PictureStore.Create(chosen.Count, layout.ByteLength, memory);
        try
        {
            string?[] failures = Decode(data, layout, chosen, store, progress, cancel);
            int[] good = [.. Enumerable.Range(0, chosen.Count).Where(i => failures[i] == null)];
            string[] skipped = [.. failures.OfType<string>()];
            int[] indices = [.. good.Select(i => chosen[i])];
            return good.Length > 0 || chosen.Count == 0
                ? new PictureSamples(layout, store, good, indices, [.. indices.Select(data.Label)]) { Skipped = skipped }
                : throw new DataSetException($"{data.Name}: none of {chosen.Count} pictures decodes. The first: {skipped[0]}");
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>That many indices, spread evenly over a data set.</summary>
    public static int[] Spread(int available, int wanted)
    {
        int count = Math.Min(available, wanted);
        return [.. Enumerable.Range(0, count).Select(i => (int)((long)i * available / count))];
    }

    /// <summary>
    /// Parts the pictures by the seed; nothing is copied. Where classes have few pictures, each gives its share; where they have many,
    /// chance sees to that.
    /// </summary>
    /// <param name="count">Pictures in the second part.</param>
    /// <param name="seed">Chooses them.</param>
    public (PictureSamples Remaining, PictureSamples Chosen) Split(int count, ulong seed)
    {
        int[] order = [.. Enumerable.Range(0, Count)];
        SplitMix64.For(seed, 0).Shuffle<int>(order);
        int classes = _labels.Distinct().Count();
        if (count < EnoughForChance * classes) order = Stratify(order);
        Array.Sort(order, 0, count);
        Array.Sort(order, count, Count - count);
        return (Take(order.AsSpan(count)), Take(order.AsSpan(0, count)));
    }

    /// <summary>Mean and standard deviation of each channel on the scale 0 to 1, in four decimals.</summary>
    public (float[] Mean, float[] Deviation) Statistics()
    {
        int channels = Layout.Channels;
        var mean = new float[channels];
        var deviation = new float[channels];
        for (int c = 0; c < channels; c++)
        {
            long sum = 0, squares = 0, n = 0;
            for (int picture = 0; picture < Count; picture++)
            {
                ReadOnlySpan<byte> pixels = Pixels(picture);
                for (int i = c; i < pixels.Length; i += channels)
                {
                    sum += pixels[i];
                    squares += pixels[i] * pixels[i];
                    n++;
                }
            }
            double average = (double)sum / n, variance = (double)squares / n - average * average;
            mean[c] = (float)Math.Round(average / 255, 4);
            deviation[c] = (float)Math.Max(Math.Round(Math.Sqrt(Math.Max(variance, 0)) / 255, 4), LeastDeviation);
        }
        return (mean, deviation);
    }

    /// <summary>SHA-256, in hex, of size, labels and pixels in their order: all of the data that a training sees.</summary>
    public string Digest()
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> number = stackalloc byte[sizeof(int)];
        foreach (int value in (ReadOnlySpan<int>)[Layout.Width, Layout.Height, Layout.Channels, Count])
        {
            BinaryPrimitives.WriteInt32LittleEndian(number, value);
            hash.AppendData(number);
        }
        for (int i = 0; i < Count; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(number, _labels[i]);
            hash.AppendData(number);
            hash.AppendData(Pixels(i));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>How many pictures each class has.</summary>
    public int[] ClassCounts(int classes)
    {
        var counts = new int[classes];
        foreach (int label in _labels) counts[label]++;
        return counts;
    }

    /// <summary>Frees the pictures, of all parts of a split as well.</summary>
    public void Dispose() => _store.Dispose();

    // The first pictures of all classes before the second ones, as far apart as the classes are large.
    private int[] Stratify(int[] shuffled) =>
        [.. shuffled.GroupBy(i => _labels[i]).SelectMany(group => group.Select((i, n) => (Index: i, Rank: (n + 0.5) / group.Count())))
            .OrderBy(ranked => ranked.Rank).ThenBy(ranked => _labels[ranked.Index]).Select(ranked => ranked.Index)];

    private PictureSamples Take(ReadOnlySpan<int> chosen)
    {
        int[] picked = chosen.ToArray();
        return new PictureSamples(
            Layout, _store, [.. picked.Select(i => _places[i])], [.. picked.Select(i => _indices[i])], [.. picked.Select(i => _labels[i])]);
    }

    // Why each picture is of no use; null where it is.
    private static string?[] Decode(
        IDataSet data, PictureLayout layout, IReadOnlyList<int> chosen, PictureStore store, IProgress<int>? progress, CancellationToken cancel)
    {
        var failures = new string?[chosen.Count];
        Parallelism.For(chosen.Count, () => new PictureResampler(layout),
            (i, resampler) =>
            {
                if (data.TryLoad(chosen[i], out Picture picture, out failures[i])) resampler.Run(picture, store[i]);
            },
            _ => { }, progress, cancel);
        return failures;
    }
}
