using EdgeConv.Converters.Graphs;

namespace EdgeConv.Converters.Networks;

/// <summary>Fully connected layer with bias; a picture is flattened first.</summary>
/// <param name="Outputs">Neurons.</param>
public sealed record FullyConnectedLayer(int Outputs) : Layer
{
    /// <inheritdoc/>
    public override string Kind => "fc";

    /// <inheritdoc/>
    public override string Description => $"fully connected, {Outputs} neurons";

    /// <inheritdoc/>
    public override string Text => $"fc {Outputs}";

    /// <inheritdoc/>
    public override FeatureShape Output(FeatureShape input) => new(1, 1, Outputs);

    /// <inheritdoc/>
    public override IReadOnlyList<long[]> ParameterShapes(FeatureShape input) => [[Outputs, input.Length], [Outputs]];

    /// <inheritdoc/>
    public override long Macs(FeatureShape input) => (long)Outputs * input.Length;

    /// <inheritdoc/>
    public override int FanIn(FeatureShape input) => input.Length;

    /// <inheritdoc/>
    public override long Weights(FeatureShape input) => Macs(input);

    /// <inheritdoc/>
    public override IReadOnlyList<string> Explain(FeatureShape input) =>
    [
        input.IsVector
            ? $"each neuron sees all {input.Length}"
            : $"each neuron sees all {input.Height}*{input.Width}*{input.Channels} = {input.Length}",
        LayerText.Learnt(Outputs, $"{input.Length}", input.Length, bias: true),
        LayerText.Computed(Output(input), input.Length),
    ];

    /// <inheritdoc/>
    public override Operation Export(FeatureShape input, IReadOnlyList<float[]> parameters, float[] statistics) => new FullyConnected(
        ToChannelsLast(parameters[0], Outputs, input.Channels, input.Height * input.Width), parameters[1]);
}
