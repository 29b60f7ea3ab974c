namespace EdgeConv.Trainer.Networks;

/// <summary>A network as a list of layers. What torch trains, what the converter receives and the printed table derive from it.</summary>
/// <param name="Name">The name that the user types.</param>
/// <param name="Input">Size of the input pictures.</param>
/// <param name="Layers">In order.</param>
public sealed record NetworkDescription(string Name, FeatureShape Input, IReadOnlyList<Layer> Layers)
{
    /// <summary>The layers with their names, sizes and counts.</summary>
    /// <exception cref="TrainingException">A layer does not fit; the message names it.</exception>
    public IReadOnlyList<PlacedLayer> Place()
    {
        var placed = new List<PlacedLayer>(Layers.Count);
        var counts = new Dictionary<string, int>();
        FeatureShape shape = Input;
        foreach (Layer layer in Layers)
        {
            int number = counts[layer.Kind] = counts.GetValueOrDefault(layer.Kind) + 1;
            string name = $"{layer.Kind}{number}";
            try
            {
                placed.Add(new PlacedLayer(name, layer, shape, shape = layer.Output(shape)));
            }
            catch (TrainingException e)
            {
                throw new TrainingException($"{Name}, layer {name}: {e.Message}", e);
            }
        }
        return placed;
    }

    /// <summary>Number of values that are learnt.</summary>
    public long Parameters => Place().Sum(layer => layer.Parameters);

    /// <summary>Multiply-accumulates for one picture.</summary>
    public long Macs => Place().Sum(layer => layer.Macs);
}

/// <summary>A layer in its network.</summary>
/// <param name="Name">Kind and number: conv1.</param>
/// <param name="Layer">The layer.</param>
/// <param name="Input">Size of its input.</param>
/// <param name="Output">Size of its output.</param>
public sealed record PlacedLayer(string Name, Layer Layer, FeatureShape Input, FeatureShape Output)
{
    /// <summary>Number of values that are learnt.</summary>
    public long Parameters => Layer.ParameterShapes(Input).Sum(shape => shape.Aggregate(1L, (n, d) => n * d));

    /// <summary>Multiply-accumulates for one picture.</summary>
    public long Macs => Layer.Macs(Input);
}
