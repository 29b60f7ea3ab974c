using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Onnx.Proto;

namespace EdgeConv.Converters.Onnx;

/// <summary>One ONNX node as an import function sees it: typed inputs and attributes in, layers out.</summary>
internal sealed class NodeImport(NodeProto node, string name, int opset, GraphImport graph)
{
    private readonly HashSet<string> _attributesRead = [];

    /// <summary>Version of ONNX's operator set that the file asks for.</summary>
    public int Opset => opset;

    /// <summary>The ONNX operator.</summary>
    public string Operator => node.OpType;

    /// <summary>Number of inputs, absent ones at the end not counted.</summary>
    public int InputCount => node.Input.Count;

    /// <summary>Whether an optional input is there.</summary>
    public bool Has(int input) => input < node.Input.Count && node.Input[input].Length > 0;

    /// <summary>Whether an input is a constant.</summary>
    public bool IsConstant(int input) => Has(input) && graph.Constant(node.Input[input]) is not null;

    /// <summary>An input that must be an activation.</summary>
    public ImportedValue Activation(int input) => Has(input) && graph.Activation(node.Input[input]) is { } value
        ? value
        : throw new UnsupportedNodeException(IsConstant(input)
            ? $"input {input} is a constant; an activation is supported"
            : $"input {input} {(Has(input) ? $"'{node.Input[input]}' is not written by a node before it" : "is missing")}");

    /// <summary>An input that must be a constant.</summary>
    public OnnxConstant Constant(int input) => Has(input) && graph.Constant(node.Input[input]) is { } constant
        ? constant
        : throw new UnsupportedNodeException(
            $"input {input} {(Has(input) ? $"'{node.Input[input]}' is not a constant; a constant is supported" : "is missing")}");

    /// <summary>A constant input with exactly that many float elements.</summary>
    public float[] Floats(int input, int length)
    {
        OnnxConstant constant = Constant(input);
        return constant.Length == length
            ? constant.Floats()
            : throw new UnsupportedNodeException($"input {input} has {constant.Length} values; {length} are expected");
    }

    /// <summary>A whole number attribute.</summary>
    public long Int(string attribute, long otherwise) => Find(attribute) is { } a ? a.I : otherwise;

    /// <summary>A float attribute.</summary>
    public float Float(string attribute, float otherwise) => Find(attribute) is { } a ? a.F : otherwise;

    /// <summary>A text attribute.</summary>
    public string Text(string attribute, string otherwise) => Find(attribute) is { } a ? a.S.ToStringUtf8() : otherwise;

    /// <summary>A list of whole numbers, or null.</summary>
    public long[]? Ints(string attribute) => Find(attribute) is { } a ? [.. a.Ints] : null;

    /// <summary>A list of floats, or null.</summary>
    public float[]? FloatList(string attribute) => Find(attribute) is { } a ? [.. a.Floats] : null;

    /// <summary>A tensor, or null.</summary>
    public TensorProto? Tensor(string attribute) => Find(attribute)?.T;

    /// <summary>Reads an attribute that has one supported value.</summary>
    public void Require(string attribute, long supported, long otherwise)
    {
        long found = Int(attribute, otherwise);
        if (found != supported)
        {
            throw new UnsupportedNodeException($"attribute {attribute} = {found}; {supported} is supported");
        }
    }

    /// <summary>Reads an attribute whose value does not matter to inference.</summary>
    public void Ignore(string attribute) => Find(attribute);

    /// <summary>Adds a layer that keeps the input's shape and order.</summary>
    public void EmitElementwise(Operation operation, ImportedValue input) => Emit(operation, input, input.OnnxShape, input.FlattenedFrom);

    /// <summary>Adds a layer whose result has the given ONNX shape ([1, C, H, W] or [1, C]), and names that result.</summary>
    public void Emit(Operation operation, ImportedValue input, IReadOnlyList<int> onnxShape, ImageShape? flattenedFrom = null)
    {
        int[] shape = onnxShape.Count == 4 ? [onnxShape[0], onnxShape[2], onnxShape[3], onnxShape[1]] : [.. onnxShape];
        if (shape.Any(d => d < 1) || shape.Aggregate(1L, (n, d) => Math.Min(n * d, int.MaxValue)) == int.MaxValue)
        {
            throw new UnsupportedNodeException(
                $"its result would have the shape {onnxShape.Text()} (input {input.OnnxShape.Text()})");
        }

        var output = new Value(node.Output[0], shape);
        graph.Nodes.Add(new Node(name, operation, [input.Value.Name], output));
        graph.Define(output.Name, new ImportedValue(output, onnxShape, flattenedFrom));
    }

    /// <summary>Gives an existing activation the name of this node's result.</summary>
    public void Alias(ImportedValue value) => graph.Define(node.Output[0], value);

    /// <summary>Names a constant that this node computed.</summary>
    public void Define(OnnxConstant constant) => graph.Define(node.Output[0], constant);

    /// <summary>Passes input 0 on, whatever it is.</summary>
    public void PassOn()
    {
        if (IsConstant(0))
        {
            Define(Constant(0));
        }
        else
        {
            Alias(Activation(0));
        }
    }

    /// <summary>Refuses attributes that no import function looked at: ignoring one would change the result.</summary>
    public void RefuseUnreadAttributes()
    {
        if (node.Attribute.FirstOrDefault(a => !_attributesRead.Contains(a.Name)) is { } unread)
        {
            throw new UnsupportedNodeException($"attribute {unread.Name} is not supported");
        }
    }

    private AttributeProto? Find(string attribute)
    {
        _attributesRead.Add(attribute);
        return node.Attribute.FirstOrDefault(a => a.Name == attribute);
    }
}
