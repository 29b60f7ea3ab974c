namespace EdgeConv.Converters.Graphs;

/// <summary>The unary functions, in double: float execution and 256-entry tables share them.</summary>
public static class Activations
{
    /// <summary>f(x).</summary>
    public static double Compute(Activation function, double x) => function switch
    {
        Activation.None => x,
        Activation.Relu => Math.Max(x, 0),
        Activation.Relu6 => Math.Clamp(x, 0, 6),
        Activation.Tanh => Math.Tanh(x),
        Activation.Sigmoid => 1 / (1 + Math.Exp(-x)),
        _ => throw new NotSupportedException($"The activation {function} has no function."),
    };
}
