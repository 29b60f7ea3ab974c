using EdgeConv.Converters.Graphs;
using EdgeConv.Runtime;

namespace EdgeConv.Converters.Networks;

/// <summary>Maximum over windows; they overlap where the stride is smaller than the window.</summary>
/// <param name="Kernel">Rows and columns of a window.</param>
/// <param name="Stride">Pixels from one window to the next.</param>
/// <param name="Padding">Rows and columns around the input that never win.</param>
public sealed record MaxPoolLayer(int Kernel, int Stride, int Padding = 0) : Layer
{
    /// <inheritdoc/>
    public override string Kind => "pool";

    /// <inheritdoc/>
    public override string Description => $"maximum {Kernel}x{Kernel}, stride {Stride}{(Padding > 0 ? $", padding {Padding}" : "")}";

    /// <inheritdoc/>
    public override string Text => $"maxpool {Kernel}x{Kernel} stride {Stride}{(Padding > 0 ? $" pad {Padding}" : "")}";

    /// <inheritdoc/>
    public override FeatureShape Output(FeatureShape input) => PoolWindow.Output(Kernel, Stride, Padding, input);

    /// <inheritdoc/>
    public override IReadOnlyList<string> Explain(FeatureShape input) => [Windows.Explain(Kernel, Stride, Padding, input)];

    /// <inheritdoc/>
    public override Operation Export(FeatureShape input, IReadOnlyList<float[]> parameters, float[] statistics) =>
        new MaxPool(Windows.Square(Kernel, Stride, Padding));
}

/// <summary>Mean over windows; what lies outside the input does not count.</summary>
/// <param name="Kernel">Rows and columns of a window.</param>
/// <param name="Stride">Pixels from one window to the next.</param>
/// <param name="Padding">Rows and columns around the input.</param>
public sealed record AveragePoolLayer(int Kernel, int Stride, int Padding = 0) : Layer
{
    /// <inheritdoc/>
    public override string Kind => "pool";

    /// <inheritdoc/>
    public override string Description => $"average {Kernel}x{Kernel}, stride {Stride}{(Padding > 0 ? $", padding {Padding}" : "")}";

    /// <inheritdoc/>
    public override string Text => $"avgpool {Kernel}x{Kernel} stride {Stride}{(Padding > 0 ? $" pad {Padding}" : "")}";

    /// <inheritdoc/>
    public override FeatureShape Output(FeatureShape input) => PoolWindow.Output(Kernel, Stride, Padding, input);

    /// <inheritdoc/>
    public override IReadOnlyList<string> Explain(FeatureShape input) => [Windows.Explain(Kernel, Stride, Padding, input)];

    /// <inheritdoc/>
    public override Operation Export(FeatureShape input, IReadOnlyList<float[]> parameters, float[] statistics) =>
        new AveragePool(Windows.Square(Kernel, Stride, Padding));
}

/// <summary>The mean of each channel over the whole picture: one number a channel, whatever the size of the picture.</summary>
public sealed record GlobalAverageLayer : Layer
{
    /// <inheritdoc/>
    public override string Kind => "gap";

    /// <inheritdoc/>
    public override string Description => "mean of each channel";

    /// <inheritdoc/>
    public override string Text => "gap";

    /// <inheritdoc/>
    public override FeatureShape Output(FeatureShape input) => new(1, 1, input.Channels);

    /// <inheritdoc/>
    public override Operation Export(FeatureShape input, IReadOnlyList<float[]> parameters, float[] statistics) =>
        new AveragePool(new Window(input.Height, input.Width));
}

/// <summary>What both poolings ask of their padding.</summary>
file static class PoolWindow
{
    public static FeatureShape Output(int kernel, int stride, int padding, FeatureShape input) => 2 * padding <= kernel
        ? Windows.Output(Windows.Square(kernel, stride, padding), input, input.Channels)
        : throw new NetworkException($"Padding {padding} is more than half of a {kernel}x{kernel} window: some windows would see nothing else.");
}
