using EdgeConv.Converters.Quantization;
using EdgeConv.Converters.TfLite.Schema;
using EdgeConv.Runtime;

namespace EdgeConv.Converters.TfLite.Operators;

/// <summary>SOFTMAX and LOG_SOFTMAX over the last dimension.</summary>
internal static class SoftmaxImport
{
    private const double SmallestProduct = 1.0 / (1 << 26);   // one unit of the fixed-point difference

    /// <summary>Softmax.</summary>
    public static void Softmax(OperatorImport n)
    {
        (QuantizedValue x, QuantizedValue y) = (n.Activation(0), ActivationImport.RequireSameShape(n));
        float beta = n.Float(SoftmaxOptions.Beta);
        RequireProduct(beta, x);
        bool wide = x.Type == ElementType.Int16;
        ActivationImport.Require(y.Quantization, wide ? new ActivationQuantization(1f / (1 << 15), 0) : ActivationQuantization.Probability);
        n.Emit(wide
            ? QuantizedWideSoftmax.FromScale(x.Quantization.Scale, beta)
            : new QuantizedSoftmax(SoftmaxParameters.FromScale(x.Quantization.Scale, beta)), x);
    }

    /// <summary>The logarithm of softmax.</summary>
    public static void LogSoftmax(OperatorImport n)
    {
        (QuantizedValue x, QuantizedValue y) = (n.Activation(0), ActivationImport.RequireSameShape(n));
        RequireProduct(1, x);
        ActivationImport.Require(y.Quantization, ActivationQuantization.LogProbability);
        n.Emit(x.Type == ElementType.Int8
            ? new QuantizedLogSoftmax(SoftmaxParameters.FromScale(x.Quantization.Scale))
            : throw new UnsupportedOperatorException($"it takes {x.Type}; int8 is supported"), x);
    }

    private static void RequireProduct(float beta, QuantizedValue x)
    {
        double product = (double)beta * x.Quantization.Scale;
        if (!(product > SmallestProduct) || product >= 1 << 16)
        {
            throw new UnsupportedOperatorException($"beta {beta} with the input scale {x.Quantization.Scale}; a product from 2^-26 to 2^16 is "
                + "supported");
        }
    }
}
