using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime;

/// <summary>
/// Any unary function. Of int8: output = table[input + 128]: tanh, sigmoid, a ReLU that changes scale. Of int16: a line between the two
/// entries of a table whose entries are 128 steps apart.
/// </summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Input">int8 or int16, any shape.</param>
/// <param name="Output">The same type and shape.</param>
/// <param name="Table">int8 [256], or int16 [513].</param>
public sealed record TableOp(string Name, int Input, int Output, int Table) : ModelOperator(Name, Input, Output)
{
    /// <inheritdoc/>
    public override bool CanRunInPlace => true;

    /// <summary>Entries of a table of int8.</summary>
    public const int Length = 256;

    /// <summary>Entries of a table of int16: the values at -32768, -32640, ... 32768.</summary>
    public const int WideLength = 513;
}

/// <summary>The same numbers at another scale or in another type: int8 to int16 or back; with a clamp, a ReLU.</summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Input">int8 or int16.</param>
/// <param name="Output">int8 or int16, the same shape.</param>
/// <param name="Factor">Input scale / output scale.</param>
/// <param name="Min">Lower bound of the output.</param>
/// <param name="Max">Upper bound of the output.</param>
public sealed record RequantizeOp(string Name, int Input, int Output, QuantizedMultiplier Factor, int Min, int Max)
    : ModelOperator(Name, Input, Output);

/// <summary>
/// Sigmoid or tanh of int16, TFLite's fixed-point algorithm: the input becomes a multiple of 2^-12 / 3, a table of the sigmoid holds
/// every 512th (sigmoid) or 256th (tanh) of them, lines go between.
/// </summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Input">int16, any shape.</param>
/// <param name="Output">int16, the same shape, at scale 2^-15.</param>
/// <param name="Table">int32 [256]: sigmoid(i / 24) in Q0.16, ascending.</param>
/// <param name="Multiplier">Of the input, 0 to 32,767.</param>
/// <param name="RightShift">Of the product, 0 to 31.</param>
/// <param name="IsTanh">Tanh, else sigmoid.</param>
public sealed record WideSigmoidOp(string Name, int Input, int Output, int Table, int Multiplier, int RightShift, bool IsTanh)
    : ModelOperator(Name, Input, Output)
{
    /// <summary>Entries of the table.</summary>
    public const int TableLength = 256;

    /// <inheritdoc/>
    public override bool CanRunInPlace => true;
}

/// <summary>
/// Softmax of int16 over the last dimension, TFLite's table algorithm: exp and 1 / (1 + x) are interpolated tables. Output scale 2^-15.
/// </summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Input">int16, rows of the last dimension.</param>
/// <param name="Output">int16, the same shape.</param>
/// <param name="Factor">Input scale / (10 / 65535).</param>
/// <param name="Exponential">int16 [513]: exp over [-10, 0], in Q0.15.</param>
/// <param name="Reciprocal">int16 [513]: 1 / (1 + x) over [0, 1], in Q0.15.</param>
public sealed record WideSoftmaxOp(string Name, int Input, int Output, QuantizedMultiplier Factor, int Exponential, int Reciprocal)
    : ModelOperator(Name, Input, Output);

/// <summary>Mean over some dimensions.</summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Input">int8 or int16.</param>
/// <param name="Output">The same type: the elements that are left, in the input's order, whatever the output's shape is.</param>
/// <param name="Axes">Bit i is set where dimension i of four (ones in front of fewer) is averaged over.</param>
/// <param name="Factor">Input scale / output scale / number of elements in a mean; its multiplier may be below 2^30.</param>
public sealed record MeanOp(string Name, int Input, int Output, int Axes, QuantizedMultiplier Factor) : ModelOperator(Name, Input, Output)
{
    /// <summary>Number of elements that one mean is over.</summary>
    public static int Count(TensorInfo input, int axes)
    {
        int count = 1;
        for (int i = 0; i < 4; i++)
        {
            count = checked(count * ((axes >> i & 1) != 0 ? Shape4.Of(input, i) : 1));
        }

        return count;
    }
}

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
/// extra bits (15 of int16), added, and brought to the output's scale.
/// </summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Input">int8 or int16, an activation.</param>
/// <param name="Other">The same type, an activation or a constant.</param>
/// <param name="Output">The same type.</param>
/// <param name="InputFactor">Input scale / (2 * larger scale).</param>
/// <param name="OtherFactor">Other scale / (2 * larger scale).</param>
/// <param name="OutputFactor">2 * larger scale / (2^20 * output scale); 2^15 with int16.</param>
/// <param name="Subtract">Input - other.</param>
/// <param name="Min">Lower bound of the output (fused activation).</param>
/// <param name="Max">Upper bound of the output (fused activation).</param>
public sealed record AddOp(string Name, int Input, int Other, int Output, QuantizedMultiplier InputFactor, QuantizedMultiplier OtherFactor,
    QuantizedMultiplier OutputFactor, bool Subtract, int Min, int Max) : ModelOperator(Name, Input, Output)
{
    /// <summary>Bits that both inputs are shifted left by before they are scaled.</summary>
    public const int LeftShift = 20;

    /// <summary>The same for int16.</summary>
    public const int WideLeftShift = 15;

    /// <inheritdoc/>
    public override IReadOnlyList<int> Inputs => [Input, Other];
}

/// <summary>Product of two tensors, the smaller repeated along its dimensions of 1.</summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Input">int8 or int16, an activation.</param>
/// <param name="Other">The same type, an activation or a constant.</param>
/// <param name="Output">The same type.</param>
/// <param name="Factor">Input scale * other scale / output scale.</param>
/// <param name="Min">Lower bound of the output (fused activation).</param>
/// <param name="Max">Upper bound of the output (fused activation).</param>
public sealed record MulOp(string Name, int Input, int Other, int Output, QuantizedMultiplier Factor, int Min, int Max)
    : ModelOperator(Name, Input, Output)
{
    /// <inheritdoc/>
    public override IReadOnlyList<int> Inputs => [Input, Other];
}

/// <summary>x where it is positive, alpha * x where it is not, with an alpha a channel.</summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Input">int8 or int16.</param>
/// <param name="Output">The same type and shape.</param>
/// <param name="Alpha">int8 [C] constant with a zero point.</param>
/// <param name="Positive">Input scale / output scale.</param>
/// <param name="Negative">Input scale * alpha scale / output scale.</param>
public sealed record PReluOp(string Name, int Input, int Output, int Alpha, QuantizedMultiplier Positive, QuantizedMultiplier Negative)
    : ModelOperator(Name, Input, Output);

/// <summary>
/// Logarithm of the softmax over the last dimension, TFLite's fixed-point algorithm; output scale 1/16 and zero point 127, so that -16 to 0
/// fills the byte.
/// </summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Input">int8, rows of the last dimension.</param>
/// <param name="Output">int8, the same shape.</param>
/// <param name="Multiplier">As of <see cref="SoftmaxOp"/>.</param>
/// <param name="LeftShift">As of <see cref="SoftmaxOp"/>.</param>
/// <param name="DiffMin">As of <see cref="SoftmaxOp"/>.</param>
/// <param name="Inverse">Takes a number in Q5.26 back to a difference: 1 / (Multiplier * 2^LeftShift / 2^31), at most 1.</param>
public sealed record LogSoftmaxOp(string Name, int Input, int Output, int Multiplier, int LeftShift, int DiffMin, QuantizedMultiplier Inverse)
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
