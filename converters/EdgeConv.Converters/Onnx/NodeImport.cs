using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Onnx.Proto;
using EdgeConv.Converters.Quantization;

namespace EdgeConv.Converters.Onnx;

/// <summary>One ONNX node as an import function sees it: typed inputs and attributes in, layers out.</summary>
internal sealed class NodeImport(NodeProto node, string name, int opset, GraphImport graph)
{
    private readonly HashSet<string> _attributesRead = [];
    private readonly List<ImportedValue> _integers = [];
    private bool _isUnscaled, _isScaled;

    /// <summary>Version of ONNX's operator set that the file asks for.</summary>
    public int Opset => opset;

    /// <summary>The ONNX operator.</summary>
    public string Operator => node.OpType;

    /// <summary>Number of inputs, absent ones at the end not counted.</summary>
    public int InputCount => node.Input.Count;

    /// <summary>Number of results.</summary>
    public int OutputCount => node.Output.Count;

    /// <summary>Whether an optional input is there.</summary>
    public bool Has(int input) => input < node.Input.Count && node.Input[input].Length > 0;

    /// <summary>Whether an input is a constant.</summary>
    public bool IsConstant(int input) => Has(input) && graph.Constant(node.Input[input]) is not null;

    /// <summary>What has been imported before this node.</summary>
    public GraphImport Graph => graph;

    /// <summary>The node's name.</summary>
    public string Name => name;

    /// <summary>The node as the file has it.</summary>
    public NodeProto Proto => node;

    /// <summary>An input that must be an activation. Integers are left to those operators that keep them as they are.</summary>
    public ImportedValue Activation(int input)
    {
        ImportedValue value = Found(input);
        if (value.Form != IntegerForm.None)
        {
            if (!OnnxOperators.KeepIntegers.Contains(node.OpType))
            {
                throw new UnsupportedNodeException($"input {input} '{node.Input[input]}' holds integers; a DequantizeLinear in front of it is supported");
            }

            _integers.Add(value);
        }

        if (value.IsUnscaled && node.OpType is not ("Cast" or "Mul" or "Reshape" or "Identity"))
        {
            throw new UnsupportedNodeException($"input {input} '{node.Input[input]}' was not multiplied by the scale of its dynamic quantization");
        }

        _isUnscaled |= value.IsUnscaled;
        return value.As(IntegerForm.None);
    }

    /// <summary>An input that must be an activation, in whatever form the file has it.</summary>
    public ImportedValue Found(int input) => Has(input) && graph.Activation(node.Input[input]) is { } value
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

    /// <summary>An input that must be a picture; dimensions that ONNX has in the order in which we store them are transposed.</summary>
    public ImportedValue Picture(int input)
    {
        ImportedValue value = Activation(input);
        return !value.IsAsStored || value.ViewOf is not null || value.OnnxShape is not [_, var c, var h, var w] ? value
            : Insert("nhwc", c == 1 || h * w == 1 ? new Reshape() : new Transpose([0, 2, 3, 1]), value, [1, h, w, c],
                v => new ImportedValue(v, value.OnnxShape));
    }

    /// <summary>The same value with its elements in ONNX's order, for what mixes rows, columns and channels.</summary>
    public ImportedValue InOnnxOrder(ImportedValue value)
    {
        if (value.InOnnxOrder)
        {
            return value;
        }

        ImageShape image = value.FlattenedFrom ?? value.Image;
        ImportedValue picture = value.FlattenedFrom is null ? value
            : Insert("picture", new Reshape(), value, [1, image.Height, image.Width, image.Channels],
                v => new ImportedValue(v, [1, image.Channels, image.Height, image.Width]));
        ImportedValue ordered = Insert("nchw", new Transpose([0, 3, 1, 2]), picture, [1, image.Channels, image.Height, image.Width],
            v => new ImportedValue(v, picture.OnnxShape) { IsAsStored = true });
        return value.FlattenedFrom is null ? ordered
            : Insert("row", new Reshape(), ordered, [1, image.Length], v => new ImportedValue(v, value.OnnxShape));
    }

    /// <summary>What the network gives back: a picture stays NHWC, a row that was flattened gets ONNX's order.</summary>
    public ImportedValue AsOutput(ImportedValue value) =>
        value.Source.OnnxShape.Count == 4 && value.ViewOf is null ? value : InOnnxOrder(value.Source);

    /// <summary>Adds a layer that keeps the input's shape and order.</summary>
    public void EmitElementwise(Operation operation, ImportedValue input)
    {
        ImportedValue source = input.Source;
        Value output = Add(name, node.Output[0], operation, [source], source.Value.Shape);
        ImportedValue result = source with { Value = output };
        Alias(input.ViewOf is null ? result : input with { Value = output, ViewOf = result });
    }

    /// <summary>Adds a layer whose result has the given ONNX shape ([1, C, H, W] or [1, C]), and names that result.</summary>
    public void Emit(Operation operation, ImportedValue input, IReadOnlyList<int> onnxShape, ImageShape? flattenedFrom = null) =>
        Emit(operation, [input], onnxShape.Count == 4 ? [onnxShape[0], onnxShape[2], onnxShape[3], onnxShape[1]] : [.. onnxShape],
            value => new ImportedValue(value, onnxShape, flattenedFrom));

