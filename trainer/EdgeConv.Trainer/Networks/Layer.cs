using EdgeConv.Converters.Graphs;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace EdgeConv.Trainer.Networks;

/// <summary>
/// One layer of a network, as data. Everything about a kind of layer stands in its record: sizes, what torch computes, and the
/// operation that the converter receives; so these cannot disagree.
/// </summary>
public abstract record Layer
{
    /// <summary>The stem of the layer's name: conv, pool...</summary>
    public abstract string Kind { get; }

    /// <summary>What the layer does, in the lecture's terms: 6 filters 5x5, stride 1, padding 2.</summary>
    public abstract string Description { get; }

    /// <summary>Size of the output.</summary>
    /// <exception cref="TrainingException">The layer does not fit its input.</exception>
    public abstract FeatureShape Output(FeatureShape input);

    /// <summary>Shapes of what is learnt, weights first, in torch's order (OIHW, [O, I], [O]).</summary>
    public virtual IReadOnlyList<long[]> ParameterShapes(FeatureShape input) => [];

    /// <summary>Multiply-accumulates for one picture.</summary>
    public virtual long Macs(FeatureShape input) => 0;

    /// <summary>Values that one output value sums over; the scale of the initial weights follows from it.</summary>
    public virtual int FanIn(FeatureShape input) => 1;

    /// <summary>Computes the layer on a batch, NCHW or [N, C].</summary>
    /// <param name="x">The input.</param>
    /// <param name="parameters">In the order of <see cref="ParameterShapes"/>.</param>
    public abstract Tensor Forward(Tensor x, IReadOnlyList<Tensor> parameters);

    /// <summary>The same layer for the converter: NHWC, weights OHWI.</summary>
    public abstract Operation Export(FeatureShape input, IReadOnlyList<float[]> parameters);

    /// <summary>[O, C, H, W] to [O, H, W, C].</summary>
    private protected static float[] ToChannelsLast(float[] weights, int outputs, int channels, int pixels)
    {
        var result = new float[weights.Length];
        for (int o = 0; o < outputs; o++)
            for (int c = 0; c < channels; c++)
                for (int p = 0; p < pixels; p++)
                    result[(o * pixels + p) * channels + c] = weights[(o * channels + c) * pixels + p];
        return result;
    }
}

/// <summary>Convolution with bias, no activation.</summary>
/// <param name="Filters">Output channels.</param>
/// <param name="Kernel">Rows and columns of a filter.</param>
/// <param name="Stride">Pixels from one output to the next.</param>
/// <param name="Padding">Zeros around the input, each side.</param>
/// <param name="Groups">Divides input channels and filters.</param>
public sealed record ConvLayer(int Filters, int Kernel, int Stride = 1, int Padding = 0, int Groups = 1) : Layer
{
    /// <inheritdoc/>
    public override string Kind => "conv";

    /// <inheritdoc/>
    public override string Description =>
        $"{Filters} filters {Kernel}x{Kernel}, stride {Stride}, padding {Padding}" + (Groups > 1 ? $", {Groups} groups" : "");

    /// <inheritdoc/>
    public override FeatureShape Output(FeatureShape input)
    {
        if (input.Channels % Groups != 0 || Filters % Groups != 0)
            throw new TrainingException($"{Groups} groups do not divide {input.Channels} input channels and {Filters} filters.");
        return Windows.Output(Windows.Square(Kernel, Stride, Padding), input, Filters);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<long[]> ParameterShapes(FeatureShape input) =>
        [[Filters, input.Channels / Groups, Kernel, Kernel], [Filters]];

    /// <inheritdoc/>
    public override long Macs(FeatureShape input) => (long)Output(input).Length * FanIn(input);

    /// <inheritdoc/>
    public override int FanIn(FeatureShape input) => input.Channels / Groups * Kernel * Kernel;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x, IReadOnlyList<Tensor> parameters) =>
        F.conv2d(x, parameters[0], parameters[1], [Stride, Stride], [Padding, Padding], [1, 1], Groups);

    /// <inheritdoc/>
    public override Operation Export(FeatureShape input, IReadOnlyList<float[]> parameters) => new Conv2D(
        ToChannelsLast(parameters[0], Filters, input.Channels / Groups, Kernel * Kernel), parameters[1],
        Windows.Square(Kernel, Stride, Padding), Groups);
}

