using EdgeConv.Converters.Quantization;
using EdgeConv.Converters.TfLite.Arithmetic;
using EdgeConv.Converters.TfLite.Schema;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Converters.TfLite;

/// <summary>One operator as an import function sees it: checked inputs and attributes in, layers out.</summary>
internal sealed class OperatorImport(TfLiteOperator op, ImportedGraph graph)
{
    private string? _name;

    /// <summary>Number of inputs.</summary>
    public int InputCount => op.Inputs.Length;

    /// <summary>TFLite's name of the operator.</summary>
    public string Kind => op.Kind;

    /// <summary>Whether an input is there.</summary>
    public bool Has(int input) => input < op.Inputs.Length && op.Inputs[input] >= 0;

    /// <summary>An input as the file describes it.</summary>
    public TfLiteTensor Tensor(int input) => Has(input)
        ? graph.Tensors[op.Inputs[input]]
        : throw new UnsupportedOperatorException($"input {input} is missing");

    /// <summary>The one output as the file describes it.</summary>
    public TfLiteTensor Output => op.Outputs is [>= 0 and var output]
        ? graph.Tensors[output]
        : throw new UnsupportedOperatorException($"it has {op.Outputs.Length} outputs; one is supported");

    /// <summary>Every output as the file describes it.</summary>
    public IReadOnlyList<TfLiteTensor> Outputs => op.Outputs.All(o => o >= 0)
        ? [.. op.Outputs.Select(o => graph.Tensors[o])]
        : throw new UnsupportedOperatorException("an output is missing");

    /// <summary>The one output as an activation.</summary>
    public QuantizedValue Result => ImportedGraph.Activation(Output);

    /// <summary>One of several outputs as an activation.</summary>
    public QuantizedValue ResultAt(int output) => ImportedGraph.Activation(Outputs[output]);

    /// <summary>Whether this operator reads the network's input.</summary>
    public bool ReadsInput => Has(0) && op.Inputs[0] == graph.InputTensor;

    /// <summary>An input that must be an activation.</summary>
    public QuantizedValue Activation(int input)
    {
        TfLiteTensor tensor = Tensor(input);
        return tensor.Type == TensorType.UInt8
            ? throw new UnsupportedOperatorException($"'{tensor.Name}' is UInt8 (the quantization of TensorFlow 1); int8 and int16 are "
                + "supported. Quantize the network again with a current converter")
            : Steps(input);
    }

    /// <summary>An input that must be an activation, unsigned ones counted from -128.</summary>
    public QuantizedValue Steps(int input)
    {
        TfLiteTensor tensor = Tensor(input);
        return tensor.IsFloat
            ? throw new UnsupportedOperatorException($"input {input} '{tensor.Name}' is {tensor.Type}; int8 and int16 are supported")
            : graph.Value(op.Inputs[input]) ?? throw new UnsupportedOperatorException(tensor.IsConstant
                ? $"input {input} '{tensor.Name}' is a constant; an activation is supported"
                : $"input {input} '{tensor.Name}' is not written by an operator before it");
    }

    /// <summary>Whether an input is a constant.</summary>
    public bool IsConstant(int input) => Tensor(input).IsConstant;

    /// <summary>An input that must be a constant.</summary>
    public ConstantInput Constant(int input)
    {
        TfLiteTensor tensor = Tensor(input);
        return tensor.IsConstant
            ? new ConstantInput(tensor, graph.File)
            : throw new UnsupportedOperatorException($"input {input} '{tensor.Name}' is not a constant"
                + $"{(tensor.Oddity is { } oddity ? $" ({oddity})" : "")}; a constant is supported");
    }

    /// <summary>A whole number attribute.</summary>
    public int Int(int field, int otherwise = 0) => op.Options?.Int(field, otherwise) ?? otherwise;

    /// <summary>A float attribute.</summary>
    public float Float(int field, float otherwise = 0) => op.Options?.Float(field, otherwise) ?? otherwise;

    /// <summary>An attribute that is a truth value.</summary>
    public bool Bool(int field) => op.Options?.Bool(field) ?? false;

    /// <summary>An attribute that is an enumeration.</summary>
    public int Enumeration(int field) => op.Options?.Byte(field) ?? 0;

    /// <summary>The fused activation.</summary>
    public FusedActivation Fused(int field) => Enumeration(field) is var number && number is >= 0 and <= (int)FusedActivation.Relu6
        ? (FusedActivation)number
        : throw new UnsupportedOperatorException($"fused activation {(FusedActivation)number}; none, RELU, RELU6 and RELU_N1_TO_1 are "
            + "supported");

    /// <summary>Adds the layer that gives this operator's result.</summary>
    public void Emit(QuantizedOperation operation, params IReadOnlyList<QuantizedValue> inputs) => Emit(operation, inputs, Result);

