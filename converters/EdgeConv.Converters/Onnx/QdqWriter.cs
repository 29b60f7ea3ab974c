using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Onnx.Proto;
using EdgeConv.Converters.Quantization;
using EdgeConv.Runtime;
using Google.Protobuf;
using static EdgeConv.Converters.Onnx.OnnxBuilder;

namespace EdgeConv.Converters.Onnx;

/// <summary>
/// Writes an int8 network as an ONNX file with QuantizeLinear and DequantizeLinear around every node, by default with float input and output.
/// Activations are uint8 (zero point + 128: ONNX Runtime's int8 kernels are slow on x64) unless asked otherwise, weights int8 per channel, bias int32.
/// ONNX rounds halves to even and requantizes in float, so single steps may differ from ours.
/// </summary>
public static class QdqWriter
{
    private const int ToUnsigned = 128;

    /// <summary>Writes the file whole or not at all.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="ConversionException">Activations are int16.</exception>
    public static void Write(QuantizedGraph graph, string path, QdqForm? form = null) => AtomicFile.Write(path, Build(graph, form).ToByteArray());

    /// <summary>The file as messages.</summary>
    internal static ModelProto Build(QuantizedGraph graph, QdqForm? form = null)
    {
        form ??= new QdqForm();
        if (graph.Nodes.Select(n => n.Output).Prepend(graph.Input).FirstOrDefault(v => v.Type != ElementType.Int8) is { } wide)
        {
            throw new ConversionException($"'{wide.Name}' has int16 activations; the ONNX file is written for int8 ones. Quantize without 16x8.");
        }

        if (graph.Nodes.FirstOrDefault(n => n.Operation is QuantizedMaxPool { Min: not null } or QuantizedMaxPool { Max: not null }
            or QuantizedAveragePool { Min: not null } or QuantizedAveragePool { Max: not null }) is { } clamped)
        {
            throw new ConversionException($"'{clamped.Name}' is a pooling with an activation of its own, which the ONNX files that are written do not have.");
        }

        bool dilatedAverage = graph.Nodes.Any(
            n => n.Operation is QuantizedAveragePool { Window: { DilationH: > 1 } or { DilationW: > 1 } });
        IEnumerable<Activation> functions = graph.Nodes.Select(n => n.Operation).OfType<QuantizedTable>().Select(t => t.Function.Function);
        var builder = new OnnxBuilder(graph.Name, OnnxLayers.OpsetFor(functions, dilatedAverage));
        Dictionary<string, QuantizedValue> values = graph.Nodes.Select(n => n.Output).Prepend(graph.Input).ToDictionary(v => v.Name);
        AddInput(builder, graph.Input, form);
        foreach (QuantizedNode node in graph.Nodes)
        {
            string name = node.Output.Name, real = name == graph.Output ? Float(name) : name;
            Add(builder, node, values, real);
            if (name != graph.Output)
            {
                AddQuantization(builder, node.Output, form, real, Dequantized(name));
            }
        }

        AddOutput(builder, values[graph.Output], form);
        OnnxMetadata.Write(builder.Model, graph.Picture, graph.Labels);
        OnnxMetadata.WriteInt4(builder.Model, [.. graph.Nodes.Where(n => WeightType(n.Operation) == ElementType.Int4).Select(n => n.Name)]);
        return builder.Model;
    }

