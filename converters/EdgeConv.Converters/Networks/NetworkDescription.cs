namespace EdgeConv.Converters.Networks;

/// <summary>A network as a list of layers. What torch trains, what the converter receives and the printed table derive from it.</summary>
/// <param name="Name">The name that the user types.</param>
/// <param name="Input">Size of the input pictures.</param>
/// <param name="Layers">In order.</param>
public sealed record NetworkDescription(string Name, FeatureShape Input, IReadOnlyList<Layer> Layers)
{
    private IReadOnlyList<PlacedLayer>? _placed;

    // For with-expressions: what was placed belongs to the layers and the input of before.
    private NetworkDescription(NetworkDescription other) =>
        (Name, Input, Layers, InitialGain) = (other.Name, other.Input, other.Layers, other.InitialGain);

    /// <summary>
    /// Initial weights are uniform within this / sqrt(fan-in). 1 is torch's own choice; sqrt(6) keeps the size of activations through many
    /// layers of ReLU without normalization, with biases at 0 (He et al., "Delving deep into rectifiers", 2015).
    /// </summary>
    public float InitialGain { get; init; } = 1;

    /// <summary>The layers with their names, inputs, sizes and counts.</summary>
    /// <exception cref="NetworkException">A layer does not fit; the message names it.</exception>
    public IReadOnlyList<PlacedLayer> Place() => _placed ??= Placement.Of(this);

    /// <summary>Number of values that are learnt, frozen ones included.</summary>
    public long Parameters => Place().Sum(layer => layer.Parameters);

    /// <summary>Number of values that are measured on pictures, for batch normalization.</summary>
    public int Statistics => Place().Sum(layer => layer.Statistics);

    /// <summary>Multiply-accumulates for one picture.</summary>
    public long Macs => Place().Sum(layer => layer.Macs);

    /// <summary>
    /// Bytes of the layers' constants in an int8 file: one a weight, and for each filter or neuron a bias (4), a multiplier (4) and a shift
    /// (4). Batch normalization disappears into the layer before it; file header, golden vectors and tables come on top.
    /// </summary>
    public long Int8Bytes => Place().Where(layer => layer.Macs > 0).Sum(layer => layer.Layer.Weights(layer.Input) + 12L * layer.Output.Channels);

    /// <summary>Length of the output: classes.</summary>
    public int Classes => Place()[^1].Output.Length;

    /// <inheritdoc/>
    public override string ToString() => NetworkText.Write(this);
}

/// <summary>A layer in its network.</summary>
/// <param name="Name">Its own name, or kind and number: conv1.</param>
/// <param name="Layer">The layer.</param>
/// <param name="Sources">Indices of the layers that it reads; -1 for the picture.</param>
/// <param name="Inputs">Sizes of what it reads.</param>
/// <param name="Output">Size of its output.</param>
/// <param name="IsFlat">Whether the output is a vector for good, after a fully connected layer.</param>
public sealed record PlacedLayer(
    string Name, Layer Layer, IReadOnlyList<int> Sources, IReadOnlyList<FeatureShape> Inputs, FeatureShape Output, bool IsFlat)
{
    /// <summary>Size of the first input.</summary>
    public FeatureShape Input => Inputs[0];

    /// <summary>Number of values that are learnt.</summary>
    public long Parameters => Layer.ParameterShapes(Input).Sum(Length);

    /// <summary>Number of values that are measured.</summary>
    public int Statistics => Layer.Statistics(Input);

    /// <summary>Multiply-accumulates for one picture.</summary>
    public long Macs => Layer.Macs(Input);

    /// <summary>Number of values in a tensor of a shape.</summary>
    public static long Length(long[] shape) => shape.Aggregate(1L, (n, d) => n * d);
}
