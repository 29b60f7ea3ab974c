using EdgeConv.Runtime;

namespace EdgeConv.Converters.CodeGen;

/// <summary>The ways to compute a convolution.</summary>
internal static class ConvolutionC
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<LayerWay> Ways(CModel model, Conv2DOp op) => IsDepthwise(model, op)
        ? [DepthwiseConvolution.Portable(model, op), DspDepthwise.Way(model, op), VectorDepthwise.Way(model, op)]
        : [PlainConvolution.Portable(model, op), PlainConvolution.Dsp(model, op), .. WordConvolution.Ways(model, op), VectorConvolution.Way(model, op)];

    private static bool IsDepthwise(CModel model, Conv2DOp op) =>
        op.Groups > 1 && op.Groups == model.Image(op.Input).Channels && op.Groups == model.Image(op.Output).Channels;
}
