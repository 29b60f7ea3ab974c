namespace EdgeConv.Runtime.Kernels;

/// <summary>Plain float loops over NHWC, the specification that calibration and error reports compare with.</summary>
public static class FloatReference
{
    /// <summary>Convolution. Accumulates in double so that the order of summation does not show.</summary>
    /// <param name="input">NHWC.</param>
    /// <param name="inputShape">[N, H, W, C].</param>
    /// <param name="weights">OHWI, I = C / groups.</param>
    /// <param name="outputChannels">O.</param>
    /// <param name="bias">[O], or empty.</param>
    /// <param name="window">Kernel, stride, dilation, padding (zeros).</param>
    /// <param name="groups">Divides C and O.</param>
    /// <param name="output">NHWC.</param>
    public static void Conv2D(ReadOnlySpan<float> input, ReadOnlySpan<int> inputShape, ReadOnlySpan<float> weights, int outputChannels,
        ReadOnlySpan<float> bias, Window window, int groups, Span<float> output) => throw new NotImplementedException();

    /// <summary>output[n, o] = sum over i of input[n, i] * weights[o, i] + bias[o].</summary>
    public static void FullyConnected(ReadOnlySpan<float> input, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, int outputs, Span<float> output)
        => throw new NotImplementedException();

    /// <summary>Maximum over a window; padding never wins.</summary>
    public static void MaxPool(ReadOnlySpan<float> input, ReadOnlySpan<int> inputShape, Window window, Span<float> output) => throw new NotImplementedException();

    /// <summary>Mean over a window; padding is left out of the count.</summary>
    public static void AveragePool(ReadOnlySpan<float> input, ReadOnlySpan<int> inputShape, Window window, Span<float> output) => throw new NotImplementedException();

    /// <summary>exp(x - max) / sum, over rows of the given length.</summary>
    public static void Softmax(ReadOnlySpan<float> input, int rowLength, Span<float> output) => throw new NotImplementedException();
}
