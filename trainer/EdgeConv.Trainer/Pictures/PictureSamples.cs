using EdgeConv.Converters.Data;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Trainer.Pictures;

/// <summary>Pictures at the network's size, one byte a value, in memory. Read only; safe for several threads.</summary>
public sealed class PictureSamples
{
    private const long MaxBytes = 8L << 30;
    private const double LeastDeviation = 0.01; // a blank channel must not divide by 0
    private readonly byte[][] _pictures;
    private readonly int[] _labels;

    private PictureSamples(PictureLayout layout, byte[][] pictures, int[] labels)
    {
        Layout = layout;
        _pictures = pictures;
        _labels = labels;
    }

    /// <summary>Size and colour of every picture; the same code brings pictures to it on the device.</summary>
    public PictureLayout Layout { get; }

    /// <summary>Number of pictures.</summary>
    public int Count => _pictures.Length;

    /// <summary>Class of a picture.</summary>
    public int Label(int index) => _labels[index];

    /// <summary>Pixels of a picture, HWC.</summary>
    public ReadOnlySpan<byte> Pixels(int index) => _pictures[index];

    /// <summary>Decodes and resizes a whole data set.</summary>
    /// <exception cref="DataSetException">A picture does not decode.</exception>
    /// <exception cref="TrainingException">The pictures do not fit in memory.</exception>
    public static PictureSamples Load(IDataSet data, PictureLayout layout, CancellationToken cancel = default)
    {
        if (data.Count * (long)layout.ByteLength > MaxBytes)
        {
            throw new TrainingException(
                $"{data.Name}: {data.Count} pictures of {layout.Width}x{layout.Height} need over {MaxBytes >> 30} GB. Use fewer.");
        }
        var pictures = new byte[data.Count][];
        var labels = new int[data.Count];
        using var resamplers = new ThreadLocal<PictureResampler>(() => new PictureResampler(layout));
        try
        {
            Parallel.For(0, data.Count, new ParallelOptions { CancellationToken = cancel }, i =>
            {
                labels[i] = data.Label(i);
                resamplers.Value!.Run(data.Load(i), pictures[i] = new byte[layout.ByteLength]);
            });
        }
        catch (AggregateException e) when (e.InnerException is DataSetException first)
        {
            throw new DataSetException(first.Message, e);
        }
        return new PictureSamples(layout, pictures, labels);
    }

    /// <summary>Parts the pictures by the seed; nothing is copied.</summary>
    /// <param name="count">Pictures in the second part.</param>
    /// <param name="seed">Chooses them.</param>
    public (PictureSamples Remaining, PictureSamples Chosen) Split(int count, ulong seed)
    {
        int[] order = [.. Enumerable.Range(0, Count)];
        SplitMix64.For(seed, 0).Shuffle<int>(order);
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
            foreach (byte[] picture in _pictures)
            {
                for (int i = c; i < picture.Length; i += channels)
                {
                    sum += picture[i];
                    squares += picture[i] * picture[i];
                    n++;
                }
            }
            double average = (double)sum / n, variance = (double)squares / n - average * average;
            mean[c] = (float)Math.Round(average / 255, 4);
            deviation[c] = (float)Math.Max(Math.Round(Math.Sqrt(Math.Max(variance, 0)) / 255, 4), LeastDeviation);
        }
        return (mean, deviation);
    }

    private PictureSamples Take(ReadOnlySpan<int> indices)
    {
        var pictures = new byte[indices.Length][];
        var labels = new int[indices.Length];
        for (int i = 0; i < indices.Length; i++) (pictures[i], labels[i]) = (_pictures[indices[i]], _labels[indices[i]]);
        return new PictureSamples(Layout, pictures, labels);
    }
}
