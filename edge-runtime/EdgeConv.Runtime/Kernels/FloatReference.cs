namespace EdgeConv.Runtime.Kernels;

/// <summary>
/// Plain float loops over NHWC: what calibration and error reports compare with. Sums are taken in double, so that
/// their order does not show.
/// </summary>
public static class FloatReference
{
    /// <summary>Convolution (a cross-correlation, as everywhere in this field).</summary>
    /// <param name="input">NHWC.</param>
    /// <param name="inputShape">[N, H, W, C].</param>
    /// <param name="weights">OHWI, I = C / groups.</param>
    /// <param name="outputChannels">O.</param>
    /// <param name="bias">[O], or empty.</param>
    /// <param name="window">Kernel, stride, dilation, padding (zeros).</param>
    /// <param name="groups">Divides C and O.</param>
    /// <param name="output">NHWC.</param>
    public static void Conv2D(ReadOnlySpan<float> input, ReadOnlySpan<int> inputShape, ReadOnlySpan<float> weights, int outputChannels,
        ReadOnlySpan<float> bias, Window window, int groups, Span<float> output)
    {
        (int batch, int height, int width, int channels) = (inputShape[0], inputShape[1], inputShape[2], inputShape[3]);
        (int outH, int outW) = (window.OutputH(height), window.OutputW(width));
        (int groupIn, int groupOut) = (channels / groups, outputChannels / groups);
        int at = 0;
        for (int n = 0; n < batch; n++)
        {
            for (int y = 0; y < outH; y++)
            {
                for (int x = 0; x < outW; x++)
                {
                    for (int o = 0; o < outputChannels; o++)
                    {
                        double sum = bias.IsEmpty ? 0 : bias[o];
                        for (int ky = 0; ky < window.KernelH; ky++)
                        {
                            int row = y * window.StrideH - window.PadTop + ky * window.DilationH;
                            for (int kx = 0; kx < window.KernelW; kx++)
                            {
                                int column = x * window.StrideW - window.PadLeft + kx * window.DilationW;
                                if ((uint)row < (uint)height && (uint)column < (uint)width)
                                {
                                    int pixel = ((n * height + row) * width + column) * channels + o / groupOut * groupIn;
                                    int tap = ((o * window.KernelH + ky) * window.KernelW + kx) * groupIn;
                                    sum += Dot(input.Slice(pixel, groupIn), weights.Slice(tap, groupIn));
                                }
                            }
                        }

                        output[at++] = (float)sum;
                    }
                }
            }
        }
    }

    /// <summary>output[n, o] = sum over i of input[n, i] * weights[o, i] + bias[o].</summary>
    /// <param name="input">[N, I].</param>
    /// <param name="weights">[O, I].</param>
    /// <param name="bias">[O], or empty.</param>
    /// <param name="outputs">O.</param>
    /// <param name="output">[N, O].</param>
    public static void FullyConnected(
        ReadOnlySpan<float> input, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, int outputs, Span<float> output)
    {
        int inputs = weights.Length / outputs;
        for (int i = 0; i < output.Length; i++)
        {
            (int n, int o) = (i / outputs, i % outputs);
            double sum = Dot(input.Slice(n * inputs, inputs), weights.Slice(o * inputs, inputs));
            output[i] = (float)(sum + (bias.IsEmpty ? 0 : bias[o]));
        }
    }

    /// <summary>Maximum over a window; padding never wins.</summary>
    /// <param name="input">NHWC.</param>
    /// <param name="inputShape">[N, H, W, C].</param>
    /// <param name="window">Kernel, stride, dilation, padding.</param>
    /// <param name="output">NHWC.</param>
    public static void MaxPool(ReadOnlySpan<float> input, ReadOnlySpan<int> inputShape, Window window, Span<float> output) =>
        Pool(input, inputShape, window, output, float.NegativeInfinity, static (a, x) => Math.Max(a, x), static (a, _) => (float)a);

    /// <summary>Mean over a window; padding is left out of the count.</summary>
    /// <param name="input">NHWC.</param>
    /// <param name="inputShape">[N, H, W, C].</param>
    /// <param name="window">Kernel, stride, padding.</param>
    /// <param name="output">NHWC.</param>
    public static void AveragePool(ReadOnlySpan<float> input, ReadOnlySpan<int> inputShape, Window window, Span<float> output) =>
        Pool(input, inputShape, window, output, 0, static (a, x) => a + x, static (a, count) => (float)(a / count));

    /// <summary>exp(x - max) / sum, over rows of the given length.</summary>
    public static void Softmax(ReadOnlySpan<float> input, int rowLength, Span<float> output)
    {
        for (int start = 0; start < input.Length; start += rowLength)
        {
            ReadOnlySpan<float> row = input.Slice(start, rowLength);
            double max = double.NegativeInfinity, sum = 0;
            foreach (float x in row)
            {
                max = Math.Max(max, x);
            }

            foreach (float x in row)
            {
                sum += Math.Exp(x - max);
            }

            for (int i = 0; i < rowLength; i++)
            {
                output[start + i] = (float)(Math.Exp(row[i] - max) / sum);
            }
        }
    }

    private static void Pool(ReadOnlySpan<float> input, ReadOnlySpan<int> shape, Window window, Span<float> output,
        double empty, Func<double, float, double> add, Func<double, int, float> finish)
    {
        (int batch, int height, int width, int channels) = (shape[0], shape[1], shape[2], shape[3]);
        (int outH, int outW) = (window.OutputH(height), window.OutputW(width));
        for (int i = 0; i < batch * outH * outW * channels; i++)
        {
            (int pixel, int c) = (i / channels, i % channels);
            (int n, int y, int x) = (pixel / outW / outH, pixel / outW % outH, pixel % outW);
            double state = empty;
            int count = 0;
            for (int ky = 0; ky < window.KernelH; ky++)
            {
                int row = y * window.StrideH - window.PadTop + ky * window.DilationH;
                for (int kx = 0; kx < window.KernelW; kx++)
                {
                    int column = x * window.StrideW - window.PadLeft + kx * window.DilationW;
                    if ((uint)row < (uint)height && (uint)column < (uint)width)
                    {
                        state = add(state, input[((n * height + row) * width + column) * channels + c]);
                        count++;
                    }
                }
            }

            output[i] = finish(state, count);
        }
    }

    private static double Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
        {
            sum += (double)a[i] * b[i];
        }

        return sum;
    }
}
