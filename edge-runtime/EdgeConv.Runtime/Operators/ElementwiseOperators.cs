using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime;

/// <summary>Any unary function: output = table[input + 128]. Tanh, sigmoid, a ReLU that changes scale.</summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Input">int8, any shape.</param>
/// <param name="Output">int8, the same shape.</param>
/// <param name="Table">int8 [256].</param>
public sealed record TableOp(string Name, int Input, int Output, int Table) : ModelOperator(Name, Input, Output)
{
    /// <inheritdoc/>
    public override bool CanRunInPlace => true;
}

/// <summary>The same numbers at another scale or in another type: int8 to int16 or back.</summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Input">int8 or int16.</param>
/// <param name="Output">int8 or int16, the same shape.</param>
/// <param name="Factor">Input scale / output scale.</param>
public sealed record RequantizeOp(string Name, int Input, int Output, QuantizedMultiplier Factor) : ModelOperator(Name, Input, Output);

/// <summary>
/// Softmax over the last dimension, TFLite's fixed-point algorithm: 5 integer bits in, 12 accumulation bits,
/// output scale 1/256 and zero point -128.
/// </summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Input">int8, rows of the last dimension.</param>
/// <param name="Output">int8, the same shape.</param>
/// <param name="Multiplier">Q0.31 multiplier that takes an input difference to Q5.26.</param>
/// <param name="LeftShift">Left shift before that multiplication.</param>
/// <param name="DiffMin">Differences below this are exp(x) = 0.</param>
public sealed record SoftmaxOp(string Name, int Input, int Output, int Multiplier, int LeftShift, int DiffMin)
    : ModelOperator(Name, Input, Output);

/// <summary>
/// Sum or difference of two tensors, the smaller repeated along its dimensions of 1. Both are brought to twice the larger scale with 20
/// extra bits, added, and brought to the output's scale.
/// </summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Input">int8, an activation.</param>
/// <param name="Other">int8, an activation or a constant.</param>
/// <param name="Output">int8.</param>
/// <param name="InputFactor">Input scale / (2 * larger scale).</param>
/// <param name="OtherFactor">Other scale / (2 * larger scale).</param>
/// <param name="OutputFactor">2 * larger scale / (2^20 * output scale).</param>
/// <param name="Subtract">Input - other.</param>
/// <param name="Min">Lower bound of the output (fused activation).</param>
/// <param name="Max">Upper bound of the output (fused activation).</param>
public sealed record AddOp(string Name, int Input, int Other, int Output, QuantizedMultiplier InputFactor, QuantizedMultiplier OtherFactor,
    QuantizedMultiplier OutputFactor, bool Subtract, sbyte Min, sbyte Max) : ModelOperator(Name, Input, Output)
{
    /// <summary>Bits that both inputs are shifted left by before they are scaled.</summary>
    public const int LeftShift = 20;

    /// <inheritdoc/>
    public override IReadOnlyList<int> Inputs => [Input, Other];
}

/// <summary>Product of two tensors, the smaller repeated along its dimensions of 1.</summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Input">int8, an activation.</param>
/// <param name="Other">int8, an activation or a constant.</param>
/// <param name="Output">int8.</param>
/// <param name="Factor">Input scale * other scale / output scale.</param>
/// <param name="Min">Lower bound of the output (fused activation).</param>
/// <param name="Max">Upper bound of the output (fused activation).</param>
public sealed record MulOp(string Name, int Input, int Other, int Output, QuantizedMultiplier Factor, sbyte Min, sbyte Max)
    : ModelOperator(Name, Input, Output)
{
    /// <inheritdoc/>
    public override IReadOnlyList<int> Inputs => [Input, Other];
}

/// <summary>x where it is positive, alpha * x where it is not, with an alpha a channel.</summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Input">int8.</param>
/// <param name="Output">int8, the same shape.</param>
/// <param name="Alpha">int8 [C] constant with a zero point.</param>
/// <param name="Positive">Input scale / output scale.</param>
/// <param name="Negative">Input scale * alpha scale / output scale.</param>
public sealed record PReluOp(string Name, int Input, int Output, int Alpha, QuantizedMultiplier Positive, QuantizedMultiplier Negative)
    : ModelOperator(Name, Input, Output);

/// <summary>
/// Logarithm of the softmax over the last dimension; output scale 1/16 and zero point 127, so that -16 to 0 fills the byte.
/// </summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Input">int8, rows of the last dimension.</param>
/// <param name="Output">int8, the same shape.</param>
/// <param name="Multiplier">As of <see cref="SoftmaxOp"/>.</param>
/// <param name="LeftShift">As of <see cref="SoftmaxOp"/>.</param>
/// <param name="DiffMin">As of <see cref="SoftmaxOp"/>.</param>
public sealed record LogSoftmaxOp(string Name, int Input, int Output, int Multiplier, int LeftShift, int DiffMin)
    : ModelOperator(Name, Input, Output);

/// <summary>
/// Local response normalization over channels (AlexNet, section 3.3): x / (k + alpha / size * sum of x^2 over neighbours)^beta. The power
/// is a table over the sum of squares, interpolated linearly.
/// </summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Input">int8 NHWC.</param>
/// <param name="Output">int8 NHWC.</param>
/// <param name="Size">Channels in the window: (size - 1) / 2 before, size / 2 behind.</param>
/// <param name="Table">int32 [257] constant: the factor at a sum of squares of i * 2^TableShift.</param>
/// <param name="TableShift">Bits of the sum of squares between two entries.</param>
/// <param name="OutputShift">Right shift of the product with the factor.</param>
public sealed record LrnOp(string Name, int Input, int Output, int Size, int Table, int TableShift, int OutputShift)
    : ModelOperator(Name, Input, Output)
{
    /// <summary>Entries of the table.</summary>
    public const int TableLength = 257;
}
