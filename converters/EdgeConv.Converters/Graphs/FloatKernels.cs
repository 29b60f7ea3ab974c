using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using EdgeConv.Runtime;

namespace EdgeConv.Converters.Graphs;

/// <summary>
/// Convolution and fully connected layers for the thousands of pictures of a calibration or a test set: the sums of
/// <see cref="Runtime.Kernels.FloatReference"/>, in double like there, but blocked. Every sum is taken in one order whatever the processor:
/// term k goes to partial sum k mod 4, and these are added in pairs. Whether multiplication and addition are fused makes no difference, since
/// the product of two floats is exact in double.
/// </summary>
internal static class FloatKernels
{
    private const int Lanes = 4, PixelBlock = 4, OutputBlock = 3;
    private const int PatchBytes = 1 << 19;   // with the weights of a block, within a core's own cache

    /// <summary>Convolution.</summary>
    /// <param name="x">NHWC, one picture.</param>
    /// <param name="shape">[1, H, W, C].</param>
    /// <param name="convolution">The layer.</param>
    /// <param name="y">NHWC.</param>
    public static void Conv2D(float[] x, int[] shape, Conv2D convolution, float[] y)
    {
        Window window = convolution.Window;
        (int channels, int outputs) = (shape[3], convolution.Bias.Length);
        if (convolution.Groups == channels && outputs == channels)
        {
            Depthwise(x, shape, convolution, y);
            return;
        }

        int outW = window.OutputW(shape[2]), pixels = window.OutputH(shape[1]) * outW;
        int groupIn = channels / convolution.Groups, groupOut = outputs / convolution.Groups;
        int length = window.KernelH * window.KernelW * groupIn;
        int tile = Math.Clamp(PatchBytes / sizeof(double) / length / PixelBlock * PixelBlock, PixelBlock, 1024);
        var patches = new double[Math.Min(tile, pixels) * length];
        for (int first = 0; first < pixels; first += tile)
        {
            int count = Math.Min(tile, pixels - first);
            for (int g = 0; g < convolution.Groups; g++)
            {
                for (int i = 0; i < count; i++)
                {
                    Gather(x, shape, window, (first + i) / outW, (first + i) % outW, g * groupIn, patches.AsSpan(i * length, length));
                }

                Multiply(patches, count, convolution, g * groupOut, groupOut, y.AsSpan(first * outputs));
            }
        }
    }

    /// <summary>Fully connected layer.</summary>
    /// <param name="x">[1, I].</param>
    /// <param name="layer">The layer.</param>
    /// <param name="y">[1, O].</param>
    public static void FullyConnected(float[] x, FullyConnected layer, float[] y)
    {
        double[] row = Array.ConvertAll(x, v => (double)v);
        ref double a = ref MemoryMarshal.GetArrayDataReference(row);
        Span<double> sums = stackalloc double[Lanes];
        for (int o = 0; o < y.Length; o += Lanes)
        {
            Rows(ref a, layer.Weights, o, row.Length, sums);
            for (int i = 0; i < Math.Min(Lanes, y.Length - o); i++)
            {
                y[o + i] = (float)(sums[i] + layer.Bias[o + i]);
            }
        }
    }

    // One group's patches by its filters. Blocks at the edge repeat their last row instead of reading beyond it.
    private static void Multiply(double[] patches, int pixels, Conv2D convolution, int firstOutput, int groupOut, Span<float> y)
    {
        int outputs = convolution.Bias.Length, length = convolution.Weights.Length / outputs;
        Span<double> sums = stackalloc double[PixelBlock * OutputBlock];
        for (int o = firstOutput; o < firstOutput + groupOut; o += OutputBlock)
        {
            int outputCount = Math.Min(OutputBlock, firstOutput + groupOut - o);
            for (int p = 0; p < pixels; p += PixelBlock)
            {
                int pixelCount = Math.Min(PixelBlock, pixels - p);
                Block(patches, p, pixelCount - 1, convolution.Weights, o, outputCount - 1, length, sums);
                for (int i = 0; i < pixelCount; i++)
                {
                    for (int j = 0; j < outputCount; j++)
                    {
                        y[((p + i) * outputs) + o + j] = (float)(sums[(i * OutputBlock) + j] + convolution.Bias[o + j]);
                    }
                }
            }
        }
    }

