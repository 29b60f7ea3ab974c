using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Quantization;
using EdgeConv.Converters.TfLite.Schema;
using EdgeConv.Runtime;

namespace EdgeConv.Converters.TfLite;

/// <summary>The range of the output that a fused activation leaves.</summary>
/// <param name="Fused">The activation.</param>
/// <param name="Min">Smallest output.</param>
/// <param name="Max">Largest output.</param>
internal readonly record struct FusedRange(FusedActivation Fused, int Min, int Max)
{
    /// <summary>TFLite's name for it in the graph of this project, where it has one that can be fused.</summary>
    public Activation Activation => Fused switch
    {
        FusedActivation.Relu => Activation.Relu,
        FusedActivation.Relu6 => Activation.Relu6,
        _ => Activation.None,
    };

    /// <summary>The activation on its own.</summary>
    public Activate Function => Fused == FusedActivation.ReluN1To1 ? new Activate(Activation.Clip, -1, 1) : new Activate(Activation);

    /// <summary>Computes it: TFLite divides by the scale in float and rounds halves away from zero.</summary>
    public static FusedRange Of(FusedActivation fused, QuantizedValue output)
    {
        ActivationQuantization q = output.Quantization;
        (int least, int most) = Whole(output);
        int At(float real) => (int)Math.Clamp(
            q.ZeroPoint + (double)MathF.Round(real / q.Scale, MidpointRounding.AwayFromZero), least, most);
        return fused switch
        {
            FusedActivation.None => new FusedRange(fused, least, most),
            FusedActivation.Relu => new FusedRange(fused, At(0), most),
            FusedActivation.Relu6 => new FusedRange(fused, At(0), At(6)),
            FusedActivation.ReluN1To1 => new FusedRange(fused, At(-1), At(1)),
            _ => throw new UnsupportedOperatorException($"fused activation {fused}"),
        };
    }

    /// <summary>All that an output can be.</summary>
    public static (int Min, int Max) Whole(QuantizedValue output) =>
        output.Type == ElementType.Int16 ? (short.MinValue, short.MaxValue) : (sbyte.MinValue, sbyte.MaxValue);
}
