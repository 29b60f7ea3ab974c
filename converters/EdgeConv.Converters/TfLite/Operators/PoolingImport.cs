using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Quantization;
using EdgeConv.Converters.TfLite.Arithmetic;
using EdgeConv.Converters.TfLite.Schema;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Converters.TfLite.Operators;

/// <summary>MAX_POOL_2D, AVERAGE_POOL_2D, MEAN, SUM and REDUCE_MAX.</summary>
internal static class PoolingImport
{
    private const int PixelAxes = 0b0110, MostDimensions = 4;
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
        else
        {
            n.EmitClamp(range, n.Insert("unclamped", pool, x, y with { Quantization = x.Quantization }));
        }
    };

    /// <summary>MEAN.</summary>
    public static void Mean(OperatorImport n)
    {
        (QuantizedValue x, QuantizedValue y, int axes, int count) = Reduction(n);
        RequireFactor(x, y);
        n.Emit(QuantizedMean.FromScales(axes, count, x.Quantization.Scale, y.Quantization.Scale), x);
    }

    /// <summary>SUM: a mean that is not divided.</summary>
    public static void Sum(OperatorImport n)
    {
        (QuantizedValue x, QuantizedValue y, int axes, _) = Reduction(n);
        n.Emit(new QuantizedMean(axes, RequireFactor(x, y)), x);
    }

    /// <summary>REDUCE_MAX over the pixels of an image: one window.</summary>
    public static void ReduceMax(OperatorImport n)
    {
        (QuantizedValue x, QuantizedValue y, int axes, _) = Reduction(n);
        if (x.Shape is not [1, var height, var width, var channels] || axes != PixelAxes || x.Quantization != y.Quantization)
        {
            throw new UnsupportedOperatorException($"of {x.Shape.Text()} over the dimensions {Axes(n, x).Text()}, or to another scale; images "
                + "over rows and columns at one scale are supported");
        }

        var window = new QuantizedMaxPool(new Window(height, width));
        QuantizedValue pixel = y.Shape.Count == 4 ? y : n.Insert("maximum", window, x, y with { Shape = [1, 1, 1, channels] });
        n.Emit(y.Shape.Count == 4 ? window : new QuantizedReshape(), y.Shape.Count == 4 ? x : pixel);
    }

    // What stays, and a bit for each of four dimensions that goes.
    private static (QuantizedValue Input, QuantizedValue Output, int Axes, int Count) Reduction(OperatorImport n)
    {
        (QuantizedValue x, QuantizedValue y) = (n.Activation(0), n.Result);
        int rank = x.Shape.Count;
        if (n.Tensor(0).Shape.Length > MostDimensions)
        {
            throw new UnsupportedOperatorException($"of {n.Tensor(0).Shape.Text()}; up to four dimensions are supported");
        }

        int[] axes = Axes(n, x);
        int count = axes.Aggregate(1, (c, a) => c * x.Shape[a]);
        return axes.Length > 0 && x.Type == y.Type && y.Length == x.Length / count
            ? (x, y, axes.Aggregate(0, (bits, a) => bits | (1 << (a + MostDimensions - rank))), count)
            : throw new UnsupportedOperatorException($"over the dimensions {axes.Text()} it does not take {x.Type} {x.Shape.Text()} to {y.Type} "
                + $"{y.Shape.Text()}");
    }

    private static int[] Axes(OperatorImport n, QuantizedValue x) =>
        [.. n.Constant(1).Integers().Select(a => LayoutImport.Axis(a, x.Shape.Count)).Distinct().Order()];

    private static QuantizedMultiplier RequireFactor(QuantizedValue x, QuantizedValue y) =>
        Multipliers.Of((double)x.Quantization.Scale / y.Quantization.Scale, "input scale / output scale");
}
