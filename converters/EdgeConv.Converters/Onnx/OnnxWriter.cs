using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Onnx.Proto;
using Google.Protobuf;
using static EdgeConv.Converters.Onnx.OnnxBuilder;

namespace EdgeConv.Converters.Onnx;

/// <summary>
/// Writes a float graph as ONNX, opset 17 or as new as its functions need, NCHW, free batch size. Preprocessing and class names go into
/// the metadata edgeconv.picture and edgeconv.labels, which <see cref="OnnxReader"/> reads back.
/// </summary>
public static class OnnxWriter
{
    /// <summary>Writes the file whole or not at all.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(Graph graph, string path) => AtomicFile.Write(path, Build(graph).ToByteArray());

    /// <summary>The file as messages.</summary>
    internal static ModelProto Build(Graph graph)
    {
        bool dilatedAverage = graph.Nodes.Any(n => n.Operation is AveragePool { Window: { DilationH: > 1 } or { DilationW: > 1 } });
        IEnumerable<Activation> functions = graph.Nodes.Select(n => n.Operation).OfType<Activate>().Select(a => a.Function);
        var builder = new OnnxBuilder(graph.Name, OnnxLayers.OpsetFor(functions, dilatedAverage));
        Dictionary<string, Value> values = graph.Values();
        builder.Input(graph.Input);
        foreach (Node node in graph.Nodes)
        {
            Add(builder, node, values);
        }

        builder.Output(values[graph.Output]);
        OnnxMetadata.Write(builder.Model, graph.Picture, graph.Labels);
        return builder.Model;
    }

    private static void Add(OnnxBuilder builder, Node node, Dictionary<string, Value> values)
    {
        Value input = values[node.Inputs[0]];
        (string name, string x, string y) = (node.Name, input.Name, node.Output.Name);
        switch (node.Operation)
        {
            case Conv2D c:
                int outputs = c.Bias.Length;
                float[] oihw = ConvolutionWeights(c.Weights, c.Window, outputs);
                int groupInputs = input.Shape[3] / c.Groups;
                string weights = builder.Constant<float>($"{name}.weight", oihw, outputs, groupInputs, c.Window.KernelH, c.Window.KernelW);
                string bias = builder.Constant<float>($"{name}.bias", c.Bias, outputs);
                builder.Node("Conv", name, [x, weights, bias], OnnxLayers.BeforeActivation(c.Activation, y),
                    [.. Attributes(c.Window), Attribute("group", c.Groups)]);
                OnnxLayers.AddActivation(builder, c.Activation, c.Bounds, name, y);
                break;
            case FullyConnected f:
                float[] rows = builder.RowOrder(x, f.Weights);
                builder.Node("Gemm", name,
                    [
                        x,
                        builder.Constant<float>($"{name}.weight", rows, f.Bias.Length, rows.Length / f.Bias.Length),
                        builder.Constant<float>($"{name}.bias", f.Bias, f.Bias.Length),
                    ],
                    OnnxLayers.BeforeActivation(f.Activation, y), Attribute("transB", 1));
                OnnxLayers.AddActivation(builder, f.Activation, f.Bounds, name, y);
                break;
            case BatchNormalization b:
                string Parameter(string suffix, float[] each) =>
                    builder.Constant<float>($"{name}.{suffix}", builder.RowOrder(x, each), each.Length);
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
                OnnxLayers.AddFunction(builder, a, name, x, y);
                builder.SameOrder(x, y);
                break;
            case Softmax:
                builder.Node("Softmax", name, [x], y, Attribute("axis", 1));
                builder.SameOrder(x, y);
                break;
            case LogSoftmax:
                builder.Node("LogSoftmax", name, [x], y, Attribute("axis", 1));
                builder.SameOrder(x, y);
                break;
            case Lrn l:
                builder.Node("LRN", name, [x], y, Attributes(l));
                break;
            case Reshape:
                builder.Reshape(name, input, node.Output, x, y);
                break;
            case TransposeConv t:
                (float[] kernels, int[] kernelShape) = TransposedWeights(t.Weights, t.Window, t.Bias.Length);
                builder.Node("ConvTranspose", name,
                    [
                        x,
                        builder.Constant<float>($"{name}.weight", kernels, kernelShape),
                        builder.Constant<float>($"{name}.bias", t.Bias, t.Bias.Length),
                    ],
                    OnnxLayers.BeforeActivation(t.Activation, y), TransposedAttributes(t.Window, input, node.Output));
                OnnxLayers.AddActivation(builder, t.Activation, t.Bounds, name, y);
                break;
            case Arithmetic a:
                string? constant = null;
                if (a.Other is { } other)
                {
                    (float[] operand, int[] shape) = OnnxLayers.Operand(builder, x, other.Values, other.Shape);
                    constant = builder.Constant<float>($"{name}.other", operand, shape);
                }

                OnnxLayers.AddArithmetic(builder, a, name, (input, x),
                    (constant is null ? values[node.Inputs[1]] : null, constant ?? node.Inputs[1]), node.Output, y);
                break;
            case PRelu p:
                (float[] slopes, int[] slopeShape) = OnnxLayers.Operand(builder, x, p.Alpha, PerChannel(input.Shape.Count, p.Alpha.Length));
                builder.Node("PRelu", name, [x, builder.Constant<float>($"{name}.slope", slopes, slopeShape)], y);
                builder.SameOrder(x, y);
                break;
            case Concat c:
                OnnxLayers.AddConcat(builder, c.Axis, input.Shape.Count, name, node.Inputs.Select(i => (i, i)), y);
                break;
            case Pad p:
                OnnxLayers.AddPad(builder, p, name, x, y);
                break;
            case Transpose t:
                OnnxLayers.AddTranspose(builder, t.Order, name, x, y);
                break;
            case Slice s:
                OnnxLayers.AddSlice(builder, s.Dimensions, name, input, node.Output.Shape, x, y);
                break;
            case ResizeImage r:
                OnnxLayers.AddResize(builder, r.Mode, r.Coordinates, name, node.Output.Shape, x, y);
                break;
            default:
                throw new NotSupportedException($"{node.Operation.Kind} '{name}' has no ONNX form.");
        }
    }
}
