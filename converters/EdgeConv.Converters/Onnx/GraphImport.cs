using EdgeConv.Converters.Graphs;

namespace EdgeConv.Converters.Onnx;

/// <summary>An activation while importing: what it is in our graph, and how ONNX sees it.</summary>
/// <param name="Value">Name and shape in our graph: [1, H, W, C] or [1, C].</param>
/// <param name="OnnxShape">[1, C, H, W] or [1, C].</param>
/// <param name="FlattenedFrom">
/// Set on a [1, C] whose elements are in HWC order while ONNX has them in CHW order; constants that meet it are permuted.
/// </param>
internal sealed record ImportedValue(Value Value, IReadOnlyList<int> OnnxShape, ImageShape? FlattenedFrom)
{
    /// <summary>The picture's size.</summary>
    /// <exception cref="UnsupportedNodeException">The value is no picture.</exception>
    public ImageShape Image => OnnxShape.Count == 4
        ? new ImageShape(OnnxShape[2], OnnxShape[3], OnnxShape[1])
        : throw new UnsupportedNodeException($"its input has the shape {OnnxShape.Text()}; [1, C, H, W] is supported");

    /// <summary>Length of a row.</summary>
    /// <exception cref="UnsupportedNodeException">The value is no row.</exception>
    public int Features => OnnxShape.Count == 2
        ? OnnxShape[1]
        : throw new UnsupportedNodeException($"its input has the shape {OnnxShape.Text()}; [1, C] is supported");
}

/// <summary>What is known while a file is being imported: constants, activations, and the layers made so far.</summary>
internal sealed class GraphImport
{
    private readonly Dictionary<string, OnnxConstant> _constants = [];
    private readonly Dictionary<string, ImportedValue> _activations = [];
    private readonly HashSet<string> _unknown = [];

    /// <summary>The layers made so far.</summary>
    public List<Node> Nodes { get; } = [];

    /// <summary>The constant of that name, or null.</summary>
    public OnnxConstant? Constant(string name) => _constants.GetValueOrDefault(name);

    /// <summary>The activation of that name, or null.</summary>
    public ImportedValue? Activation(string name) => _activations.GetValueOrDefault(name);

    /// <summary>Whether the name belongs to a node that could not be imported.</summary>
    public bool IsUnknown(string name) => _unknown.Contains(name);

    /// <summary>Whether anything has that name.</summary>
    public bool IsTaken(string name) => _constants.ContainsKey(name) || _activations.ContainsKey(name) || _unknown.Contains(name);

    /// <summary>Names a constant.</summary>
    public void Define(string name, OnnxConstant constant) => _constants[name] = constant;

    /// <summary>Names an activation; a second name for the same one does no harm.</summary>
    public void Define(string name, ImportedValue value) => _activations[name] = value;

    /// <summary>Notes that a name could not be computed, so that its readers are not blamed.</summary>
    public void DefineUnknown(string name) => _unknown.Add(name);
}
