using EdgeConv.Converters.Graphs;

namespace EdgeConv.Converters.Networks;

/// <summary>Sum of the layer before and another, value by value. Source: He et al., "Deep residual learning" (2016).</summary>
public sealed record AddLayer : JoinLayer
{
    /// <inheritdoc/>
    public override string Kind => "add";

    /// <inheritdoc/>
    public override string Description => $"plus {string.Join(", ", From)}";

    /// <inheritdoc/>
    public override string Text => $"add {string.Join(' ', From)}";

    /// <inheritdoc/>
    public override FeatureShape Output(IReadOnlyList<FeatureShape> inputs) => inputs.Count != 2
        ? throw new NetworkException($"An addition has one other layer, not {inputs.Count - 1}.")
        : inputs[0] == inputs[1]
            ? inputs[0]
            : throw new NetworkException($"{inputs[0]} and {inputs[1]} cannot be added; both must have the same size.");

    /// <inheritdoc/>
    public override Operation Export(FeatureShape input, IReadOnlyList<float[]> parameters, float[] statistics) =>
        new Arithmetic(ArithmeticFunction.Add);
}

/// <summary>Channels of the layer before, then those of others.</summary>
public sealed record ConcatLayer : JoinLayer
{
    /// <inheritdoc/>
    public override string Kind => "concat";

    /// <inheritdoc/>
    public override string Description => $"with the channels of {string.Join(", ", From)}";

    /// <inheritdoc/>
    public override string Text => $"concat {string.Join(' ', From)}";

    /// <inheritdoc/>
    public override FeatureShape Output(IReadOnlyList<FeatureShape> inputs) =>
        inputs.Count < 2
            ? throw new NetworkException("Nothing to join with; name one or more layers.")
            : inputs.All(i => (i.Height, i.Width) == (inputs[0].Height, inputs[0].Width))
                ? inputs[0] with { Channels = inputs.Sum(i => i.Channels) }
                : throw new NetworkException($"{string.Join(" and ", inputs)} cannot be joined; height and width must be the same.");

    /// <inheritdoc/>
    public override Operation Export(FeatureShape input, IReadOnlyList<float[]> parameters, float[] statistics) =>
        new Concat(3);
}
