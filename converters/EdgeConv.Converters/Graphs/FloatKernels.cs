using System.Numerics;
using EdgeConv.Runtime;

namespace EdgeConv.Converters.Graphs;

/// <summary>
/// Convolution and fully connected layers for the thousands of pictures of a calibration or a test set: the sums of
/// <see cref="Runtime.Kernels.FloatReference"/>, in double like there, but a vector at a time.
/// </summary>
internal static class FloatKernels
{
    /// <summary>Convolution.</summary>
    /// <param name="x">NHWC, one picture.</param>
    /// <param name="shape">[1, H, W, C].</param>
    /// <param name="convolution">The layer.</param>
    /// <param name="y">NHWC.</param>
    public static void Conv2D(float[] x, int[] shape, Conv2D convolution, float[] y)
    {
        Window window = convolution.Window;
        (int height, int width, int channels) = (shape[1], shape[2], shape[3]);
        (int outH, int outW, int outputs) = (window.OutputH(height), window.OutputW(width), convolution.Bias.Length);
        (int groupIn, int groupOut) = (channels / convolution.Groups, outputs / convolution.Groups);
        var patch = new double[window.KernelH * window.KernelW * groupIn];
        for (int i = 0; i < outH * outW; i++)
        {
            for (int g = 0; g < convolution.Groups; g++)
            {
                Gather(x, height, width, channels, window, i / outW, i % outW, g * groupIn, groupIn, patch);
                for (int o = g * groupOut; o < (g + 1) * groupOut; o++)
                {
                    double sum = Dot(patch, convolution.Weights.AsSpan(o * patch.Length, patch.Length));
                    y[(i * outputs) + o] = (float)(sum + convolution.Bias[o]);
                }
            }
        }
    }

    /// <summary>Fully connected layer.</summary>
    /// <param name="x">[1, I].</param>
    /// <param name="layer">The layer.</param>
    /// <param name="y">[1, O].</param>
    public static void FullyConnected(float[] x, FullyConnected layer, float[] y)
    {
        var row = new double[x.Length];
        for (int i = 0; i < x.Length; i++)
        {
            row[i] = x[i];
        }

        for (int o = 0; o < y.Length; o++)
        {
            y[o] = (float)(Dot(row, layer.Weights.AsSpan(o * row.Length, row.Length)) + layer.Bias[o]);
        }
    }

    // What the kernel sees at one place, in the order of the weights; zeros outside the picture.
    private static void Gather(float[] x, int height, int width, int channels, Window window,
        int outY, int outX, int firstChannel, int count, double[] patch)
    {
        int at = 0;
        for (int ky = 0; ky < window.KernelH; ky++)
        {
            int row = (outY * window.StrideH) - window.PadTop + (ky * window.DilationH);
            for (int kx = 0; kx < window.KernelW; kx++)
            {
                int column = (outX * window.StrideW) - window.PadLeft + (kx * window.DilationW);
                bool inside = (uint)row < (uint)height && (uint)column < (uint)width;
                int pixel = inside ? (((row * width) + column) * channels) + firstChannel : 0;
                for (int c = 0; c < count; c++)
                {
                    patch[at++] = inside ? x[pixel + c] : 0;
                }
            }
        }
    }

    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<float> b)
    {
        Vector<double> low = Vector<double>.Zero, high = Vector<double>.Zero;
        int i = 0;
        for (; i <= b.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector.Widen(new Vector<float>(b[i..]), out Vector<double> bLow, out Vector<double> bHigh);
            low += bLow * new Vector<double>(a[i..]);
            high += bHigh * new Vector<double>(a[(i + Vector<double>.Count)..]);
        }

        double sum = Vector.Sum(low + high);
        for (; i < b.Length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }
}
