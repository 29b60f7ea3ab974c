namespace EdgeConv.Converters.Graphs;

/// <summary>Unary functions. None, Relu, Relu6 and Clip can be fused as clamps; the others become 256-entry tables.</summary>
public enum Activation
{
    /// <summary>The identity.</summary>
    None,

    /// <summary>max(x, 0).</summary>
    Relu,

    /// <summary>min(max(x, 0), 6).</summary>
    Relu6,

    /// <summary>Hyperbolic tangent.</summary>
    Tanh,

    /// <summary>1 / (1 + exp(-x)).</summary>
    Sigmoid,

    /// <summary>min(max(x, alpha), beta).</summary>
    Clip,

    /// <summary>x, or alpha * x where x is negative.</summary>
    LeakyRelu,

    /// <summary>x where it is above alpha, else 0.</summary>
    ThresholdedRelu,

    /// <summary>min(max(alpha * x + beta, 0), 1).</summary>
    HardSigmoid,

    /// <summary>x * min(max(x / 6 + 1/2, 0), 1).</summary>
    HardSwish,

    /// <summary>x * sigmoid(alpha * x).</summary>
    Silu,

    /// <summary>x, or alpha * (exp(x) - 1) where x is negative.</summary>
    Elu,

    /// <summary>beta * x, or beta * alpha * (exp(x) - 1) where x is negative.</summary>
    Selu,

    /// <summary>x, or alpha * (exp(x / alpha) - 1) where x is negative.</summary>
    Celu,

    /// <summary>x * (1 + erf(x / sqrt 2)) / 2.</summary>
    Gelu,

    /// <summary>x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))) / 2.</summary>
    GeluTanh,

    /// <summary>x * tanh(log(1 + exp(x))).</summary>
    Mish,

    /// <summary>log(1 + exp(x)).</summary>
    Softplus,

    /// <summary>x / (1 + |x|).</summary>
    Softsign,

    /// <summary>The error function.</summary>
    Erf,

    /// <summary>exp(x).</summary>
    Exp,

    /// <summary>The natural logarithm.</summary>
    Log,

    /// <summary>The square root.</summary>
    Sqrt,

    /// <summary>|x|.</summary>
    Abs,

    /// <summary>x to the power of alpha.</summary>
    Pow,
}

/// <summary>A unary function that stands alone.</summary>
/// <param name="Function">Which.</param>
/// <param name="Alpha">Its first parameter, where it has one.</param>
/// <param name="Beta">Its second parameter, where it has one.</param>
public sealed record Activate(Activation Function, float Alpha = 0, float Beta = 0) : Operation
{
    /// <inheritdoc/>
    public override string Kind => Function == Activation.None ? "Requantize" : Function.ToString();
}
