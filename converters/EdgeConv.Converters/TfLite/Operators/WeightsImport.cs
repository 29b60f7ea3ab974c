using EdgeConv.Converters.Quantization;
using EdgeConv.Converters.TfLite.Arithmetic;
using EdgeConv.Converters.TfLite.Schema;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Converters.TfLite.Operators;

/// <summary>Weights, bias and multipliers of the layers that have accumulators.</summary>
internal static class WeightsImport
{
    /// <summary>An int8 or int4 constant of four dimensions.</summary>
    public static ConstantInput Filters(OperatorImport n, int input)
    {
        ConstantInput filters = n.Constant(input);
        return filters.Tensor.Shape.Length == 4 && filters.WeightType is ElementType.Int8 or ElementType.Int4
            ? filters
            : throw new UnsupportedOperatorException($"weights of {filters.Tensor.Shape.Length} dimensions; four are expected");
    }

    /// <summary>The factors of a layer's channels: input scale * weight scale / output scale, in double.</summary>
    /// <param name="filters">The weights; symmetric.</param>
    /// <param name="dimension">Along which their channels run.</param>
    /// <param name="input">Of the layer.</param>
    /// <param name="output">Of the layer.</param>
    public static QuantizedMultiplier[] Multipliers(ConstantInput filters, int dimension, QuantizedValue input, QuantizedValue output)
    {
        float[] scales = Scales(filters, dimension);
        RequireSymmetric(filters);
        return [.. scales.Select(s => Of((double)input.Quantization.Scale * s / output.Quantization.Scale))];
    }

    /// <summary>The weight scale of every channel.</summary>
    public static float[] Scales(ConstantInput filters, int dimension)
    {
        (TfLiteTensor tensor, int channels) = (filters.Tensor, filters.Tensor.Shape[dimension]);
        if (tensor.Scales.Any(s => !float.IsFinite(s) || s < 0) || (tensor.Scales.Length != 1 && tensor.Scales.Length != channels)
            || (tensor.Scales.Length > 1 && tensor.Dimension != dimension))
        {
            throw new UnsupportedOperatorException($"the weights '{tensor.Name}' have {tensor.Scales.Length} scales along dimension "
                + $"{tensor.Dimension}; 1, or {channels} along dimension {dimension}, are supported");
        }

        return tensor.Scales.Length == channels ? tensor.Scales : [.. Enumerable.Repeat(tensor.Scales[0], channels)];
    }

    /// <summary>Refuses weights with a zero point, which TFLite's kernels would not look at.</summary>
    public static void RequireSymmetric(ConstantInput filters)
    {
        if (filters.Tensor.ZeroPoints.FirstOrDefault(z => z != 0) is var zeroPoint and not 0)
        {
            throw new UnsupportedOperatorException($"the weights '{filters.Tensor.Name}' have the zero point {zeroPoint}; 0 is supported");
        }
    }

    /// <summary>One multiplier.</summary>
    public static QuantizedMultiplier Of(double factor) => Arithmetic.Multipliers.Of(factor, "input scale * weight scale / output scale");

    /// <summary>The bias, zeros where it is left out; and whether TFLite sums int16 activations in 32 bits, which is where it is int32.</summary>
    /// <param name="n">The operator.</param>
    /// <param name="index">Of the bias among its inputs.</param>
    /// <param name="channels">As many values.</param>
    /// <param name="input">Of the layer: what its accumulator is depends on it.</param>
    /// <param name="typeField">Where the operator says what a bias that is left out would be; -1 where its sums are always int64.</param>
    public static (long[] Bias, bool IsNarrow) Bias(OperatorImport n, int index, int channels, QuantizedValue input, int typeField)
    {
        bool wide = input.Type == ElementType.Int16, mayBeNarrow = typeField >= 0;
        if (!n.Has(index))
        {
            return (new long[channels], wide && mayBeNarrow && n.Enumeration(typeField) == (int)TensorType.Int32);
        }

        ConstantInput bias = n.Constant(index);
        TensorType type = bias.Tensor.Type;
        bool fits = type switch
        {
            TensorType.Int64 => wide,
            TensorType.Int32 => !wide || mayBeNarrow,
            TensorType.Int16 => wide && n.Kind == "TRANSPOSE_CONV",
            _ => false,
        };
        return bias.Length == channels && fits
            ? (bias.Longs(), wide && type == TensorType.Int32)
            : throw new UnsupportedOperatorException($"the bias '{bias.Tensor.Name}' has {bias.Length} values of {type}; {channels} of "
                + $"{(wide ? TensorType.Int64 : TensorType.Int32)} are expected");
    }
}
