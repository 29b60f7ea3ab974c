namespace EdgeConv.Runtime;

/// <summary>
/// Convolution, NHWC by OHWI, with bias, a fused clamp and, where <see cref="Pool"/> says so, the maximum pooling behind it. Depthwise is
/// the case groups = input channels.
/// </summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Input">int8 NHWC, or int16 (16x8: int16 activations, int8 weights).</param>
/// <param name="Output">As the input, NHWC.</param>
/// <param name="Weights">int8 or int4, OHWI, I = input channels / groups.</param>
/// <param name="Bias">int32 [O]; with int16 activations int64 or int32 [O], which decides how wide the sums are.</param>
/// <param name="Multipliers">int32 [O], Q0.31 in [2^30, 2^31), or 0.</param>
/// <param name="Shifts">int32 [O], positive is left.</param>
/// <param name="Window">Kernel, stride, dilation, padding; the padding's value is the input zero point.</param>
/// <param name="Groups">Input channels are split in this many groups, each seen by O / groups filters.</param>
/// <param name="Min">Lower bound of the output (fused activation).</param>
/// <param name="Max">Upper bound of the output (fused activation).</param>
public sealed record Conv2DOp(
    string Name, int Input, int Output, int Weights, int Bias, int Multipliers, int Shifts,
    Window Window, int Groups, int Min, int Max) : ModelOperator(Name, Input, Output)
{
    /// <summary>Int8 only: the output is the maximum over these windows of what the convolution gives, which itself is stored nowhere.</summary>
    public Pooling Pool { get; init; } = Pooling.None;

    /// <summary>Whether a pooling is fused.</summary>
    public bool IsPooled => Pool != Pooling.None;
}

/// <summary>Fully connected layer: output[n, o] = sum over i of (input[n, i] - zp) * (weights[o, i] - zp) + bias[o].</summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Input">int8 or int16; its elements are read as rows of I.</param>
/// <param name="Output">As the input, [N, O].</param>
/// <param name="Weights">int8 or int4, [O, I].</param>
/// <param name="Bias">int32 [O]; with int16 activations int64 or int32 [O], which decides how wide the sums are.</param>
/// <param name="Multipliers">int32 [O], Q0.31 in [2^30, 2^31), or 0.</param>
/// <param name="Shifts">int32 [O], positive is left.</param>
/// <param name="Min">Lower bound of the output (fused activation).</param>
/// <param name="Max">Upper bound of the output (fused activation).</param>
public sealed record FullyConnectedOp(
    string Name, int Input, int Output, int Weights, int Bias, int Multipliers, int Shifts, int Min, int Max)
    : ModelOperator(Name, Input, Output);

/// <summary>
/// Transposed convolution: each input pixel adds its multiple of the kernel to the output. output[y] gathers input[(y + pad - k) / stride]
/// where that divides.
/// </summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Input">int8 or int16 NHWC.</param>
/// <param name="Output">As the input, NHWC; its size decides between the sizes that a stride leaves open.</param>
/// <param name="Weights">int8 or int4, OHWI.</param>
/// <param name="Bias">As of <see cref="Conv2DOp"/>.</param>
/// <param name="Multipliers">int32 [O], Q0.31 in [2^30, 2^31), or 0.</param>
/// <param name="Shifts">int32 [O], positive is left.</param>
/// <param name="Window">The window of the convolution that this one transposes: it takes the output's size to the input's.</param>
/// <param name="Min">Lower bound of the output (fused activation).</param>
/// <param name="Max">Upper bound of the output (fused activation).</param>
public sealed record TransposeConvOp(
    string Name, int Input, int Output, int Weights, int Bias, int Multipliers, int Shifts, Window Window, int Min, int Max)
    : ModelOperator(Name, Input, Output);
