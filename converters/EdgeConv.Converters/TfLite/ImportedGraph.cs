using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Quantization;
using EdgeConv.Converters.TfLite.Schema;
using EdgeConv.Runtime;

namespace EdgeConv.Converters.TfLite;

/// <summary>The network while it is taken over: what each of the file's tensors has become.</summary>
internal sealed class ImportedGraph(TfLiteModel model, int input)
{
    private const int LargestValue = 1 << 28, MostDimensions = 4;

    private readonly Dictionary<int, QuantizedValue> _values = [];
    private readonly HashSet<int> _unknown = [];
    private readonly UniqueNames _layers = new();
    private readonly UniqueNames _added = Taken(model);

    /// <summary>Layers so far.</summary>
    public List<QuantizedNode> Nodes { get; } = [];

    /// <summary>Where constants are taken from.</summary>
    public FlatFile File => model.File;

    /// <summary>The file's tensors.</summary>
    public IReadOnlyList<TfLiteTensor> Tensors => model.Tensors;

    /// <summary>The value that the caller supplies; known once a float input has been quantized.</summary>
    public QuantizedValue? Input { get; private set; }

    /// <summary>The file's tensor that the caller writes.</summary>
    public int InputTensor => input;

    /// <summary>Takes the file's input as it is.</summary>
    public void DefineInput(QuantizedValue value) => (Input, _values[InputTensor]) = (value, value);

    /// <summary>Takes a quantized tensor for the network's input; the float one in front of it is gone.</summary>
    public void DefineInput(int tensor, QuantizedValue value)
    {
        Input ??= value;
        if (Input.Quantization != value.Quantization || Input.Type != value.Type)
        {
            throw new UnsupportedOperatorException("the float input is quantized in two ways; one is supported");
        }

        _values[tensor] = Input;
    }

    /// <summary>A tensor's value; null where nothing has computed it.</summary>
    public QuantizedValue? Value(int tensor) => _values.GetValueOrDefault(tensor);

    /// <summary>Notes what a tensor has become.</summary>
    public void Define(int tensor, QuantizedValue value)
    {
        if (!_values.TryAdd(tensor, value))
        {
            throw new UnsupportedOperatorException($"it writes '{model.Tensors[tensor].Name}', which is written already");
        }
    }

    /// <summary>Notes that a tensor cannot be known, since its operator is not supported.</summary>
    public void DefineUnknown(int tensor) => _unknown.Add(tensor);

    /// <summary>Whether a tensor comes from an operator that is not supported.</summary>
    public bool IsUnknown(int tensor) => _unknown.Contains(tensor);

    /// <summary>A name for a layer, from the tensor that it writes: TensorFlow joins the names of what it has fused with semicolons.</summary>
    public string LayerName(string output) => _layers.Add(output.Split(';')[0], output);

    /// <summary>A name for a value that the file does not have.</summary>
    public string Unused(string name) => _added.Add(name, name);

    /// <summary>A tensor as an activation of this project.</summary>
    /// <exception cref="UnsupportedOperatorException">It is none.</exception>
    public static QuantizedValue Activation(TfLiteTensor tensor)
    {
        (ElementType type, int shift) = tensor.Type switch
        {
            TensorType.Int8 => (ElementType.Int8, 0),
            TensorType.UInt8 => (ElementType.Int8, 1 << 7),   // the same steps, counted from -128
            TensorType.Int16 => (ElementType.Int16, 0),
            _ => throw new UnsupportedOperatorException($"'{tensor.Name}' is {tensor.Type}; int8 and int16 are supported"),
        };
        if (tensor.Oddity is { } oddity)
        {
            throw new UnsupportedOperatorException($"'{tensor.Name}' {oddity}");
        }

        if (tensor.Scales is not [var scale] || !float.IsFinite(scale) || scale <= 0 || tensor.ZeroPoints.Length > 1)
        {
            throw new UnsupportedOperatorException($"'{tensor.Name}' has the scales {tensor.Scales.Take(3).Text()}; one positive scale is "
                + "supported");
        }

        long zeroPoint = tensor.ZeroPoint - shift;
        (int least, int most) = type == ElementType.Int16 ? (0, 0) : (sbyte.MinValue, sbyte.MaxValue);
        return zeroPoint >= least && zeroPoint <= most
            ? new QuantizedValue(tensor.Name, Shape(tensor), new ActivationQuantization(scale, (int)zeroPoint)) { Type = type }
            : throw new UnsupportedOperatorException($"'{tensor.Name}' has the zero point {tensor.ZeroPoint}; "
                + $"{least + shift} to {most + shift} is supported");
    }

    /// <summary>A shape with one to four dimensions; one of more becomes a row, which only reshapes and transposes look into.</summary>
    public static int[] Shape(TfLiteTensor tensor) => tensor.Shape.All(d => d >= 1) && tensor.Length <= LargestValue
        ? tensor.Shape.Length switch { 0 => [1], <= MostDimensions => tensor.Shape, _ => [1, tensor.Length] }
        : throw new UnsupportedOperatorException($"'{tensor.Name}' has the shape {tensor.Shape.Text()}; fixed sizes of 1 and more, and at "
            + $"most {LargestValue} elements, are supported");

    private static UniqueNames Taken(TfLiteModel model)
    {
        var names = new UniqueNames();
        foreach (TfLiteTensor tensor in model.Tensors)
        {
            names.Add(tensor.Name, tensor.Name);
        }

        return names;
    }
}
