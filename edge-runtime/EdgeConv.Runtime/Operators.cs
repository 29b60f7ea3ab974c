namespace EdgeConv.Runtime;

/// <summary>One step of a model. Integers name tensors by their index in <see cref="Model.Tensors"/>.</summary>
/// <param name="Name">For messages: the layer's name in the network it came from.</param>
/// <param name="Input">The activation that is read.</param>
/// <param name="Output">The activation that is written.</param>
public abstract record ModelOperator(string Name, int Input, int Output)
{
    /// <summary>Whether the output may lie in the very bytes of the input.</summary>
    public virtual bool CanRunInPlace => false;
}

/// <summary>Convolution, NHWC by OHWI, with bias and a fused clamp. Depthwise is the case groups = input channels.</summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Input">int8 NHWC.</param>
/// <param name="Output">int8 NHWC.</param>
/// <param name="Weights">int8 OHWI, I = input channels / groups.</param>
/// <param name="Bias">int32 [O].</param>
/// <param name="Multipliers">int32 [O], Q0.31 in [2^30, 2^31), or 0.</param>
/// <param name="Shifts">int32 [O], positive is left.</param>
/// <param name="Window">Kernel, stride, dilation, padding; the padding's value is the input zero point.</param>
/// <param name="Groups">Input channels are split in this many groups, each seen by O / groups filters.</param>
/// <param name="Min">Lower bound of the output (fused activation).</param>
/// <param name="Max">Upper bound of the output (fused activation).</param>
public sealed record Conv2DOp(
    string Name, int Input, int Output, int Weights, int Bias, int Multipliers, int Shifts,
    Window Window, int Groups, sbyte Min, sbyte Max) : ModelOperator(Name, Input, Output);

/// <summary>Fully connected layer: output[n, o] = sum over i of (input[n, i] - zp) * (weights[o, i] - zp) + bias[o].</summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Input">int8; its elements are read as rows of I.</param>
/// <param name="Output">int8 [N, O].</param>
/// <param name="Weights">int8 [O, I].</param>
/// <param name="Bias">int32 [O].</param>
/// <param name="Multipliers">int32 [O], Q0.31 in [2^30, 2^31), or 0.</param>
/// <param name="Shifts">int32 [O], positive is left.</param>
/// <param name="Min">Lower bound of the output (fused activation).</param>
/// <param name="Max">Upper bound of the output (fused activation).</param>
public sealed record FullyConnectedOp(
    string Name, int Input, int Output, int Weights, int Bias, int Multipliers, int Shifts, sbyte Min, sbyte Max)
    : ModelOperator(Name, Input, Output);

/// <summary>Maximum over a window; padding never wins. Input and output share scale and zero point.</summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Input">int8 NHWC.</param>
/// <param name="Output">int8 NHWC.</param>
/// <param name="Window">Kernel, stride, padding.</param>
/// <param name="Min">Lower bound of the output (fused activation).</param>
/// <param name="Max">Upper bound of the output (fused activation).</param>
public sealed record MaxPoolOp(string Name, int Input, int Output, Window Window, sbyte Min, sbyte Max)
    : ModelOperator(Name, Input, Output);

/// <summary>Mean over a window, padding left out of the count, halves away from zero. Input and output share scale and zero point.</summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Input">int8 NHWC.</param>
/// <param name="Output">int8 NHWC.</param>
/// <param name="Window">Kernel, stride, padding.</param>
/// <param name="Min">Lower bound of the output (fused activation).</param>
/// <param name="Max">Upper bound of the output (fused activation).</param>
public sealed record AveragePoolOp(string Name, int Input, int Output, Window Window, sbyte Min, sbyte Max)
    : ModelOperator(Name, Input, Output);

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

/// <summary>The same bytes under another shape; in place when input and output share their arena slot.</summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Input">int8.</param>
/// <param name="Output">int8, as many elements.</param>
public sealed record ReshapeOp(string Name, int Input, int Output) : ModelOperator(Name, Input, Output)
{
    /// <inheritdoc/>
    public override bool CanRunInPlace => true;
}
