using EdgeConv.Converters.Graphs;

namespace EdgeConv.Converters.Networks;

/// <summary>A function of each value.</summary>
/// <param name="Function">Which: Relu, Relu6, Tanh or Sigmoid.</param>
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
    public override string Text => Kind;

    /// <inheritdoc/>
    public override FeatureShape Output(FeatureShape input) => input;

    /// <inheritdoc/>
    public override Operation Export(FeatureShape input, IReadOnlyList<float[]> parameters, float[] statistics) => new Activate(Function);
}