    /// <summary>Adds the layer that gives a value.</summary>
    public void Emit(QuantizedOperation operation, IReadOnlyList<QuantizedValue> inputs, QuantizedValue output)
    {
        Add(operation, inputs, output);
        graph.Define(Output.Index, output);
    }

    /// <summary>Adds the layer that gives this operator's result, with the activation that is fused into it.</summary>
    /// <param name="range">Of the activation.</param>
    /// <param name="make">The layer with a range that it clamps to.</param>
    /// <param name="inputs">What it reads.</param>
    public void EmitFused(FusedRange range, Func<FusedRange, QuantizedOperation> make, params IReadOnlyList<QuantizedValue> inputs)
    {
        // A clamp that this project's graph cannot fuse comes behind the layer: it clamps the same integers.
        if (range.Fused == FusedActivation.ReluN1To1)
        {
            QuantizedValue result = Result;
            EmitClamp(range, Insert("unclamped", make(FusedRange.Of(FusedActivation.None, result)), inputs, result));
        }
        else
        {
            Emit(make(range), inputs);
        }
    }

    /// <summary>Adds the layer that clamps a value to this operator's result.</summary>
    public void EmitClamp(FusedRange range, QuantizedValue value) => Emit(value.Type == ElementType.Int8
        ? new QuantizedTable(UnaryTable.Of(q => Math.Clamp(q, range.Min, range.Max)), range.Function)
        : new QuantizedRequantize(QuantizedMultiplier.From(1), range.Min, range.Max), value);

    /// <summary>
    /// Adds a layer that moves steps without looking at their meaning. TFLite does so even where input and output name slightly
    /// different scales; here the layer keeps the input's and a reshape gives the same steps the new name.
    /// </summary>
    public void EmitMoving(QuantizedOperation operation, params IReadOnlyList<QuantizedValue> inputs)
    {
        QuantizedValue result = Result;
        ActivationQuantization scale = inputs[0].Quantization;
        IReadOnlyList<QuantizedValue> alike = [.. inputs.Select(i => i.Quantization == scale ? i : Insert("steps", new QuantizedReshape(), i,
            i with { Quantization = scale }))];
        if (scale == result.Quantization)
        {
            Emit(operation, alike, result);
        }
        else
        {
            Emit(new QuantizedReshape(), Insert("steps", operation, alike, result with { Quantization = scale }));
        }
    }

    /// <summary>Adds a layer that moves steps to one of several outputs, where it may have another shape and scale than the file says.</summary>
    public void EmitMovingTo(int output, QuantizedOperation operation, IReadOnlyList<int> shape, QuantizedValue input)
    {
        QuantizedValue result = ResultAt(output);
        bool same = shape.SequenceEqual(result.Shape) && input.Quantization == result.Quantization;
        QuantizedValue source = same ? input
            : Insert("steps", operation, input, result with { Shape = shape, Quantization = input.Quantization });
        graph.Nodes.Add(new QuantizedNode(graph.LayerName(result.Name), same ? operation : new QuantizedReshape(), [source.Name], result));
        graph.Define(Outputs[output].Index, result);
    }

    /// <summary>Adds a layer that the file does not have.</summary>
    public QuantizedValue Insert(string suffix, QuantizedOperation operation, QuantizedValue input, QuantizedValue output) =>
        Insert(suffix, operation, [input], output);

    /// <summary>Adds a layer that the file does not have.</summary>
    public QuantizedValue Insert(string suffix, QuantizedOperation operation, IReadOnlyList<QuantizedValue> inputs, QuantizedValue output)
    {
        string name = graph.Unused($"{output.Name}.{suffix}");
        QuantizedValue value = output with { Name = name };
        graph.Nodes.Add(new QuantizedNode(graph.LayerName(name), operation, [.. inputs.Select(i => i.Name)], value));
        return value;
    }

    /// <summary>The same steps under another shape; the value itself where it has that shape.</summary>
    public QuantizedValue Reshaped(QuantizedValue value, IReadOnlyList<int> shape) => value.Shape.SequenceEqual(shape)
        ? value
        : Insert("shape", new QuantizedReshape(), value, value with { Shape = shape });

    /// <summary>The output is another name for an existing value.</summary>
    public void Alias(QuantizedValue value) => graph.Define(Output.Index, value);

    /// <summary>The output is the network's input, quantized.</summary>
    public void AliasInput() => graph.DefineInput(Output.Index, Result);

    private void Add(QuantizedOperation operation, IReadOnlyList<QuantizedValue> inputs, QuantizedValue output) => graph.Nodes.Add(
        new QuantizedNode(_name ??= graph.LayerName(Output.Name), operation, [.. inputs.Select(i => i.Name)], output));
}