    private static void Add(OnnxBuilder builder, QuantizedNode node, Dictionary<string, QuantizedValue> values, string y)
    {
        QuantizedValue input = values[node.Inputs[0]];
        (string name, string x) = (node.Name, Dequantized(input.Name));
        switch (node.Operation)
        {
            case QuantizedConv2D c:
                QuantizedWeights w = c.Weights;
                sbyte[] oihw = ConvolutionWeights(w.Weights, c.Window, w.Bias.Length);
                int[] shape = [w.Bias.Length, input.Shape[3] / c.Groups, c.Window.KernelH, c.Window.KernelW];
                builder.Node("Conv", name, [x, .. AddWeights(builder, name, w, oihw, shape, input)],
                    OnnxLayers.BeforeActivation(w.Activation, y), [.. Attributes(c.Window), Attribute("group", c.Groups)]);
                OnnxLayers.AddActivation(builder, w.Activation, w.Bounds, name, y);
                break;
            case QuantizedFullyConnected { Weights: var f }:
                sbyte[] rows = builder.RowOrder(input.Name, f.Weights);
                builder.Node("Gemm", name,
                    [x, .. AddWeights(builder, name, f, rows, [f.Bias.Length, rows.Length / f.Bias.Length], input)],
                    OnnxLayers.BeforeActivation(f.Activation, y), Attribute("transB", 1));
                OnnxLayers.AddActivation(builder, f.Activation, f.Bounds, name, y);
                break;
            case QuantizedMaxPool p:
                builder.Node("MaxPool", name, [x], y, Attributes(p.Window));
                break;
            case QuantizedAveragePool p:
                builder.Node("AveragePool", name, [x], y, [.. Attributes(p.Window), Attribute("count_include_pad", 0)]);
                break;
            case QuantizedTable t:
                OnnxLayers.AddFunction(builder, t.Function, name, x, y);
                builder.SameOrder(input.Name, node.Output.Name);
                break;
            case QuantizedSoftmax:
                builder.Node("Softmax", name, [x], y, Attribute("axis", 1));
                builder.SameOrder(input.Name, node.Output.Name);
                break;
            case QuantizedLogSoftmax:
                builder.Node("LogSoftmax", name, [x], y, Attribute("axis", 1));
                builder.SameOrder(input.Name, node.Output.Name);
                break;
            case QuantizedLrn l:
                builder.Node("LRN", name, [x], y, Attributes(l.Layer));
                break;
            case QuantizedReshape:
                builder.Reshape(name, Plain(input), Plain(node.Output), x, y);
                break;
            case QuantizedTransposeConv t:
                (sbyte[] kernels, int[] kernelShape) = TransposedWeights(t.Weights.Weights, t.Window, t.Weights.Bias.Length);
                builder.Node("ConvTranspose", name, [x, .. AddWeights(builder, name, t.Weights, kernels, kernelShape, input, axis: 1)],
                    OnnxLayers.BeforeActivation(t.Weights.Activation, y), TransposedAttributes(t.Window, Plain(input), Plain(node.Output)));
                OnnxLayers.AddActivation(builder, t.Weights.Activation, t.Weights.Bounds, name, y);
                break;
            case QuantizedArithmetic a:
                string? constant = a.Other is { } other ? AddConstant(builder, $"{name}.other", input.Name, other) : null;
                OnnxLayers.AddArithmetic(builder, new Arithmetic(a.Function, null, a.Activation) { Bounds = a.Bounds }, name, (Plain(input), x),
                    (constant is null ? Plain(values[node.Inputs[1]]) : null, constant ?? Dequantized(node.Inputs[1])), Plain(node.Output), y);
                break;
            case QuantizedPRelu p:
                QuantizedConstant alpha = p.Alpha with { Shape = PerChannel(input.Shape.Count, p.Alpha.Values.Length) };
                builder.Node("PRelu", name, [x, AddConstant(builder, $"{name}.slope", input.Name, alpha)], y);
                builder.SameOrder(input.Name, node.Output.Name);
                break;
            case QuantizedConcat c:
                OnnxLayers.AddConcat(builder, c.Axis, input.Shape.Count, name, node.Inputs.Select(i => (i, Dequantized(i))), y);
                break;
            case QuantizedPad p:
                OnnxLayers.AddPad(builder, p.Frame, name, x, y);
                break;
            case QuantizedTranspose t:
                OnnxLayers.AddTranspose(builder, t.Order, name, x, y);
                break;
            case QuantizedSlice s:
                OnnxLayers.AddSlice(builder, s.Dimensions, name, Plain(input), node.Output.Shape, x, y);
                break;
            case QuantizedResize r:
                OnnxLayers.AddResize(builder, r.Mode, r.Coordinates, name, node.Output.Shape, x, y);
                break;
            default:
                throw new ConversionException($"'{name}' ({node.Operation.GetType().Name}) has no form in the ONNX files that are written; convert to .ecm instead.");
        }
    }

    private static string[] AddWeights(
        OnnxBuilder builder, string name, QuantizedWeights weights, sbyte[] ordered, int[] shape, QuantizedValue input,
        int axis = 0)
    {
        int outputs = weights.Bias.Length;
        float[] biasScales = [.. weights.Scales.Select(s => (float)((double)s * input.Quantization.Scale))];
        string w = builder.Constant<sbyte>($"{name}.weight", ordered, shape);
        string b = builder.Constant<int>($"{name}.bias", [.. weights.Bias.Select(b => (int)b)], outputs);
        string ws = builder.Constant<float>($"{name}.weight.scale", weights.Scales, outputs);
        string wz = builder.Constant<sbyte>(
            $"{name}.weight.zero_point", [.. Enumerable.Repeat((sbyte)weights.ZeroPoint, outputs)], outputs);
        string bs = builder.Constant<float>($"{name}.bias.scale", biasScales, outputs);
        string bz = builder.Constant<int>($"{name}.bias.zero_point", new int[outputs], outputs);
        return
        [
            builder.Node("DequantizeLinear", $"{name}.weight.dequantize", [w, ws, wz], $"{name}.weight.float", Attribute("axis", axis)),
            builder.Node("DequantizeLinear", $"{name}.bias.dequantize", [b, bs, bz], $"{name}.bias.float", Attribute("axis", 0)),
        ];
    }

