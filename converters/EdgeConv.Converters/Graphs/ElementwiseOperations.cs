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
/// <param name="Activation">None, Relu or Relu6.</param>
public sealed record Arithmetic(ArithmeticFunction Function, ConstantTensor? Other = null, Activation Activation = Activation.None) : Operation
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
