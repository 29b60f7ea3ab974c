using EdgeConv.Converters.Quantization;
using EdgeConv.Runtime;

namespace EdgeConv.Converters.Graphs;

/// <summary>What a node computes.</summary>
public abstract record Operation
{
    /// <summary>The name people know: Conv2D, MaxPool...</summary>
    public virtual string Kind => GetType().Name;

    /// <summary>Bounds of a fused Clip; of no meaning with other activations.</summary>
    public ValueRange Bounds { get; init; }

    /// <summary>The weights as integers, where the network's file has them so; null otherwise, or when weights were changed since.</summary>
    public GivenWeights? Given { get; init; }
}

/// <summary>Convolution with an optional fused activation.</summary>
/// <param name="Weights">OHWI, I = input channels / groups.</param>
/// <param name="Bias">[O].</param>
/// <param name="Window">Kernel, stride, dilation, padding.</param>
/// <param name="Groups">Divides input and output channels.</param>
/// <param name="Activation">None, Relu, Relu6 or Clip.</param>
public sealed record Conv2D(float[] Weights, float[] Bias, Window Window, int Groups, Activation Activation = Activation.None) : Operation;

/// <summary>Transposed convolution with an optional fused activation.</summary>
/// <param name="Weights">OHWI.</param>
/// <param name="Bias">[O].</param>
/// <param name="Window">The window of the convolution that this one transposes: it takes the output's size to the input's.</param>
/// <param name="Activation">None, Relu, Relu6 or Clip.</param>
public sealed record TransposeConv(float[] Weights, float[] Bias, Window Window, Activation Activation = Activation.None) : Operation;

/// <summary>Fully connected layer with an optional fused activation. Input elements are in NHWC order.</summary>
/// <param name="Weights">[O, I].</param>
/// <param name="Bias">[O].</param>
/// <param name="Activation">None, Relu, Relu6 or Clip.</param>
public sealed record FullyConnected(float[] Weights, float[] Bias, Activation Activation = Activation.None) : Operation;

/// <summary>(x - mean) / sqrt(variance + epsilon) * scale + shift, a channel at a time; folded into the layer before it.</summary>
/// <param name="Scale">[C].</param>
/// <param name="Shift">[C].</param>
/// <param name="Mean">[C].</param>
/// <param name="Variance">[C].</param>
/// <param name="Epsilon">Added to the variance.</param>
public sealed record BatchNormalization(float[] Scale, float[] Shift, float[] Mean, float[] Variance, float Epsilon) : Operation;

/// <summary>Maximum over a window.</summary>
public sealed record MaxPool(Window Window) : Operation;

/// <summary>Mean over a window, padding left out of the count.</summary>
public sealed record AveragePool(Window Window) : Operation;
