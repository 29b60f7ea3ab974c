using EdgeConv.Converters.Quantization;

namespace EdgeConv.Converters.Graphs;

/// <summary>The unary functions, in double: float execution and 256-entry tables share them.</summary>
public static class Activations
{
    private const double LargestErf = 6; // from here on erf is 1 in double

    /// <summary>A fused activation as a function of its own.</summary>
    public static Activate Of(Activation fused, ValueRange bounds) => fused == Activation.Clip ? new(fused, bounds.Min, bounds.Max) : new(fused);

    /// <summary>f(x) of a function without parameters.</summary>
    public static double Compute(Activation function, double x) => Compute(new Activate(function), x);

    /// <summary>f(x).</summary>
    public static double Compute(Activate activate, double x)
    {
        (double alpha, double beta) = (activate.Alpha, activate.Beta);
        return activate.Function switch
        {
            Activation.None => x,
            Activation.Relu => Math.Max(x, 0),
            Activation.Relu6 => Math.Clamp(x, 0, 6),
            Activation.Tanh => Math.Tanh(x),
            Activation.Sigmoid => Sigmoid(x),
            Activation.Clip => Math.Min(Math.Max(x, alpha), beta),
            Activation.LeakyRelu => x < 0 ? alpha * x : x,
            Activation.ThresholdedRelu => x > alpha ? x : 0,
            Activation.HardSigmoid => Math.Clamp((alpha * x) + beta, 0, 1),
            Activation.HardSwish => x * Math.Clamp((x / 6) + 0.5, 0, 1),
            Activation.Silu => x * Sigmoid(alpha * x),
            Activation.Elu => x < 0 ? alpha * (Math.Exp(x) - 1) : x,
            Activation.Selu => beta * (x < 0 ? alpha * (Math.Exp(x) - 1) : x),
            Activation.Celu => x < 0 ? alpha * (Math.Exp(x / alpha) - 1) : x,
            Activation.Gelu => 0.5 * x * (1 + Erf(x / Math.Sqrt(2))),
            Activation.GeluTanh => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x)))),
            Activation.Mish => x * Math.Tanh(Softplus(x)),
            Activation.Softplus => Softplus(x),
            Activation.Softsign => x / (1 + Math.Abs(x)),
            Activation.Erf => Erf(x),
            Activation.Exp => Math.Exp(x),
            Activation.Log => Math.Log(x),
            Activation.Sqrt => Math.Sqrt(x),
            Activation.Abs => Math.Abs(x),
            Activation.Pow => Math.Pow(x, alpha),
            _ => throw new NotSupportedException($"The activation {activate.Function} has no function."),
        };
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    private static double Softplus(double x) => Math.Max(x, 0) + Math.Log(1 + Math.Exp(-Math.Abs(x)));

    // 2 / sqrt(pi) * exp(-x^2) * sum of 2^n x^(2n+1) / (1 * 3 * ... * (2n+1)): no term is negative, so nothing cancels.
    private static double Erf(double x)
    {
        if (Math.Abs(x) >= LargestErf)
        {
            return Math.Sign(x);
        }

        double term = x, sum = x;
        for (int n = 1; Math.Abs(term) > 1e-17 * Math.Abs(sum); n++)
        {
            term *= 2 * x * x / ((2 * n) + 1);
            sum += term;
        }

        return 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
    }
}
