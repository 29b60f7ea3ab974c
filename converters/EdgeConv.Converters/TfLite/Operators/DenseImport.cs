using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Quantization;
using EdgeConv.Converters.TfLite.Schema;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Converters.TfLite.Operators;

/// <summary>FULLY_CONNECTED.</summary>
internal static class DenseImport
{
    /// <summary>Rows of the input with each row of the weights; how many dimensions the result keeps is in its shape.</summary>
    public static void FullyConnected(OperatorImport n)
    {
        (QuantizedValue x, QuantizedValue y) = (n.Activation(0), n.Result);
        ConstantInput matrix = n.Constant(1);
        if (matrix.Tensor.Shape is not [var outputs, var inputs] || x.Length % inputs != 0
            || y.Length != (long)x.Length / inputs * outputs || x.Type != y.Type)
        {
            throw new UnsupportedOperatorException($"weights of {matrix.Tensor.Shape.Text()} do not take {x.Type} {x.Shape.Text()} to "
                + $"{y.Type} {y.Shape.Text()}");
        }

        if (n.Enumeration(DenseOptions.WeightsFormat) is var format and not 0)
        {
            throw new UnsupportedOperatorException($"weights_format {format}; 0 is supported");
        }

        bool perChannel = matrix.Tensor.Scales.Length > 1;
        float[] scales = WeightsImport.Scales(matrix, 0);
        if (perChannel)
        {
            WeightsImport.RequireSymmetric(matrix);
        }

        // With one scale TFLite multiplies it with the input's in float, with one a channel in double.
        float scale = x.Quantization.Scale;
        QuantizedMultiplier[] multipliers = [.. scales.Select(s => WeightsImport.Of(
            (perChannel ? (double)scale * s : scale * s) / y.Quantization.Scale))];
        (long[] bias, bool isNarrow) = WeightsImport.Bias(n, 2, outputs, x, DenseOptions.BiasType);
        var weights = new QuantizedWeights(matrix.Steps(), scales, bias, multipliers, Activation.None, 0, 0)
        {
            Type = matrix.WeightType,
            HasNarrowBias = isNarrow,
            ZeroPoint = ZeroPoint(matrix.Tensor),
        };
        n.EmitFused(FusedRange.Of(n.Fused(DenseOptions.Activation), y),
            range => new QuantizedFullyConnected(ConvolutionImport.Within(weights, range)), x);
    }

    private static int ZeroPoint(TfLiteTensor matrix) => matrix.ZeroPoint is >= sbyte.MinValue and <= sbyte.MaxValue
        ? (int)matrix.ZeroPoint
        : throw new UnsupportedOperatorException($"the weights '{matrix.Name}' have the zero point {matrix.ZeroPoint}");
}