    // 4 pixels by 3 outputs: twelve independent chains, sixteen registers.
    private static void Block(
        double[] patches, int pixel, int lastPixel, float[] weights, int output, int lastOutput, int length, Span<double> sums)
    {
        ref double a0 = ref patches[pixel * length], a1 = ref patches[(pixel + Math.Min(1, lastPixel)) * length];
        ref double a2 = ref patches[(pixel + Math.Min(2, lastPixel)) * length], a3 = ref patches[(pixel + lastPixel) * length];
        ref float b0 = ref weights[output * length], b1 = ref weights[(output + Math.Min(1, lastOutput)) * length];
        ref float b2 = ref weights[(output + lastOutput) * length];
        Vector256<double> s00 = default, s01 = default, s02 = default, s10 = default, s11 = default, s12 = default;
        Vector256<double> s20 = default, s21 = default, s22 = default, s30 = default, s31 = default, s32 = default;
        nuint k = 0;
        for (; k + Lanes <= (nuint)length; k += Lanes)
        {
            Vector256<double> w0 = Widen(ref b0, k), w1 = Widen(ref b1, k), w2 = Widen(ref b2, k);
            var v = Vector256.LoadUnsafe(ref a0, k);
            (s00, s01, s02) = (Add(v, w0, s00), Add(v, w1, s01), Add(v, w2, s02));
            v = Vector256.LoadUnsafe(ref a1, k);
            (s10, s11, s12) = (Add(v, w0, s10), Add(v, w1, s11), Add(v, w2, s12));
            v = Vector256.LoadUnsafe(ref a2, k);
            (s20, s21, s22) = (Add(v, w0, s20), Add(v, w1, s21), Add(v, w2, s22));
            v = Vector256.LoadUnsafe(ref a3, k);
            (s30, s31, s32) = (Add(v, w0, s30), Add(v, w1, s31), Add(v, w2, s32));
        }

        (sums[0], sums[1], sums[2]) = (Sum(s00, ref a0, ref b0, k, length), Sum(s01, ref a0, ref b1, k, length), Sum(s02, ref a0, ref b2, k, length));
        (sums[3], sums[4], sums[5]) = (Sum(s10, ref a1, ref b0, k, length), Sum(s11, ref a1, ref b1, k, length), Sum(s12, ref a1, ref b2, k, length));
        (sums[6], sums[7], sums[8]) = (Sum(s20, ref a2, ref b0, k, length), Sum(s21, ref a2, ref b1, k, length), Sum(s22, ref a2, ref b2, k, length));
        (sums[9], sums[10], sums[11]) = (Sum(s30, ref a3, ref b0, k, length), Sum(s31, ref a3, ref b1, k, length), Sum(s32, ref a3, ref b2, k, length));
    }

    // One row by four rows of weights; memory is what limits it.
    private static void Rows(ref double a, float[] weights, int output, int length, Span<double> sums)
    {
        int last = (weights.Length / length) - 1;
        ref float b0 = ref weights[output * length], b1 = ref weights[Math.Min(output + 1, last) * length];
        ref float b2 = ref weights[Math.Min(output + 2, last) * length], b3 = ref weights[Math.Min(output + 3, last) * length];
        Vector256<double> s0 = default, s1 = default, s2 = default, s3 = default;
        nuint k = 0;
        for (; k + Lanes <= (nuint)length; k += Lanes)
        {
            var v = Vector256.LoadUnsafe(ref a, k);
            (s0, s1) = (Add(v, Widen(ref b0, k), s0), Add(v, Widen(ref b1, k), s1));
            (s2, s3) = (Add(v, Widen(ref b2, k), s2), Add(v, Widen(ref b3, k), s3));
        }

        (sums[0], sums[1]) = (Sum(s0, ref a, ref b0, k, length), Sum(s1, ref a, ref b1, k, length));
        (sums[2], sums[3]) = (Sum(s2, ref a, ref b2, k, length), Sum(s3, ref a, ref b3, k, length));
    }