    /// <summary>Adds a layer and names its result.</summary>
    /// <param name="operation">The layer.</param>
    /// <param name="inputs">What it reads.</param>
    /// <param name="shape">What it writes, NHWC.</param>
    /// <param name="describe">How ONNX sees the result.</param>
    public void Emit(
        Operation operation, IReadOnlyList<ImportedValue> inputs, IReadOnlyList<int> shape, Func<Value, ImportedValue> describe) =>
        Alias(describe(Add(name, node.Output[0], operation, inputs, shape)));

    /// <summary>Adds a layer for one of several results and names that result; nothing where the file does not.</summary>
    public void EmitOutput(int output, Operation operation, ImportedValue input, IReadOnlyList<int> shape, Func<Value, ImportedValue> describe)
    {
        if (node.Output[output].Length > 0)
        {
            string layer = output == 0 ? name : graph.Unused($"{name}.{output}");
            graph.Define(node.Output[output], describe(Add(layer, node.Output[output], operation, [input], shape)));
        }
    }

    /// <summary>Adds a layer that the file does not have, in front of this one.</summary>
    public ImportedValue Intermediate(
        string suffix, Operation operation, IReadOnlyList<ImportedValue> inputs, IReadOnlyList<int> shape, Func<Value, ImportedValue> describe)
    {
        string inserted = graph.Unused($"{name}.{suffix}");
        return describe(Add(inserted, inserted, operation, inputs, shape));
    }

    /// <summary>Adds a layer that the file does not have, between an input and this node; a second one of that kind is the first.</summary>
    public ImportedValue Insert(
        string suffix, Operation operation, ImportedValue input, IReadOnlyList<int> shape, Func<Value, ImportedValue> describe) =>
        Insert(suffix, operation, [input], shape, describe);

    /// <summary>The same for a layer of several inputs; the first one names it.</summary>
    public ImportedValue Insert(string suffix, Operation operation, IReadOnlyList<ImportedValue> inputs, IReadOnlyList<int> shape,
        Func<Value, ImportedValue> describe)
    {
        string first = inputs[0].Value.Name;
        if (graph.Inserted(first, suffix) is { } known)
        {
            return known;
        }

        string inserted = graph.Unused($"{first}.{suffix}");
        ImportedValue result = describe(Add(inserted, inserted, operation, inputs, shape));
        graph.Insert(first, suffix, result);
        return result;
    }

    private Value Add(string layer, string output, Operation operation, IReadOnlyList<ImportedValue> inputs, IReadOnlyList<int> shape)
    {
        if (shape.Any(d => d < 1) || shape[0] != 1 || shape.Aggregate(1L, (n, d) => Math.Min(n * d, int.MaxValue)) == int.MaxValue)
        {
            throw new UnsupportedNodeException($"its result would have the shape {shape.Text()} "
                + $"({string.Join(", ", inputs.Select(i => $"input {i.OnnxShape.Text()}"))})");
        }

        var value = new Value(output, shape);
        graph.Nodes.Add(new Node(layer, operation, [.. inputs.Select(i => i.Value.Name)], value));
        return value;
    }

    /// <summary>Gives an existing activation the name of this node's result.</summary>
    public void Alias(ImportedValue value)
    {
        if (_integers.Count > 0)
        {
            KeepIntegers(value);
        }

        IntegerForm form = _integers.Count > 0 ? _integers[0].Form : value.Form;
        graph.Define(node.Output[0], value.As(form, value.IsUnscaled || (_isUnscaled && !_isScaled)));
    }

    /// <summary>Notes that this node multiplies with the scale of a dynamic quantization.</summary>
    public void Scale()
    {
        if (!_isUnscaled)
        {
            throw new UnsupportedNodeException("the scale of a dynamic quantization is used for something else than its integers");
        }

        _isScaled = true;
    }

    // Integers that are chosen or moved stand for the same real numbers as before.
    private void KeepIntegers(ImportedValue result)
    {
        ImportedValue first = _integers[0];
        bool known = graph.Given.TryGetValue(first.Value.Name, out ActivationQuantization scale);
        bool alike = _integers.TrueForAll(v => v.Form == first.Form
            && known == graph.Given.TryGetValue(v.Value.Name, out ActivationQuantization q) && q == scale);
        if (!alike)
        {
            throw new UnsupportedNodeException("its integers are at different scales; the same scale, zero point and type are supported");
        }

        if (known)
        {
            graph.Given.TryAdd(result.Value.Name, scale);
        }
    }

    /// <summary>Names a constant or an activation.</summary>
    public void Alias((OnnxConstant? Constant, ImportedValue? Value) result)
    {
        if (result.Constant is { } constant)
        {
            Define(constant);
        }
        else
        {
            Alias(result.Value!);
        }
    }

    /// <summary>Names a constant that this node computed.</summary>
    public void Define(OnnxConstant constant) => graph.DefineComputed(node.Output[0], constant);

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
