using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Quantization;
using EdgeConv.Converters.TfLite.Schema;
using EdgeConv.Runtime;

namespace EdgeConv.Converters.TfLite.Operators;

/// <summary>RESIZE_NEAREST_NEIGHBOR and RESIZE_BILINEAR; the size is the output's.</summary>
internal static class ResizeImport
{
    /// <summary>An import function for a mode.</summary>
    /// <param name="mode">Nearest or bilinear.</param>
    /// <param name="firstField">Where its attributes begin: aligned corners, then half pixels.</param>
    public static Action<OperatorImport> Resize(ResizeMode mode, int firstField) => n =>
    {
        (QuantizedValue x, QuantizedValue y) = (n.Activation(0), n.Result);
        (bool align, bool half) = (n.Bool(firstField), n.Bool(firstField + 1));
        bool images = x.Shape.Count == 4 && y.Shape.Count == 4 && x.Shape[0] == y.Shape[0] && x.Shape[3] == y.Shape[3]
            && x.Shape.Concat(y.Shape).All(d => d <= short.MaxValue);
        if (!images || x.Type != ElementType.Int8 || y.Type != ElementType.Int8 || (align && half))
        {
            throw new UnsupportedOperatorException($"it takes {x.Type} {x.Shape.Text()} to {y.Type} {y.Shape.Text()} with align_corners {align} and "
                + $"half_pixel_centers {half}; int8 images (NHWC) of as many channels, and one of both at most, are supported");
        }

        n.EmitMoving(new QuantizedResize(mode, align ? ResizeCoordinates.AlignCorners
            : half ? ResizeCoordinates.HalfPixel : ResizeCoordinates.Asymmetric), x);
    };
}
