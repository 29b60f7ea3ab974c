using System.Globalization;
using EdgeConv.Converters.Graphs;

namespace EdgeConv.Converters.Networks;

/// <summary>Where the weights of a convolution begin.</summary>
public enum InitialFilters
{
    /// <summary>Drawn by the seed.</summary>
    Random,

    /// <summary>
    /// Filters that decorrelate the patches of the training pictures, and their negatives; they stay as they are. Source: the
    /// eigenvectors of the patches' covariance, each divided by the root of its eigenvalue.
    /// </summary>
    Whitening,
}

/// <summary>Convolution, no activation.</summary>
/// <param name="Filters">Output channels.</param>
/// <param name="Kernel">Rows and columns of a filter.</param>
/// <param name="Stride">Pixels from one output to the next.</param>
/// <param name="Padding">Zeros around the input, each side.</param>
/// <param name="Groups">Divides input channels and filters.</param>
/// <param name="Bias">Whether each filter adds a number of its own; batch normalization behind it makes that idle.</param>
/// <param name="Start">Where the weights begin.</param>
public sealed record ConvLayer(
    int Filters, int Kernel, int Stride = 1, int Padding = 0, int Groups = 1, bool Bias = true,
    InitialFilters Start = InitialFilters.Random) : Layer
{
    /// <inheritdoc/>
    public override string Kind => "conv";

    /// <inheritdoc/>
    public override string Description =>
        $"{Filters} filters {Kernel}x{Kernel}, stride {Stride}, padding {Padding}" + (Groups > 1 ? $", {Groups} groups" : "") +
        (Start == InitialFilters.Whitening ? ", whitening, frozen" : "");

    /// <inheritdoc/>
    public override string Text => $"conv {Filters} {Kernel}x{Kernel}" + LayerText.Window(Stride, Padding) +
        (Groups > 1 ? $" groups {Groups}" : "") + (Bias ? "" : " nobias") + (Start == InitialFilters.Whitening ? " whiten" : "");

    /// <inheritdoc/>
    public override bool Frozen => Start == InitialFilters.Whitening;

    /// <inheritdoc/>
    public override FeatureShape Output(FeatureShape input)
    {
        if (input.Channels % Groups != 0 || Filters % Groups != 0)
            throw new NetworkException($"{Groups} groups do not divide {input.Channels} input channels and {Filters} filters.");
        if (Start == InitialFilters.Whitening && (Groups > 1 || !Bias || Filters % 2 != 0 || Filters > 2 * FanIn(input)))
        {
            throw new NetworkException(
                $"Whitening needs one group, a bias and an even number of filters up to {2 * FanIn(input)} (twice {Kernel}x{Kernel}x{input.Channels}).");
        }
        return Windows.Output(Windows.Square(Kernel, Stride, Padding), input, Filters);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<long[]> ParameterShapes(FeatureShape input)
    {
        long[] weights = [Filters, input.Channels / Groups, Kernel, Kernel];
        return Bias ? [weights, [Filters]] : [weights];
    }

    /// <inheritdoc/>
    public override long Macs(FeatureShape input) => (long)Output(input).Length * FanIn(input);

    /// <inheritdoc/>
    public override int FanIn(FeatureShape input) => input.Channels / Groups * Kernel * Kernel;

    /// <inheritdoc/>
    public override long Weights(FeatureShape input) => (long)Filters * FanIn(input);

    /// <inheritdoc/>
    public override IReadOnlyList<string> Explain(FeatureShape input) =>
    [
        Windows.Explain(Kernel, Stride, Padding, input),
        LayerText.Learnt(Filters, $"{Kernel}*{Kernel}*{input.Channels / Groups}", FanIn(input), Bias),
        LayerText.Computed(Output(input), FanIn(input)),
    ];

    /// <inheritdoc/>
    public override Operation Export(FeatureShape input, IReadOnlyList<float[]> parameters, float[] statistics) => new Conv2D(
        ToChannelsLast(parameters[0], Filters, input.Channels / Groups, Kernel * Kernel), Bias ? parameters[1] : new float[Filters],
        Windows.Square(Kernel, Stride, Padding), Groups);
}

/// <summary>A filter a channel, no activation: the spatial half of a depthwise separable convolution; a 1x1 convolution mixes the channels.</summary>
/// <param name="Kernel">Rows and columns of a filter.</param>
/// <param name="Stride">Pixels from one output to the next.</param>
/// <param name="Padding">Zeros around the input, each side.</param>
/// <param name="Bias">Whether each filter adds a number of its own.</param>
public sealed record DepthwiseLayer(int Kernel, int Stride = 1, int Padding = 0, bool Bias = true) : Layer
{
    /// <inheritdoc/>
    public override string Kind => "dw";

    /// <inheritdoc/>
    public override string Description => $"a filter {Kernel}x{Kernel} a channel, stride {Stride}, padding {Padding}";

    /// <inheritdoc/>
    public override string Text => $"dw {Kernel}x{Kernel}" + LayerText.Window(Stride, Padding) + (Bias ? "" : " nobias");

    /// <inheritdoc/>
    public override FeatureShape Output(FeatureShape input) => As(input).Output(input);

    /// <inheritdoc/>
    public override IReadOnlyList<long[]> ParameterShapes(FeatureShape input) => As(input).ParameterShapes(input);

    /// <inheritdoc/>
    public override long Macs(FeatureShape input) => As(input).Macs(input);

    /// <inheritdoc/>
    public override int FanIn(FeatureShape input) => Kernel * Kernel;

    /// <inheritdoc/>
    public override long Weights(FeatureShape input) => As(input).Weights(input);

    /// <inheritdoc/>
    public override IReadOnlyList<string> Explain(FeatureShape input) => As(input).Explain(input);

    /// <inheritdoc/>
    public override Operation Export(FeatureShape input, IReadOnlyList<float[]> parameters, float[] statistics) =>
        As(input).Export(input, parameters, statistics);

    /// <summary>The same as a convolution with as many groups as channels.</summary>
    public ConvLayer As(FeatureShape input) => new(input.Channels, Kernel, Stride, Padding, input.Channels, Bias);
}

/// <summary>Convolution whose filters see only some of the input channels, by a table; no activation.</summary>
/// <param name="Kernel">Rows and columns of a filter.</param>
/// <param name="Table">A row a filter: the channels that it sees, ascending.</param>
public sealed record TableConvLayer(int Kernel, IReadOnlyList<IReadOnlyList<int>> Table) : Layer
{
    /// <inheritdoc/>
    public override string Kind => "conv";

    /// <summary>Filters and channels that are connected.</summary>
    public int Connections => Table.Sum(channels => channels.Count);

    /// <inheritdoc/>
    public override string Description => $"{Table.Count} filters {Kernel}x{Kernel}, {Connections} connections by a table";

    /// <inheritdoc/>
    public override string Text =>
        $"conv {Table.Count} {Kernel}x{Kernel} table {string.Join("|", Table.Select(channels => string.Join(",", channels)))}";

    /// <inheritdoc/>
    public override FeatureShape Output(FeatureShape input) => Table.SelectMany(c => c).Max() is var highest && highest < input.Channels
        ? Windows.Output(Windows.Square(Kernel, 1), input, Table.Count)
        : throw new NetworkException($"The table connects input channel {highest}; there are {input.Channels}, from 0.");

    /// <inheritdoc/>
    public override IReadOnlyList<long[]> ParameterShapes(FeatureShape input) => [[Connections, Kernel, Kernel], [Table.Count]];

    /// <inheritdoc/>
    public override long Macs(FeatureShape input) => Output(input) is var o ? (long)o.Height * o.Width * Connections * Kernel * Kernel : 0;

    /// <inheritdoc/>
    public override int FanIn(FeatureShape input) => Connections * Kernel * Kernel / Table.Count;

    /// <summary>What an int8 file holds: the connections that are not there are zeros in it.</summary>
    public override long Weights(FeatureShape input) => (long)Table.Count * input.Channels * Kernel * Kernel;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Explain(FeatureShape input) =>
    [
        Windows.Explain(Kernel, 1, 0, input),
        string.Create(CultureInfo.InvariantCulture,
            $"{Kernel}*{Kernel} * {Connections} connections + {Table.Count} = {Connections * Kernel * Kernel + Table.Count:N0} parameters"),
        string.Create(CultureInfo.InvariantCulture,
            $"{Output(input).Height}*{Output(input).Width} * {Connections}*{Kernel}*{Kernel} = {Macs(input):N0} MACs"),
    ];

    /// <inheritdoc/>
    public override Operation Export(FeatureShape input, IReadOnlyList<float[]> parameters, float[] statistics)
    {
        int pixels = Kernel * Kernel;
        var dense = new float[Weights(input)];
        foreach ((int row, int connection) in DenseRows(input).Select((row, connection) => (row, connection)))
            parameters[0].AsSpan(connection * pixels, pixels).CopyTo(dense.AsSpan(row * pixels));
        return new Conv2D(ToChannelsLast(dense, Table.Count, input.Channels, pixels), parameters[1], Windows.Square(Kernel, 1), 1);
    }

    /// <summary>Of each connection: filter * input channels + channel.</summary>
    public IReadOnlyList<int> DenseRows(FeatureShape input) =>
        [.. Table.SelectMany((channels, filter) => channels.Select(channel => filter * input.Channels + channel))];
}
