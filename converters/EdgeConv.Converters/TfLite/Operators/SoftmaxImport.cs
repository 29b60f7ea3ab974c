using EdgeConv.Converters.Quantization;
using EdgeConv.Converters.TfLite.Schema;

namespace EdgeConv.Converters.TfLite.Operators;

/// <summary>SOFTMAX.</summary>
internal static class SoftmaxImport
{
    private const float SmallestProduct = ActivationQuantization.SmallestScale / 4;   // 2^-26: one unit of the fixed-point difference

    /// <summary>Softmax over the last dimension.</summary>
    public static void Softmax(OperatorImport n)
    {
        (QuantizedValue x, QuantizedValue y) = (n.Activation(0), n.Result);
        ActivationImport.RequireInt8(x, y);
        ActivationImport.Require(y.Quantization, ActivationQuantization.Probability);
        float beta = n.Float(SoftmaxOptions.Beta);
        double product = (double)beta * x.Quantization.Scale;
        if (!(product > SmallestProduct) || !double.IsFinite(product) || x.Shape[^1] != y.Shape[^1])
        {
            throw new UnsupportedOperatorException($"beta {beta} with the input scale {x.Quantization.Scale}; a product above 2^-26 is "
                + "supported");
        }

        n.Emit(new QuantizedSoftmax(SoftmaxParameters.FromScale(x.Quantization.Scale, beta)), x);
    }
}
