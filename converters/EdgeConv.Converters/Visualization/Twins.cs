using EdgeConv.Converters.Data;
using EdgeConv.Converters.Graphs;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Converters.Visualization;

/// <summary>A float network and the model file made from it, layer beside layer.</summary>
public sealed class Twins
{
    private readonly InputQuantizer _quantize;
    private readonly int[] _steps;

    /// <summary>Pairs the layers by their names or those of their values.</summary>
    /// <param name="graph">The float network, not fused, with its preprocessing.</param>
    /// <param name="model">Must outlive the pair.</param>
    /// <exception cref="ConversionException">The model was not made from this network.</exception>
    public Twins(Graph graph, Model model)
    {
        PictureInput picture = graph.Picture
            ?? throw new ConversionException($"The network '{graph.Name}' does not say how pictures become its input.");
        PreprocessingRecord record = model.Preprocessing
            ?? throw Different(model, "takes no pictures");
        if (record.Layout != picture.Layout)
        {
            throw Different(model, $"takes pictures as {record.Layout}, the network as {picture.Layout}");
        }

        Float = Fusion.Apply(graph);
        Int8 = model.LayerByLayer();
        Labels = model.Labels.Count > 0 ? model.Labels : graph.Labels;
        _quantize = new InputQuantizer(record);
        _steps = [.. Float.Nodes.Select(node => LayerPairs.StepOf(Int8, node))];
        if (Float.Nodes.FirstOrDefault(node => node.Operation is Conv2D && LayerPairs.StepOf(Int8, node) < 0) is { } stranger)
        {
            throw Different(model, $"has no convolution '{stranger.Name}' of {stranger.Output.Shape.Text()}");
        }

        if (Float.Values()[Float.Output].Length != model.Output.Length)
        {
            throw Different(model, $"has {model.Output.Length} outputs, the network {Float.Values()[Float.Output].Length}");
        }
    }

    /// <summary>The float network, fused as the model is.</summary>
    public Graph Float { get; }

    /// <summary>The model file, layer by layer.</summary>
    public Model Int8 { get; }

    /// <summary>Names of the classes; empty when there are none.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>Indices of the convolutions among the nodes of <see cref="Float"/>.</summary>
    public IEnumerable<int> Convolutions => Float.Nodes.Index().Where(n => n.Item.Operation is Conv2D).Select(n => n.Index);

    /// <summary>The network with preprocessing and class names where its file has none, and the data set's.</summary>
    /// <exception cref="ConversionException">It does not take pictures.</exception>
    public static Graph Completed(Graph graph, IDataSet data) => Converter.Completed(graph, data, new ConversionOptions());

    /// <summary>The operator of a node, or -1.</summary>
    internal int Step(int node) => _steps[node];

    /// <summary>int8 input of picture bytes.</summary>
    internal sbyte[] Quantize(ReadOnlySpan<byte> hwc) => _quantize.Run(hwc);

    private static ConversionException Different(Model model, string what) => new(
        $"The model '{model.Name}' {what}. Name the .ecm that was converted from this network, or none: then one is made.");
}
