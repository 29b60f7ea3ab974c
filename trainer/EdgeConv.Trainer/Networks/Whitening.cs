using EdgeConv.Converters.Data;
using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Networks;
using EdgeConv.Trainer.Native;
using EdgeConv.Trainer.Pictures;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeConv.Trainer.Networks;

/// <summary>Sets the filters of a whitening layer: principal directions of the patches of the training pictures, and their negatives.</summary>
internal static class Whitening
{
    private const int Pictures = 4000;
    private const double LeastVariance = 5e-4; // directions with next to no variance are noise, and must not be blown up

    /// <summary>Changes the weights in place; nothing where the network does not begin with a whitening layer.</summary>
    public static void Apply(NetworkDescription network, float[] weights, PictureSamples samples, PictureInput picture)
    {
        PlacedLayer first = network.Place()[0];
        if (first.Layer is not ConvLayer { Start: InitialFilters.Whitening } conv) return;
        LibTorch.UseOneThread();
        int size = conv.Kernel * conv.Kernel * first.Input.Channels, half = conv.Filters / 2;
        using DisposeScope scope = NewDisposeScope();
        (Tensor values, Tensor vectors) = linalg.eigh(tensor(Covariance(conv.Kernel, samples, picture), [size, size]));
        double[] variances = values.data<double>().ToArray(), directions = vectors.contiguous().data<double>().ToArray();
        Span<float> bias = weights.AsSpan(conv.Filters * size, conv.Filters);
        bias.Clear();
        for (int f = 0; f < half; f++)
        {
            int column = size - 1 - f; // they ascend
            double scale = 1 / Math.Sqrt(Math.Max(variances[column], 0) + LeastVariance);
            // The sign of an eigenvector is the library's choice; the pair of filters has both.
            for (int i = 0; i < size; i++)
            {
                var weight = (float)(directions[i * size + column] * scale);
                (weights[f * size + i], weights[(half + f) * size + i]) = (weight, -weight);
            }
        }
    }

    // Mean of the products of normalized values, [C, K, K] by [C, K, K], over all patches of some thousand pictures.
    private static double[] Covariance(int kernel, PictureSamples samples, PictureInput picture)
    {
        int channels = samples.Layout.Channels, width = samples.Layout.Width, height = samples.Layout.Height;
        int size = channels * kernel * kernel, count = Math.Min(Pictures, samples.Count);
        var sums = new double[size * size];
        var patch = new double[size];
        long patches = 0;
        for (int n = 0; n < count; n++)
        {
            ReadOnlySpan<byte> pixels = samples.Pixels((int)((long)n * samples.Count / count));
            for (int y = 0; y + kernel <= height; y++)
            {
                for (int x = 0; x + kernel <= width; x++, patches++)
                {
                    Fill(pixels, y, x);
                    for (int i = 0; i < size; i++)
                        for (int j = 0; j < size; j++) sums[i * size + j] += patch[i] * patch[j];
                }
            }
        }
        return [.. sums.Select(sum => sum / patches)];

        void Fill(ReadOnlySpan<byte> pixels, int y, int x)
        {
            for (int c = 0, i = 0; c < channels; c++)
                for (int dy = 0; dy < kernel; dy++)
                    for (int dx = 0; dx < kernel; dx++, i++)
                        patch[i] = (pixels[((y + dy) * width + x + dx) * channels + c] / 255.0 - picture.Mean[c]) / picture.Deviation[c];
        }
    }
}