/// <summary>Fully connected layer with bias; a picture is flattened first.</summary>
/// <param name="Outputs">Neurons.</param>
public sealed record FullyConnectedLayer(int Outputs) : Layer
{
    /// <inheritdoc/>
    public override string Kind => "fc";

    /// <inheritdoc/>
    public override string Description => $"fully connected, {Outputs} neurons";

    /// <inheritdoc/>
    public override FeatureShape Output(FeatureShape input) => new(1, 1, Outputs);

    /// <inheritdoc/>
    public override IReadOnlyList<long[]> ParameterShapes(FeatureShape input) => [[Outputs, input.Length], [Outputs]];

    /// <inheritdoc/>
    public override long Macs(FeatureShape input) => (long)Outputs * input.Length;

    /// <inheritdoc/>
    public override int FanIn(FeatureShape input) => input.Length;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x, IReadOnlyList<Tensor> parameters) =>
        F.linear(x.dim() > 2 ? x.flatten(1) : x, parameters[0], parameters[1]);

    /// <inheritdoc/>
    public override Operation Export(FeatureShape input, IReadOnlyList<float[]> parameters) => new FullyConnected(
        ToChannelsLast(parameters[0], Outputs, input.Channels, input.Height * input.Width), parameters[1]);
}

/// <summary>Maximum over windows without padding.</summary>
/// <param name="Kernel">Rows and columns of a window.</param>
/// <param name="Stride">Pixels from one window to the next.</param>
public sealed record MaxPoolLayer(int Kernel, int Stride) : Layer
{
    /// <inheritdoc/>
    public override string Kind => "pool";

    /// <inheritdoc/>
    public override string Description => $"maximum {Kernel}x{Kernel}, stride {Stride}";

    /// <inheritdoc/>
    public override FeatureShape Output(FeatureShape input) => Windows.Output(Windows.Square(Kernel, Stride), input, input.Channels);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x, IReadOnlyList<Tensor> parameters) => F.max_pool2d(x, [Kernel, Kernel], [Stride, Stride]);

    /// <inheritdoc/>
    public override Operation Export(FeatureShape input, IReadOnlyList<float[]> parameters) => new MaxPool(Windows.Square(Kernel, Stride));
}

/// <summary>Mean over windows without padding.</summary>
/// <param name="Kernel">Rows and columns of a window.</param>
/// <param name="Stride">Pixels from one window to the next.</param>
public sealed record AveragePoolLayer(int Kernel, int Stride) : Layer
{
    /// <inheritdoc/>
    public override string Kind => "pool";

    /// <inheritdoc/>
    public override string Description => $"average {Kernel}x{Kernel}, stride {Stride}";

    /// <inheritdoc/>
    public override FeatureShape Output(FeatureShape input) => Windows.Output(Windows.Square(Kernel, Stride), input, input.Channels);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x, IReadOnlyList<Tensor> parameters) => F.avg_pool2d(x, [Kernel, Kernel], [Stride, Stride]);

    /// <inheritdoc/>
    public override Operation Export(FeatureShape input, IReadOnlyList<float[]> parameters) =>
        new AveragePool(Windows.Square(Kernel, Stride));
}

/// <summary>A function of each value.</summary>
/// <param name="Function">Which.</param>
public sealed record ActivationLayer(Activation Function) : Layer
{
    /// <inheritdoc/>
    public override string Kind => Function.ToString().ToLowerInvariant();

    /// <inheritdoc/>
    public override string Description => Function switch
    {
        Activation.Relu => "max(x, 0)",
        Activation.Relu6 => "min(max(x, 0), 6)",
        _ => $"{Kind}(x)",
    };

    /// <inheritdoc/>
    public override FeatureShape Output(FeatureShape input) => input;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x, IReadOnlyList<Tensor> parameters) => Function switch
    {
        Activation.Relu => F.relu(x),
        Activation.Relu6 => F.relu6(x),
        Activation.Tanh => torch.tanh(x),
        Activation.Sigmoid => torch.sigmoid(x),
        _ => x,
    };

    /// <inheritdoc/>
    public override Operation Export(FeatureShape input, IReadOnlyList<float[]> parameters) => new Activate(Function);
}
