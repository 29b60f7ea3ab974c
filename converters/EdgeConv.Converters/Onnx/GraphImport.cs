using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Quantization;

namespace EdgeConv.Converters.Onnx;

/// <summary>What is known while a file is being imported: constants, activations, and the layers made so far.</summary>
/// <param name="names">Every name that the file itself uses.</param>
/// <param name="fileBytes">Length of the file, with those that have its weights.</param>
internal sealed class GraphImport(HashSet<string> names, long fileBytes)
{
    private const int FreeElements = 1 << 14;

    private long _computed;
    private readonly Dictionary<(string Input, string Kind), ImportedValue> _inserted = [];
    private readonly Dictionary<string, OnnxConstant> _constants = [];
    private readonly Dictionary<string, ImportedValue> _activations = [];
    private readonly HashSet<string> _unknown = [];

    /// <summary>The layers made so far.</summary>
    public List<Node> Nodes { get; } = [];

    /// <summary>Scales and zero points of our values, as far as the file gives them.</summary>
    public Dictionary<string, ActivationQuantization> Given { get; } = [];

    /// <summary>Nodes that quantize dynamically.</summary>
    public int DynamicNodes { get; set; }

    /// <summary>The constant of that name, or null.</summary>
    public OnnxConstant? Constant(string name) => _constants.GetValueOrDefault(name);

    /// <summary>The activation of that name, or null.</summary>
    public ImportedValue? Activation(string name) => _activations.GetValueOrDefault(name);

    /// <summary>What was put behind an input before, or null.</summary>
    public ImportedValue? Inserted(string input, string kind) => _inserted.GetValueOrDefault((input, kind));

    /// <summary>Notes what was put behind an input.</summary>
    public void Insert(string input, string kind, ImportedValue value) => _inserted[(input, kind)] = value;

    /// <summary>A name that nothing has and nothing in the file will have.</summary>
    public string Unused(string name)
    {
        while (IsTaken(name) || !names.Add(name))
        {
            name += "'";
        }

        return name;
    }

    /// <summary>Whether the name belongs to a node that could not be imported.</summary>
    public bool IsUnknown(string name) => _unknown.Contains(name);

    /// <summary>Whether anything has that name.</summary>
    public bool IsTaken(string name) => _constants.ContainsKey(name) || _activations.ContainsKey(name) || _unknown.Contains(name);

    /// <summary>Names a constant.</summary>
    public void Define(string name, OnnxConstant constant) => _constants[name] = constant;

    /// <summary>Names a constant that a node computed. A few nodes that repeat and join constants could make any number of elements.</summary>
    /// <exception cref="UnsupportedNodeException">All that were computed have more elements than the file has bytes.</exception>
    public void DefineComputed(string name, OnnxConstant constant)
    {
        _computed += constant.Length;
        if (_computed > FreeElements + fileBytes)
        {
            throw new UnsupportedNodeException($"constants with {_computed} elements are computed from a file of {fileBytes} bytes");
        }

        Define(name, constant);
    }

    /// <summary>Names an activation; a second name for the same one does no harm.</summary>
    public void Define(string name, ImportedValue value) => _activations[name] = value;

    /// <summary>Notes that a name could not be computed, so that its readers are not blamed.</summary>
    public void DefineUnknown(string name) => _unknown.Add(name);
}
