using EdgeConv.Converters.Graphs;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Converters.Quantization;

/// <summary>Sum, difference or product of two activations, or of an activation and a constant.</summary>
/// <param name="Function">Which.</param>
/// <param name="Other">The second operand where it is a constant.</param>
/// <param name="InputFactor">Sums: first scale / (2 * larger scale).</param>
/// <param name="OtherFactor">Sums: second scale / (2 * larger scale).</param>
/// <param name="OutputFactor">Sums: 2 * larger scale / (2^20 * output scale), 2^15 of int16. Products: both scales / output scale.</param>
/// <param name="Activation">Fused activation: None, Relu, Relu6 or Clip.</param>
/// <param name="Min">Lower bound of the output.</param>
/// <param name="Max">Upper bound of the output.</param>
public sealed record QuantizedArithmetic(
    ArithmeticFunction Function, QuantizedConstant? Other, QuantizedMultiplier InputFactor, QuantizedMultiplier OtherFactor,
    QuantizedMultiplier OutputFactor, Activation Activation, int Min, int Max) : QuantizedOperation
{
    /// <summary>Bounds of a fused Clip.</summary>
    public ValueRange Bounds { get; init; }
}

/// <summary>A constant operand, per tensor.</summary>
/// <param name="Values">NHWC.</param>
/// <param name="Shape">Of as many dimensions as the activation: its sizes, or 1.</param>
/// <param name="Quantization">Scale and zero point.</param>
public sealed record QuantizedConstant(sbyte[] Values, IReadOnlyList<int> Shape, ActivationQuantization Quantization)
{
    /// <summary>The values of an int16 operand; <see cref="Values"/> is empty then.</summary>
    public short[]? WideValues { get; init; }
}

/// <summary>x, or alpha[c] * x where x is negative.</summary>
/// <param name="Alpha">[C], its zero point is 0.</param>
/// <param name="Positive">Input scale / output scale.</param>
/// <param name="Negative">Input scale * alpha scale / output scale.</param>
public sealed record QuantizedPRelu(QuantizedConstant Alpha, QuantizedMultiplier Positive, QuantizedMultiplier Negative) : QuantizedOperation;

/// <summary>Logarithm of the softmax over the last dimension, in fixed point.</summary>
public sealed record QuantizedLogSoftmax(SoftmaxParameters Parameters) : QuantizedOperation;

/// <summary>Local response normalization over channels; the power is a table over the sum of squares.</summary>
/// <param name="Layer">What it stands for.</param>
/// <param name="Table">The factor at a sum of squares of i * 2^TableShift, times 2^OutputShift.</param>
/// <param name="TableShift">Bits of the sum of squares between two entries.</param>
/// <param name="OutputShift">Right shift of the product with the factor.</param>
public sealed record QuantizedLrn(Lrn Layer, int[] Table, int TableShift, int OutputShift) : QuantizedOperation;

/// <summary>Transposed convolution; weights OHWI.</summary>
public sealed record QuantizedTransposeConv(QuantizedWeights Weights, Window Window) : QuantizedOperation;

/// <summary>The inputs one behind the other; all share scale and zero point.</summary>
public sealed record QuantizedConcat(int Axis) : QuantizedOperation;

/// <summary>A frame of one value; scale and zero point pass through.</summary>
public sealed record QuantizedPad(Pad Frame, int Value) : QuantizedOperation;

/// <summary>The four dimensions in another order; scale and zero point pass through.</summary>
public sealed record QuantizedTranspose(IReadOnlyList<int> Order) : QuantizedOperation;

/// <summary>A part of a tensor; scale and zero point pass through.</summary>
public sealed record QuantizedSlice(IReadOnlyList<SliceDimension> Dimensions) : QuantizedOperation;

/// <summary>A picture of another size; scale and zero point pass through.</summary>
public sealed record QuantizedResize(ResizeMode Mode, ResizeCoordinates Coordinates) : QuantizedOperation;
