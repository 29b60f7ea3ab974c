namespace EdgeConv.Runtime;

/// <summary>Maximum over a window; padding never wins. Input and output share scale and zero point.</summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Input">int8 or int16 NHWC.</param>
/// <param name="Output">As the input, NHWC.</param>
/// <param name="Window">Kernel, stride, padding.</param>
/// <param name="Min">Lower bound of the output (fused activation).</param>
/// <param name="Max">Upper bound of the output (fused activation).</param>
public sealed record MaxPoolOp(string Name, int Input, int Output, Window Window, int Min, int Max)
    : ModelOperator(Name, Input, Output);

/// <summary>Mean over a window, padding left out of the count, halves away from zero. Input and output share scale and zero point.</summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Input">int8 or int16 NHWC.</param>
/// <param name="Output">As the input, NHWC.</param>
/// <param name="Window">Kernel, stride, padding.</param>
/// <param name="Min">Lower bound of the output (fused activation).</param>
/// <param name="Max">Upper bound of the output (fused activation).</param>
public sealed record AveragePoolOp(string Name, int Input, int Output, Window Window, int Min, int Max)
    : ModelOperator(Name, Input, Output);
