using EdgeConv.Converters.TfLite.Schema;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Tests.TfLite.Models;

/// <summary>Random layers with weights.</summary>
internal static class ConvolutionLayers
{
    private const sbyte Same = 0, Valid = 1;

    public static Activation Conv2D(NetworkWriter w, Activation x)
    {
        int[] groups = [.. Enumerable.Range(1, x.Shape[3]).Where(g => x.Shape[3] % g == 0)];
        int group = w.Once(3) ? w.Pick(groups) : 1;
        int outputs = group == 1 ? w.Channels() : group * w.Next(1, 3);
        (Geometry g, int height, int width) = Window(w, x);
        int depth = x.Shape[3] / group;
        int[] shape = [outputs, g.KernelH, g.KernelW, depth];
        Filters f = Weights(w, x, shape, 0, depth * g.KernelH * g.KernelW, mayBeNarrow: true);
        Activation y = w.Activation("conv", [1, height, width, outputs], f.OutputScale, w.ZeroPoint());
        return w.Operator("CONV_2D", f.Inputs(x), y, new OperatorOptions(OperatorOptions.Conv2D, (ConvolutionOptions.Padding, g.Padding),
            (ConvolutionOptions.StrideW, g.StrideW), (ConvolutionOptions.StrideH, g.StrideH), (ConvolutionOptions.Activation, Fused(w)),
            (ConvolutionOptions.DilationW, g.DilationW), (ConvolutionOptions.DilationH, g.DilationH)));
    }

    public static Activation DepthwiseConv2D(NetworkWriter w, Activation x)
    {
        int multiplier = w.Once(3) ? w.Next(2, 3) : 1;
        (Geometry g, int height, int width) = Window(w, x);
        int outputs = x.Shape[3] * multiplier;
        Filters f = Weights(w, x, [1, g.KernelH, g.KernelW, outputs], 3, g.KernelH * g.KernelW, mayLackBias: false);
        Activation y = w.Activation("depthwise", [1, height, width, outputs], f.OutputScale, w.ZeroPoint());
        return w.Operator("DEPTHWISE_CONV_2D", f.Inputs(x), y, new OperatorOptions(OperatorOptions.Depthwise,
            (DepthwiseOptions.Padding, g.Padding), (DepthwiseOptions.StrideW, g.StrideW), (DepthwiseOptions.StrideH, g.StrideH),
            (DepthwiseOptions.Multiplier, multiplier), (DepthwiseOptions.Activation, Fused(w)),
            (DepthwiseOptions.DilationW, g.DilationW), (DepthwiseOptions.DilationH, g.DilationH)));
    }

    public static Activation TransposeConv(NetworkWriter w, Activation x)
    {
        (int height, int width, int outputs) = (w.Next(1, 4), w.Next(1, 4), w.Once(3) ? 1 : w.Next(1, 12));
        (int strideH, int strideW, sbyte padding) = (w.Next(1, 3), w.Next(1, 3), w.Pick(Same, Valid));
        int outH = padding == Same ? ((x.Shape[1] - 1) * strideH) + w.Next(1, strideH) : ((x.Shape[1] - 1) * strideH) + height;
        int outW = padding == Same ? ((x.Shape[2] - 1) * strideW) + w.Next(1, strideW) : ((x.Shape[2] - 1) * strideW) + width;
        Filters f = Weights(w, x, [outputs, height, width, x.Shape[3]], 0, x.Shape[3] * height * width, mayBeInt4: false);
        Activation y = w.Activation("transposed", [1, outH, outW, outputs], f.OutputScale, w.ZeroPoint());
        int size = w.Builder.Integers($"size_{w.Builder.Tensors.Count}", y.Shape);
        int[] inputs = f.Bias < 0 ? [size, f.Tensor, x.Tensor] : [size, f.Tensor, x.Tensor, f.Bias];
        return w.Operator("TRANSPOSE_CONV", inputs, y, new OperatorOptions(OperatorOptions.TransposeConv,
            (TransposeConvOptions.Padding, padding), (TransposeConvOptions.StrideW, strideW), (TransposeConvOptions.StrideH, strideH),
            (TransposeConvOptions.Activation, Fused(w))));
    }

