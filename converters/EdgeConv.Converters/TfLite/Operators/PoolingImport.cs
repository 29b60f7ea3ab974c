using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Quantization;
using EdgeConv.Converters.TfLite.Schema;
using EdgeConv.Runtime;

namespace EdgeConv.Converters.TfLite.Operators;

/// <summary>MAX_POOL_2D and AVERAGE_POOL_2D.</summary>
internal static class PoolingImport
{
    private const float LargestDifference = 1e-6f;   // that TFLite allows between the scales

    /// <summary>An import function for a pooling.</summary>
    public static Action<OperatorImport> Pool(Func<Window, QuantizedOperation> layer) => n =>
    {
        (QuantizedValue x, QuantizedValue y) = (n.Activation(0), n.Result);
        if (x.Shape.Count != 4 || y.Shape.Count != 4 || x.Type != y.Type || x.Shape[0] != y.Shape[0] || x.Shape[3] != y.Shape[3])
        {
            throw new UnsupportedOperatorException($"it takes {x.Type} {x.Shape.Text()} to {y.Type} {y.Shape.Text()}; images (NHWC) of as "
                + "many channels are supported");
        }

        if (x.Quantization.ZeroPoint != y.Quantization.ZeroPoint
            || Math.Abs(x.Quantization.Scale - y.Quantization.Scale) > LargestDifference)
        {
            throw new UnsupportedOperatorException($"its output has the scale {y.Quantization.Scale} and zero point "
                + $"{y.Quantization.ZeroPoint}, its input {x.Quantization.Scale} and {x.Quantization.ZeroPoint}; the same are supported");
        }

        WindowSizes sizes = new(n.Int(PoolOptions.FilterH), n.Int(PoolOptions.FilterW), n.Int(PoolOptions.StrideH), n.Int(PoolOptions.StrideW));
        QuantizedOperation pool = layer(WindowImport.Of(n, PoolOptions.Padding, sizes, x.Shape, y.Shape));
        var range = FusedRange.Of(n.Fused(PoolOptions.Activation), y);
        if ((range.Min, range.Max) == FusedRange.Whole(y))
        {
            n.EmitMoving(pool, x);
        }
        else if (y.Type == ElementType.Int8)
        {
            n.EmitClamp(range, n.Insert("unclamped", pool, x, y with { Quantization = x.Quantization }));
        }
        else
        {
            throw new UnsupportedOperatorException($"fused activation {range.Fused} of a pooling of int16; none is supported");
        }
    };
}