    private static string AddConstant(OnnxBuilder builder, string name, string input, QuantizedConstant constant)
    {
        (sbyte[] values, int[] shape) = OnnxLayers.Operand(builder, input, constant.Values, constant.Shape);
        string q = builder.Constant<sbyte>(name, values, shape);
        string scale = builder.Constant<float>($"{name}.scale", [constant.Quantization.Scale]);
        string zeroPoint = builder.Constant<sbyte>($"{name}.zero_point", [(sbyte)constant.Quantization.ZeroPoint]);
        return builder.Node("DequantizeLinear", $"{name}.dequantize", [q, scale, zeroPoint], $"{name}.float");
    }

    private static void AddInput(OnnxBuilder builder, QuantizedValue input, QdqForm form)
    {
        if (!form.IntegerEnds)
        {
            builder.Input(Plain(input));
            AddQuantization(builder, input, form, input.Name, Dequantized(input.Name));
            return;
        }

        builder.IntegerInput(Plain(input), form.SignedActivations);
        string quantized = IsOrderedAlike(input)
            ? input.Name
            : builder.Node("Transpose", $"{input.Name}.nchw", [input.Name], $"{input.Name}.quantized", Attribute("perm", 0, 3, 1, 2));
        builder.Node("DequantizeLinear", $"{input.Name}.dequantize", [quantized, .. AddScale(builder, input, form)], Dequantized(input.Name));
    }

    private static void AddOutput(OnnxBuilder builder, QuantizedValue output, QdqForm form)
    {
        string name = output.Name;
        if (!form.IntegerEnds)
        {
            AddQuantization(builder, output, form, Float(name), name);
            builder.Output(Plain(output));
            return;
        }

        bool alike = IsOrderedAlike(output);
        string quantized = alike ? name : $"{name}.quantized";
        builder.Node("QuantizeLinear", $"{name}.quantize", [Float(name), .. AddScale(builder, output, form)], quantized);
        if (!alike)
        {
            builder.Node("Transpose", $"{name}.nhwc", [quantized], name, Attribute("perm", 0, 2, 3, 1));
        }

        builder.IntegerOutput(Plain(output), form.SignedActivations);
    }

    private static void AddQuantization(OnnxBuilder builder, QuantizedValue value, QdqForm form, string from, string to)
    {
        string[] scale = AddScale(builder, value, form);
        string quantized = builder.Node("QuantizeLinear", $"{value.Name}.quantize", [from, .. scale], $"{value.Name}.quantized");
        builder.Node("DequantizeLinear", $"{value.Name}.dequantize", [quantized, .. scale], to);
    }

    private static string[] AddScale(OnnxBuilder builder, QuantizedValue value, QdqForm form)
    {
        (string name, int zeroPoint) = ($"{value.Name}.zero_point", value.Quantization.ZeroPoint);
        return
        [
            builder.Constant<float>($"{value.Name}.scale", [value.Quantization.Scale]),
            form.SignedActivations
                ? builder.Constant<sbyte>(name, [(sbyte)zeroPoint])
                : builder.Constant<byte>(name, [(byte)(zeroPoint + ToUnsigned)]),
        ];
    }

    private static bool IsOrderedAlike(QuantizedValue value) =>
        value.Shape.Count != 4 || new ImageShape(value.Shape[1], value.Shape[2], value.Shape[3]).OrdersAgree;

    private static ElementType? WeightType(QuantizedOperation operation) => operation switch
    {
        QuantizedConv2D c => c.Weights.Type,
        QuantizedFullyConnected f => f.Weights.Type,
        _ => null,
    };

    private static Value Plain(QuantizedValue value) => new(value.Name, value.Shape);

    // Of the network's output only: in between, the float value has the name that it has in the graph.
    private static string Float(string value) => $"{value}.float";

    private static string Dequantized(string value) => $"{value}.dequantized";
}
