using EdgeConv.Runtime;

namespace EdgeConv.Converters.Graphs;

/// <summary>Float loops of the operations that combine or move elements.</summary>
internal static class FloatElementwise
{
    /// <summary>Sum, difference or product with repetition along dimensions of 1; all shapes have as many dimensions.</summary>
    public static void Arithmetic(ArithmeticFunction function, float[] a, IReadOnlyList<int> shapeA,
        float[] b, IReadOnlyList<int> shapeB, float[] y, IReadOnlyList<int> shape)
    {
        bool aligned = shapeA.SequenceEqual(shape) && shapeB.SequenceEqual(shape);
        (int[] stridesA, int[] stridesB) = (Strides(shapeA, repeat: true), Strides(shapeB, repeat: true));
        for (int i = 0; i < y.Length; i++)
        {
            int atA = aligned ? i : 0, atB = atA, rest = i;
            for (int d = shape.Count - 1; d >= 0 && !aligned; d--)
            {
                (rest, int index) = Math.DivRem(rest, shape[d]);
                atA += index * stridesA[d];
                atB += index * stridesB[d];
            }

            y[i] = function switch
            {
                ArithmeticFunction.Add => a[atA] + b[atB],
                ArithmeticFunction.Sub => a[atA] - b[atB],
                _ => a[atA] * b[atB],
            };
        }
    }

    /// <summary>Negative values times the alpha of their channel.</summary>
    public static void PRelu(float[] x, float[] alpha, float[] y)
    {
        for (int i = 0; i < x.Length; i++)
        {
            y[i] = x[i] < 0 ? x[i] * alpha[i % alpha.Length] : x[i];
        }
    }

    /// <summary>Logarithm of the softmax, over rows of the given length.</summary>
    public static void LogSoftmax(float[] x, int rowLength, float[] y)
    {
        for (int start = 0; start < x.Length; start += rowLength)
        {
            double max = double.NegativeInfinity, sum = 0;
            for (int i = start; i < start + rowLength; i++)
            {
                max = Math.Max(max, x[i]);
            }

            for (int i = start; i < start + rowLength; i++)
            {
                sum += Math.Exp(x[i] - max);
            }

            for (int i = start; i < start + rowLength; i++)
            {
                y[i] = (float)(x[i] - max - Math.Log(sum));
            }
        }
    }

    /// <summary>Local response normalization over the last dimension.</summary>
    public static void Lrn(float[] x, int channels, Lrn layer, float[] y)
    {
        for (int i = 0; i < x.Length; i++)
        {
            int c = i % channels, last = Math.Min(channels - 1, c + (layer.Size / 2));
            double sum = 0;
            for (int k = Math.Max(0, c - ((layer.Size - 1) / 2)); k <= last; k++)
            {
                sum += (double)x[i - c + k] * x[i - c + k];
            }

            y[i] = (float)(x[i] * layer.Factor(sum));
        }
    }

    /// <summary>Joins parts along an axis: for each index before it, a run of elements from every part.</summary>
    public static void Concat(IReadOnlyList<(float[] Values, int[] Shape)> parts, int axis, float[] y)
    {
        int outer = parts[0].Shape.Take(axis).Aggregate(1, (n, d) => n * d);
        int at = 0;
        for (int i = 0; i < outer; i++)
        {
            foreach ((float[] values, _) in parts)
            {
                int run = values.Length / outer;
                values.AsSpan(i * run, run).CopyTo(y.AsSpan(at));
                at += run;
            }
        }
    }

    /// <summary>A frame around an NHWC picture.</summary>
    public static void Pad(float[] x, IReadOnlyList<int> shape, Pad pad, float[] y, IReadOnlyList<int> padded)
    {
        Array.Fill(y, pad.Value);
        int channels = shape[3];
        for (int pixel = 0; pixel < x.Length / channels; pixel++)
        {
            (int row, int column) = (pixel / shape[2], pixel % shape[2]);
            int to = ((((row + pad.Top) * padded[2]) + column + pad.Left) * padded[3]) + pad.Front;
            x.AsSpan(pixel * channels, channels).CopyTo(y.AsSpan(to));
        }
    }

    /// <summary>The dimensions in another order.</summary>
    public static void Transpose(float[] x, IReadOnlyList<int> shape, IReadOnlyList<int> order, float[] y)
    {
        int[] strides = Strides(shape, repeat: false);
        for (int i = 0; i < y.Length; i++)
        {
            int from = 0, rest = i;
            for (int d = order.Count - 1; d >= 0; d--)
            {
                (rest, int index) = Math.DivRem(rest, shape[order[d]]);
                from += index * strides[order[d]];
            }

            y[i] = x[from];
        }
    }

    /// <summary>Transposed convolution, sums in double.</summary>
    /// <param name="x">NHWC, one picture.</param>
    /// <param name="shape">[1, H, W, C].</param>
    /// <param name="layer">The layer.</param>
    /// <param name="y">NHWC.</param>
    /// <param name="outputShape">[1, H, W, O].</param>
    public static void TransposeConv(float[] x, IReadOnlyList<int> shape, TransposeConv layer, float[] y, IReadOnlyList<int> outputShape)
    {
        (int height, int width, int channels, Window w) = (shape[1], shape[2], shape[3], layer.Window);
        (int outH, int outW, int outputs) = (outputShape[1], outputShape[2], outputShape[3]);
        var sums = new double[outH * outW * outputs];
        int taps = w.KernelH * w.KernelW;
        for (int i = 0; i < height * width * taps; i++)
        {
            (int pixel, int tap) = (i / taps, i % taps);
            int row = (pixel / width * w.StrideH) - w.PadTop + (tap / w.KernelW * w.DilationH);
            int column = (pixel % width * w.StrideW) - w.PadLeft + (tap % w.KernelW * w.DilationW);
            if ((uint)row >= (uint)outH || (uint)column >= (uint)outW)
            {
                continue;
            }

            for (int o = 0; o < outputs; o++)
            {
                int weight = ((o * taps) + tap) * channels;
                for (int c = 0; c < channels; c++)
                {
                    sums[(((row * outW) + column) * outputs) + o] += (double)x[(pixel * channels) + c] * layer.Weights[weight + c];
                }
            }
        }

        for (int i = 0; i < y.Length; i++)
        {
            y[i] = (float)(sums[i] + layer.Bias[i % outputs]);
        }
    }

    private static int[] Strides(IReadOnlyList<int> shape, bool repeat)
    {
        var strides = new int[shape.Count];
        int stride = 1;
        for (int d = shape.Count - 1; d >= 0; d--)
        {
            strides[d] = repeat && shape[d] == 1 ? 0 : stride;
            stride *= shape[d];
        }

        return strides;
    }
}