    public static Activation FullyConnected(NetworkWriter w, Activation x)
    {
        int[] sizes = [.. Enumerable.Range(1, x.Length).Where(n => x.Length % n == 0)];
        bool keep = w.Once(3);
        int inputs = keep ? x.Shape[^1] : w.Once(3) ? w.Pick(sizes) : x.Length;
        int outputs = w.Channels();
        Filters f = Weights(w, x, [outputs, inputs], 0, inputs, mayBeNarrow: true);
        int[] shape = keep ? [.. x.Shape[..^1], outputs] : [x.Length / inputs, outputs];
        Activation y = w.Activation("dense", shape, f.OutputScale, w.ZeroPoint());
        int[] tensors = f.Bias < 0 ? [x.Tensor, f.Tensor, -1] : f.Inputs(x);
        return w.Operator("FULLY_CONNECTED", tensors, y, new OperatorOptions(OperatorOptions.Dense,
            (DenseOptions.Activation, Fused(w)), (2, keep)));
    }

    /// <summary>None, RELU, RELU_N1_TO_1 or RELU6.</summary>
    public static sbyte Fused(NetworkWriter w) => w.Pick<sbyte>(0, 0, 1, 2, 3);

    private static (Geometry Geometry, int Height, int Width) Window(NetworkWriter w, Activation x)
    {
        sbyte padding = w.Pick(Same, Valid);
        int Kernel(int size) => padding == Same ? w.Next(1, 5) : w.Next(1, Math.Min(size, 5));
        int Dilation(int size, int kernel) => !w.Once(3) ? 1
            : padding == Same ? w.Next(1, 3) : w.Next(1, kernel == 1 ? 3 : Math.Max(1, (size - 1) / (kernel - 1)));
        (int kernelH, int kernelW) = (Kernel(x.Shape[1]), Kernel(x.Shape[2]));
        var g = new Geometry(padding, kernelH, kernelW, w.Next(1, 4), w.Next(1, 4), Dilation(x.Shape[1], kernelH), Dilation(x.Shape[2], kernelW));
        return (g, Geometry.Output(padding, x.Shape[1], ((kernelH - 1) * g.DilationH) + 1, g.StrideH),
            Geometry.Output(padding, x.Shape[2], ((kernelW - 1) * g.DilationW) + 1, g.StrideW));
    }

    private static Filters Weights(NetworkWriter w, Activation x, int[] shape, int dimension, int taps, bool mayBeInt4 = true,
        bool mayLackBias = true, bool mayBeNarrow = false)
    {
        int channels = shape[dimension], length = shape.Aggregate((a, b) => a * b);
        bool perChannel = !w.Once(3), isInt4 = mayBeInt4 && w.Once(8) && !w.Wide;

        // TFLite's fully connected layer has no int4 weights with a scale a channel.
        perChannel &= !(isInt4 && shape.Length == 2);
        float[] scales = [.. Enumerable.Range(0, perChannel ? channels : 1).Select(_ => w.Scale(0.001, 0.02))];
        sbyte[] values = isInt4 ? w.Bytes(length, -8, 7) : w.Bytes(length);
        int weights = isInt4
            ? w.Builder.Tensor(new TensorSpec($"weights_{w.Builder.Tensors.Count}", TensorType.Int4, shape)
            {
                Scales = scales,
                ZeroPoints = new long[scales.Length],
                Dimension = dimension,
                Data = Int4.Pack(values),
            })
            : w.Constant("weights", shape, values, scales, dimension);
        int bias = mayLackBias && w.Once(4) ? -1 : w.Bias([.. Enumerable.Range(0, channels).Select(_ => w.Once(8) ? w.Next(-200000, 200000)
            : w.Next(-9000, 9000))], x.Scale, scales, narrow: !w.Wide || (mayBeNarrow && taps < 200 && w.Once(3)));
        double spread = x.Scale * scales.Max() * (isInt4 ? 5 : 74) * 74 * Math.Sqrt(taps);
        return new Filters(weights, bias, (float)(spread / w.Scale(20, 120)));
    }

    private sealed record Filters(int Tensor, int Bias, float OutputScale)
    {
        public int[] Inputs(Activation x) => Bias < 0 ? [x.Tensor, Tensor] : [x.Tensor, Tensor, Bias];
    }
}

/// <summary>A window and TFLite's two paddings.</summary>
internal sealed record Geometry(sbyte Padding, int KernelH, int KernelW, int StrideH, int StrideW, int DilationH = 1, int DilationW = 1)
{
    public static int Output(int padding, int size, int span, int stride) => padding == 0 ? (size + stride - 1) / stride : (size - span + stride) / stride;
}
