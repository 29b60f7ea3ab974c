using EdgeConv.Converters.Graphs;
using EdgeConv.Runtime;

namespace EdgeConv.Converters.Networks;

/// <summary>One number of each channel for each window.</summary>
/// <param name="Kernel">Rows and columns of a window.</param>
/// <param name="Stride">Pixels from one window to the next.</param>
/// <param name="Padding">Rows and columns around the input.</param>
public abstract record PoolLayer(int Kernel, int Stride, int Padding) : Layer
{
    /// <inheritdoc/>
    public sealed override string Kind => "pool";

    /// <inheritdoc/>
    public sealed override string Description => $"{Word} {Kernel}x{Kernel}, stride {Stride}{(Padding > 0 ? $", padding {Padding}" : "")}";

    /// <inheritdoc/>
    public sealed override string Text => $"{Keyword} {Kernel}x{Kernel} stride {Stride}{(Padding > 0 ? $" pad {Padding}" : "")}";

    /// <summary>What is taken of a window, for people.</summary>
    protected abstract string Word { get; }

    /// <summary>The same in network files.</summary>
    protected abstract string Keyword { get; }

    /// <inheritdoc/>
    public sealed override FeatureShape Output(FeatureShape input) => 2 * Padding <= Kernel
        ? Windows.Output(Windows.Square(Kernel, Stride, Padding), input, input.Channels)
        : throw new NetworkException($"Padding {Padding} is more than half of a {Kernel}x{Kernel} window: some windows would see nothing else.");

    /// <inheritdoc/>
    public sealed override IReadOnlyList<string> Explain(FeatureShape input) => [Windows.Explain(Kernel, Stride, Padding, input)];
}

/// <summary>Maximum over windows; they overlap where the stride is smaller than the window.</summary>
/// <param name="Kernel">Rows and columns of a window.</param>
/// <param name="Stride">Pixels from one window to the next.</param>
/// <param name="Padding">Rows and columns around the input that never win.</param>
public sealed record MaxPoolLayer(int Kernel, int Stride, int Padding = 0) : PoolLayer(Kernel, Stride, Padding)
{
    /// <inheritdoc/>
    protected override string Word => "maximum";

    /// <inheritdoc/>
    protected override string Keyword => "maxpool";

    /// <inheritdoc/>
    public override Operation Export(FeatureShape input, IReadOnlyList<float[]> parameters, float[] statistics) =>
        new MaxPool(Windows.Square(Kernel, Stride, Padding));
}

/// <summary>Mean over windows; what lies outside the input does not count.</summary>
/// <param name="Kernel">Rows and columns of a window.</param>
/// <param name="Stride">Pixels from one window to the next.</param>
/// <param name="Padding">Rows and columns around the input.</param>
public sealed record AveragePoolLayer(int Kernel, int Stride, int Padding = 0) : PoolLayer(Kernel, Stride, Padding)
{
    /// <inheritdoc/>
    protected override string Word => "average";

    /// <inheritdoc/>
    protected override string Keyword => "avgpool";

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
