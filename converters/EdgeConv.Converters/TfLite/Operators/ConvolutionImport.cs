using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Quantization;
using EdgeConv.Converters.TfLite.Schema;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Converters.TfLite.Operators;

/// <summary>CONV_2D, DEPTHWISE_CONV_2D and TRANSPOSE_CONV.</summary>
internal static class ConvolutionImport
{
    private const int NoField = -1;

    /// <summary>Convolution, grouped where the filters are less deep than the image.</summary>
    public static void Conv2D(OperatorImport n)
    {
        (QuantizedValue x, QuantizedValue y) = Images(n, 0);
        ConstantInput filters = WeightsImport.Filters(n, 1);
        if (filters.Tensor.Shape is not [var outputs, var height, var width, var depth]
            || x.Shape[3] % depth != 0 || outputs % (x.Shape[3] / depth) != 0 || y.Shape[3] != outputs)
        {
            throw new UnsupportedOperatorException($"filters of {filters.Tensor.Shape.Text()} do not take {x.Shape.Text()} to {y.Shape.Text()}");
        }

        WindowSizes sizes = new(height, width, n.Int(ConvolutionOptions.StrideH), n.Int(ConvolutionOptions.StrideW),
            n.Int(ConvolutionOptions.DilationH, 1), n.Int(ConvolutionOptions.DilationW, 1));
        Window window = WindowImport.Of(n, ConvolutionOptions.Padding, sizes, x.Shape, y.Shape);
        QuantizedMultiplier[] multipliers = WeightsImport.Multipliers(filters, 0, x, y);
        (long[] bias, bool isNarrow) = WeightsImport.Bias(n, 2, outputs, x, ConvolutionOptions.BiasType);
        var weights = new QuantizedWeights(filters.Steps(), WeightsImport.Scales(filters, 0), bias, multipliers, Activation.None, 0, 0)
        {
            Type = filters.WeightType,
            HasNarrowBias = isNarrow,
        };
        n.EmitFused(FusedRange.Of(n.Fused(ConvolutionOptions.Activation), y),
            range => new QuantizedConv2D(Within(weights, range), window, x.Shape[3] / depth), x);
    }

    /// <summary>Depthwise convolution: its filters are HWC, here they are OHWI like others.</summary>
    public static void DepthwiseConv2D(OperatorImport n)
    {
        (QuantizedValue x, QuantizedValue y) = Images(n, 0);
        ConstantInput filters = WeightsImport.Filters(n, 1);
        if (filters.Tensor.Shape is not [1, var height, var width, var outputs] || outputs % x.Shape[3] != 0 || y.Shape[3] != outputs)
        {
            throw new UnsupportedOperatorException($"filters of {filters.Tensor.Shape.Text()} do not take {x.Shape.Text()} to {y.Shape.Text()}");
        }

        int multiplier = n.Int(DepthwiseOptions.Multiplier);
        if (multiplier != outputs / x.Shape[3] && multiplier != 0)
        {
            throw new UnsupportedOperatorException($"depth_multiplier {multiplier}, but {x.Shape[3]} channels become {outputs}");
        }

        WindowSizes sizes = new(height, width, n.Int(DepthwiseOptions.StrideH), n.Int(DepthwiseOptions.StrideW),
            n.Int(DepthwiseOptions.DilationH, 1), n.Int(DepthwiseOptions.DilationW, 1));
        Window window = WindowImport.Of(n, DepthwiseOptions.Padding, sizes, x.Shape, y.Shape);
        QuantizedMultiplier[] multipliers = WeightsImport.Multipliers(filters, 3, x, y);
        (long[] bias, bool isNarrow) = WeightsImport.Bias(n, 2, outputs, x, NoField);
        var weights = new QuantizedWeights(ChannelsFirst(filters.Steps(), outputs), WeightsImport.Scales(filters, 3), bias, multipliers,
            Activation.None, 0, 0)
        {
            Type = filters.WeightType,
            HasNarrowBias = isNarrow,
        };
        n.EmitFused(FusedRange.Of(n.Fused(DepthwiseOptions.Activation), y),
            range => new QuantizedConv2D(Within(weights, range), window, x.Shape[3]), x);
    }

    /// <summary>Transposed convolution; its first input, the output's shape, is in the output as well.</summary>
    public static void TransposeConv(OperatorImport n)
    {
        (QuantizedValue x, QuantizedValue y) = Images(n, 2);
        ConstantInput filters = WeightsImport.Filters(n, 1);
        if (filters.Tensor.Shape is not [var outputs, var height, var width, var depth] || depth != x.Shape[3] || outputs != y.Shape[3]
            || filters.WeightType != ElementType.Int8)
        {
            throw new UnsupportedOperatorException($"{filters.Tensor.Type} filters of {filters.Tensor.Shape.Text()} do not take "
                + $"{x.Shape.Text()} to {y.Shape.Text()}");
        }

        // The window of the convolution that takes the output back to the input.
        WindowSizes sizes = new(height, width, n.Int(TransposeConvOptions.StrideH), n.Int(TransposeConvOptions.StrideW));
        Window window = WindowImport.Of(n, TransposeConvOptions.Padding, sizes, y.Shape, x.Shape);
        QuantizedMultiplier[] multipliers = WeightsImport.Multipliers(filters, 0, x, y);
        (long[] bias, _) = WeightsImport.Bias(n, 3, outputs, x, NoField);
        var weights = new QuantizedWeights(filters.Steps(), WeightsImport.Scales(filters, 0), bias, multipliers, Activation.None, 0, 0);
        n.EmitFused(FusedRange.Of(n.Fused(TransposeConvOptions.Activation), y),
            range => new QuantizedTransposeConv(Within(weights, range), window), x);
    }

    /// <summary>The weights with the range of a fused activation.</summary>
    public static QuantizedWeights Within(QuantizedWeights weights, FusedRange range) =>
        weights with { Activation = range.Activation, Min = range.Min, Max = range.Max };

    private static (QuantizedValue Input, QuantizedValue Output) Images(OperatorImport n, int input)
    {
        (QuantizedValue x, QuantizedValue y) = (n.Activation(input), n.Result);
        return x.Shape.Count == 4 && y.Shape.Count == 4 && x.Shape[0] == y.Shape[0] && x.Type == y.Type
            ? (x, y)
            : throw new UnsupportedOperatorException($"it takes {x.Type} {x.Shape.Text()} to {y.Type} {y.Shape.Text()}; images (NHWC) of one "
                + "type are supported");
    }

    private static sbyte[] ChannelsFirst(sbyte[] steps, int channels)
    {
        int taps = steps.Length / channels;
        var ordered = new sbyte[steps.Length];
        for (int i = 0; i < steps.Length; i++)
        {
            ordered[(i % channels * taps) + (i / channels)] = steps[i];
        }

        return ordered;
    }
}