    // A channel each: vectors run over channels, and a sum is taken tap by tap.
    private static void Depthwise(float[] x, int[] shape, Conv2D convolution, float[] y)
    {
        Window window = convolution.Window;
        (int height, int width, int channels) = (shape[1], shape[2], shape[3]);
        int taps = window.KernelH * window.KernelW, outW = window.OutputW(width), pixels = window.OutputH(height) * outW;
        var weights = new double[taps * channels];
        for (int i = 0; i < weights.Length; i++)
        {
            weights[(i % taps * channels) + (i / taps)] = convolution.Weights[i];
        }

        var sums = new double[channels];
        for (int p = 0; p < pixels; p++)
        {
            Array.Clear(sums);
            for (int tap = 0; tap < taps; tap++)
            {
                int row = (p / outW * window.StrideH) - window.PadTop + (tap / window.KernelW * window.DilationH);
                int column = (p % outW * window.StrideW) - window.PadLeft + (tap % window.KernelW * window.DilationW);
                if ((uint)row < (uint)height && (uint)column < (uint)width)
                {
                    AddProducts(x.AsSpan(((row * width) + column) * channels, channels), weights.AsSpan(tap * channels, channels), sums);
                }
            }

            for (int c = 0; c < channels; c++)
            {
                y[(p * channels) + c] = (float)(sums[c] + convolution.Bias[c]);
            }
        }
    }

    private static void AddProducts(ReadOnlySpan<float> x, ReadOnlySpan<double> weights, Span<double> sums)
    {
        int c = 0;
        for (; c + Lanes <= x.Length; c += Lanes)
        {
            Vector256<double> v = Widen(ref MemoryMarshal.GetReference(x), (nuint)c);
            Add(v, Vector256.Create(weights[c..]), Vector256.Create<double>(sums[c..])).CopyTo(sums[c..]);
        }

        for (; c < x.Length; c++)
        {
            sums[c] += x[c] * weights[c];
        }
    }

    // What the kernel sees at one place, in the order of the weights; zeros outside the picture.
    private static void Gather(float[] x, int[] shape, Window window, int outY, int outX, int firstChannel, Span<double> patch)
    {
        (int height, int width, int channels) = (shape[1], shape[2], shape[3]);
        int count = patch.Length / (window.KernelH * window.KernelW), at = 0;
        for (int ky = 0; ky < window.KernelH; ky++)
        {
            int row = (outY * window.StrideH) - window.PadTop + (ky * window.DilationH);
            for (int kx = 0; kx < window.KernelW; kx++, at += count)
            {
                int column = (outX * window.StrideW) - window.PadLeft + (kx * window.DilationW);
                Span<double> tap = patch.Slice(at, count);
                if ((uint)row < (uint)height && (uint)column < (uint)width)
                {
                    ReadOnlySpan<float> pixel = x.AsSpan((((row * width) + column) * channels) + firstChannel, count);
                    for (int c = 0; c < pixel.Length; c++)
                    {
                        tap[c] = pixel[c];
                    }
                }
                else
                {
                    tap.Clear();
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Add(Vector256<double> a, Vector256<double> b, Vector256<double> sum) =>
        Vector256.MultiplyAddEstimate(a, b, sum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Widen(ref float from, nuint k)
    {
        var four = Vector128.LoadUnsafe(ref from, k);
        return Avx.IsSupported
            ? Avx.ConvertToVector256Double(four)
            : Vector256.Create(Vector128.WidenLower(four), Vector128.WidenUpper(four));
    }

    private static double Sum(Vector256<double> sums, ref double a, ref float b, nuint k, int length)
    {
        double sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
        for (; k < (nuint)length; k++)
        {
            sum += Unsafe.Add(ref a, k) * Unsafe.Add(ref b, k);
        }

        return sum;
    }
}
