using EdgeConv.Runtime;

namespace EdgeConv.Converters.CodeGen;

/// <summary>The ways to compute a convolution.</summary>
internal static class ConvolutionC
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<LayerWay> Ways(CModel model, Conv2DOp op) => IsDepthwise(model, op)
        ? [.. Packed(model, op, isPacked => DepthwiseConvolution.Portable(model, op, isPacked)), DspDepthwise.Way(model, op), VectorDepthwise.Way(model, op)]
        : [.. Packed(model, op, isPacked => PlainConvolution.Portable(model, op, isPacked)), .. Packed(model, op, isPacked => PlainConvolution.Dsp(model, op, isPacked)),
            .. WordConvolution.Ways(model, op), VectorConvolution.Way(model, op)];

    private static bool IsDepthwise(CModel model, Conv2DOp op) =>
        op.Groups > 1 && op.Groups == model.Image(op.Input).Channels && op.Groups == model.Image(op.Output).Channels;

    /// <summary>A way with weights of a byte, and where they are of int4 with those as they are.</summary>
    private static IEnumerable<LayerWay> Packed(CModel model, Conv2DOp op, Func<bool, LayerWay> way) =>
        PackedWeights.Choices(model.Info(op.Weights)).Select(way);
}
