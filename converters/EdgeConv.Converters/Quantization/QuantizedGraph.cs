using System.Runtime.InteropServices;
using EdgeConv.Converters.Graphs;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Converters.Quantization;

/// <summary>An int8 network between quantization and lowering: integers and scales only, nothing is float any more.</summary>
/// <param name="Name">The model's name.</param>
/// <param name="Input">The value that the caller supplies.</param>
/// <param name="Nodes">Those of the float graph, in the same order and with the same names; a requantization wherever a layer reads int16 and
/// its input is int8, or the reverse; a table wherever a concatenation needs another scale.</param>
/// <param name="Output">Name of the value that the caller wants.</param>
public sealed record QuantizedGraph(string Name, QuantizedValue Input, IReadOnlyList<QuantizedNode> Nodes, string Output)
{
    /// <summary>What the input pictures look like, when the network takes pictures.</summary>
    public PictureInput? Picture { get; init; }

    /// <summary>Names of the classes, one an output.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>What its user should know about how it was taken over, one sentence each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Where <see cref="Picture"/> is from, in a sentence for its user; null when there is nothing to say.</summary>
    public string? PictureNote { get; init; }
}

/// <summary>An int8 or int16 activation.</summary>
/// <param name="Name">Unique in the graph.</param>
/// <param name="Shape">[1, H, W, C] or [1, C].</param>
/// <param name="Quantization">Scale and zero point.</param>
public sealed record QuantizedValue(string Name, IReadOnlyList<int> Shape, ActivationQuantization Quantization)
{
    /// <summary>Int8, or Int16 with zero point 0.</summary>
    public ElementType Type { get; init; } = ElementType.Int8;

    /// <summary>Number of elements.</summary>
    public int Length => Shape.Aggregate(1, (n, d) => n * d);

    /// <summary>Number of bytes.</summary>
    public int ByteLength => Type == ElementType.Int16 ? Length * sizeof(short) : Length;

    /// <summary>The real values that the smallest and the largest integer stand for.</summary>
    public (double Min, double Max) Limits => Type == ElementType.Int16
        ? (Quantization.Dequantize(short.MinValue), Quantization.Dequantize(short.MaxValue))
        : (Quantization.Min, Quantization.Max);

    /// <summary>The real values of an activation's bytes.</summary>
    public float[] Dequantize(ReadOnlySpan<sbyte> bytes)
    {
        var real = new float[Length];
        ReadOnlySpan<short> words = MemoryMarshal.Cast<sbyte, short>(bytes);
        for (int i = 0; i < real.Length; i++)
        {
            real[i] = (float)Quantization.Dequantize(Type == ElementType.Int16 ? words[i] : bytes[i]);
        }

        return real;
    }

    /// <summary>The nearest value that the activation can take.</summary>
    public float Nearest(float real) => Type == ElementType.Int16
        ? Quantization.Scale * (float)Math.Clamp(Math.Round(real / (double)Quantization.Scale), short.MinValue, short.MaxValue)
        : (float)Quantization.Dequantize(Quantization.Quantize(real));
}

/// <summary>One layer.</summary>
/// <param name="Name">As in the float graph.</param>
/// <param name="Operation">What is computed.</param>
/// <param name="Inputs">Names of the values read.</param>
/// <param name="Output">The value written.</param>
public sealed record QuantizedNode(string Name, QuantizedOperation Operation, IReadOnlyList<string> Inputs, QuantizedValue Output);

/// <summary>What a node computes.</summary>
public abstract record QuantizedOperation;

/// <summary>Weights, bias and requantization of a layer with one accumulator an output channel.</summary>
/// <param name="Weights">Symmetric, output channel first; -127 to 127, or -7 to 7.</param>
/// <param name="Scales">Weight scale of each output channel.</param>
/// <param name="Bias">At input scale * weight scale; int32 unless the activations are int16.</param>
/// <param name="Multipliers">From accumulator to output, one a channel.</param>
/// <param name="Activation">Fused activation: None, Relu, Relu6 or Clip.</param>
/// <param name="Min">Lower bound of the output.</param>
/// <param name="Max">Upper bound of the output.</param>
public sealed record QuantizedWeights(
    sbyte[] Weights, float[] Scales, long[] Bias, QuantizedMultiplier[] Multipliers, Activation Activation, int Min, int Max)
{
    /// <summary>Int8, or Int4.</summary>
    public ElementType Type { get; init; } = ElementType.Int8;

    /// <summary>Bounds of a fused Clip.</summary>
    public ValueRange Bounds { get; init; }

    /// <summary>Of all weights; 0 but for fully connected layers that arrived quantized.</summary>
    public int ZeroPoint { get; init; }

    /// <summary>Int16 activations only: the bias is int32, sums are int32 and requantized as those of int8 layers (TFLite's int32-bias form).</summary>
    public bool HasNarrowBias { get; init; }

    /// <summary>Weight i as a real number.</summary>
    public float Dequantize(int i) => (Weights[i] - ZeroPoint) * Scales[i / (Weights.Length / Scales.Length)];
}

/// <summary>Convolution; weights OHWI.</summary>
public sealed record QuantizedConv2D(QuantizedWeights Weights, Window Window, int Groups) : QuantizedOperation;

/// <summary>Fully connected layer; weights [O, I], I in NHWC order.</summary>
public sealed record QuantizedFullyConnected(QuantizedWeights Weights) : QuantizedOperation;

/// <summary>Maximum over a window; scale and zero point pass through.</summary>
/// <param name="Window">Kernel, stride, dilation, padding.</param>
/// <param name="Min">Lower bound of the output; null for its type's.</param>
/// <param name="Max">Upper bound of the output; null for its type's.</param>
public sealed record QuantizedMaxPool(Window Window, int? Min = null, int? Max = null) : QuantizedOperation;

/// <summary>Mean over a window without its padding; scale and zero point pass through.</summary>
/// <param name="Window">Kernel, stride, dilation, padding.</param>
/// <param name="Min">Lower bound of the output; null for its type's.</param>
/// <param name="Max">Upper bound of the output; null for its type's.</param>
public sealed record QuantizedAveragePool(Window Window, int? Min = null, int? Max = null) : QuantizedOperation;

/// <summary>A unary function: output = Table[input + 128]. The identity brings a value to another scale.</summary>
public sealed record QuantizedTable(sbyte[] Table, Activate Function) : QuantizedOperation;

/// <summary>Softmax over the last dimension, in fixed point.</summary>
public sealed record QuantizedSoftmax(SoftmaxParameters Parameters) : QuantizedOperation;

/// <summary>The same bytes under another shape.</summary>
public sealed record QuantizedReshape : QuantizedOperation;

/// <summary>The same numbers at another scale or in the other type.</summary>
/// <param name="Factor">Input scale / output scale.</param>
/// <param name="Min">Lower bound of the output; null for its type's.</param>
/// <param name="Max">Upper bound of the output; null for its type's.</param>
public sealed record QuantizedRequantize(QuantizedMultiplier Factor, int? Min = null, int? Max = null) : QuantizedOperation;
