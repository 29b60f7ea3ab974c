using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Onnx.Proto;
using Google.Protobuf;
using static EdgeConv.Converters.Onnx.OnnxBuilder;

namespace EdgeConv.Converters.Onnx;

/// <summary>
/// Writes a float graph as ONNX, opset 17, NCHW, free batch size. Preprocessing and class names go into the metadata
/// edgeconv.picture and edgeconv.labels, which <see cref="OnnxReader"/> reads back.
/// </summary>
public static class OnnxWriter
{
    private const int Opset = 17;
    private const int OpsetWithDilatedAverage = 19;

    /// <summary>Writes the file whole or not at all.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="ConversionException">A reshape has no counterpart in ONNX's order of elements.</exception>
    public static void Write(Graph graph, string path) => AtomicFile.Write(path, Build(graph).ToByteArray());

    /// <summary>The file as messages.</summary>
    internal static ModelProto Build(Graph graph)
    {
        bool dilatedAverage = graph.Nodes.Any(n => n.Operation is AveragePool { Window: { DilationH: > 1 } or { DilationW: > 1 } });
        var builder = new OnnxBuilder(graph.Name, dilatedAverage ? OpsetWithDilatedAverage : Opset);
        Dictionary<string, Value> values = graph.Values();
        builder.Input(graph.Input);
        foreach (Node node in graph.Nodes)
        {
            Add(builder, node, values[node.Inputs[0]]);
        }

        builder.Output(values[graph.Output]);
        OnnxMetadata.Write(builder.Model, graph.Picture, graph.Labels);
        return builder.Model;
    }

    private static void Add(OnnxBuilder builder, Node node, Value input)
    {
        (string name, string x, string y) = (node.Name, input.Name, node.Output.Name);
        switch (node.Operation)
        {
            case Conv2D c:
                int outputs = c.Bias.Length;
                float[] oihw = ConvolutionWeights(c.Weights, c.Window, outputs);
                int groupInputs = input.Shape[3] / c.Groups;
                string weights = builder.Constant<float>($"{name}.weight", oihw, outputs, groupInputs, c.Window.KernelH, c.Window.KernelW);
                string bias = builder.Constant<float>($"{name}.bias", c.Bias, outputs);
                builder.Node("Conv", name, [x, weights, bias], BeforeActivation(c.Activation, y),
                    [.. Attributes(c.Window), Attribute("group", c.Groups)]);
                AddActivation(builder, c.Activation, name, y);
                break;
            case FullyConnected f:
                float[] rows = builder.RowOrder(x, f.Weights);
                builder.Node("Gemm", name,
                    [
                        x,
                        builder.Constant<float>($"{name}.weight", rows, f.Bias.Length, rows.Length / f.Bias.Length),
                        builder.Constant<float>($"{name}.bias", f.Bias, f.Bias.Length),
                    ],
                    BeforeActivation(f.Activation, y), Attribute("transB", 1));
                AddActivation(builder, f.Activation, name, y);
                break;
            case BatchNormalization b:
                string Parameter(string suffix, float[] values) =>
                    builder.Constant<float>($"{name}.{suffix}", builder.RowOrder(x, values), values.Length);
                builder.Node("BatchNormalization", name,
                    [
                        x, Parameter("scale", b.Scale), Parameter("shift", b.Shift),
                        Parameter("mean", b.Mean), Parameter("variance", b.Variance),
                    ],
                    y, Attribute("epsilon", b.Epsilon));
                builder.SameOrder(x, y);
                break;
            case MaxPool p:
                builder.Node("MaxPool", name, [x], y, Attributes(p.Window));
                break;
            case AveragePool p:
                builder.Node("AveragePool", name, [x], y, [.. Attributes(p.Window), Attribute("count_include_pad", 0)]);
                break;
            case Activate a:
                AddFunction(builder, a.Function, name, x, y);
                builder.SameOrder(x, y);
                break;
            case Softmax:
                builder.Node("Softmax", name, [x], y, Attribute("axis", 1));
                builder.SameOrder(x, y);
                break;
            case Reshape:
                builder.Reshape(name, input, node.Output, x, y);
                break;
            default:
                throw new NotSupportedException($"{node.Operation.Kind} '{name}' has no ONNX form.");
        }
    }

    /// <summary>What the layer in front of a fused activation writes.</summary>
    internal static string BeforeActivation(Activation activation, string output) =>
        activation == Activation.None ? output : $"{output}.linear";

    /// <summary>The fused activation as a node of its own.</summary>
    internal static void AddActivation(OnnxBuilder builder, Activation activation, string name, string output)
    {
        if (activation != Activation.None)
        {
            AddFunction(builder, activation, $"{name}.{activation}", BeforeActivation(activation, output), output);
        }
    }

    /// <summary>A unary function.</summary>
    internal static void AddFunction(OnnxBuilder builder, Activation function, string name, string input, string output)
    {
        switch (function)
        {
            case Activation.Relu6:
                string min = builder.Constant<float>($"{name}.min", [0]);
                string max = builder.Constant<float>($"{name}.max", [6]);
                builder.Node("Clip", name, [input, min, max], output);
                break;
            case Activation.None:
                builder.Node("Identity", name, [input], output);
                break;
            default:
                builder.Node(function.ToString(), name, [input], output);
                break;
        }
    }
}
