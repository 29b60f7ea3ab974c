namespace EdgeConv.Converters.Graphs;

/// <summary>What <see cref="Arithmetic"/> does with its two operands.</summary>
public enum ArithmeticFunction
{
    /// <summary>a + b.</summary>
    Add,

    /// <summary>a - b.</summary>
    Sub,

    /// <summary>a * b.</summary>
    Mul,
}

/// <summary>Two tensors element by element, the smaller repeated along its dimensions of 1, with an optional fused activation.</summary>
/// <param name="Function">Sum, difference or product.</param>
/// <param name="Other">The second operand where it is a constant; null where the node has two inputs.</param>
/// <param name="Activation">None, Relu, Relu6 or Clip.</param>
public sealed record Arithmetic(
    ArithmeticFunction Function, ConstantTensor? Other = null, Activation Activation = Activation.None) : Operation
{
    /// <inheritdoc/>
    public override string Kind => Function.ToString();
}

/// <summary>A constant that an activation is combined with.</summary>
/// <param name="Values">NHWC.</param>
/// <param name="Shape">Of as many dimensions as the activation: its sizes, or 1.</param>
public sealed record ConstantTensor(float[] Values, IReadOnlyList<int> Shape);

/// <summary>x, or Alpha[c] * x where x is negative.</summary>
/// <param name="Alpha">[C].</param>
public sealed record PRelu(float[] Alpha) : Operation;

/// <summary>Softmax over the last dimension.</summary>
public sealed record Softmax : Operation;

/// <summary>Logarithm of the softmax over the last dimension.</summary>
public sealed record LogSoftmax : Operation;

/// <summary>x / (K + Alpha / Size * sum of x^2 over neighbouring channels)^Beta; AlexNet, section 3.3.</summary>
/// <param name="Size">Channels in the window: (Size - 1) / 2 before, Size / 2 behind.</param>
/// <param name="Alpha">0 or more.</param>
/// <param name="Beta">The exponent.</param>
/// <param name="K">Positive.</param>
public sealed record Lrn(int Size, float Alpha, float Beta, float K) : Operation
{
    /// <summary>What x is multiplied by, for a sum of squares.</summary>
    public double Factor(double sumOfSquares) => Math.Pow(K + (Alpha / Size * sumOfSquares), -Beta);
}
