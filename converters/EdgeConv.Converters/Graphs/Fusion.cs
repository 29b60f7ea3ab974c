using EdgeConv.Converters.Quantization;
using EdgeConv.Runtime;

namespace EdgeConv.Converters.Graphs;

/// <summary>
/// Rewrites a graph so that only what the runtime has is left: batch normalization goes into the weights before or after it, ReLU,
/// ReLU6 and Clip become clamps of the layer before them, a frame of zeros the padding of the convolution behind it. Outputs keep their
/// values up to float rounding.
/// </summary>
public static class Fusion
{
    private const float LowestPadding = -1e30f;

    /// <summary>Applies all rewrites.</summary>
    public static Graph Apply(Graph graph)
    {
        graph = GivenScales.WithoutIdentities(GivenScales.Spread(graph));
        graph = FuseActivations(FoldBatchNormalization(FoldIntoNextLayer(FoldPadding(FunctionPatterns.Apply(graph)))));
        return GivenScales.Separate(GivenScales.Spread(graph));
    }

    private static Graph FoldPadding(Graph graph)
    {
        Dictionary<string, int> readers = graph.ReaderCounts();
        var nodes = new List<Node>();
        foreach (Node node in graph.Nodes)
        {
            int before = nodes.FindIndex(n => n.Output.Name == node.Inputs[0]);
            if (before >= 0 && readers[node.Inputs[0]] == 1 && nodes[before].Operation is Pad { Front: 0, Back: 0 } pad
                && graph.Agree(nodes[before].Inputs[0], node.Inputs[0]) && Padded(node.Operation, pad) is { } padded)
            {
                nodes.Add(node with { Operation = padded, Inputs = nodes[before].Inputs });
                nodes.RemoveAt(before);
            }
            else
            {
                nodes.Add(node);
            }
        }

        return graph with { Nodes = nodes };
    }

    // Zeros around a convolution; around a maximum what never wins, as long as no window sees only that.
    private static Operation? Padded(Operation operation, Pad pad)
    {
        Window Around(Window w) => w with
        {
            PadTop = w.PadTop + pad.Top,
            PadLeft = w.PadLeft + pad.Left,
            PadBottom = w.PadBottom + pad.Bottom,
            PadRight = w.PadRight + pad.Right,
        };
        return operation switch
        {
            Conv2D c when pad.Value == 0 => c with { Window = Around(c.Window) },
            MaxPool p when pad.Value <= LowestPadding && p.Window is { DilationH: 1, DilationW: 1 } && Around(p.Window) is var w
                && Math.Max(w.PadTop, w.PadBottom) < w.KernelH && Math.Max(w.PadLeft, w.PadRight) < w.KernelW => new MaxPool(w),
            _ => null,
        };
    }

    private static Graph FoldBatchNormalization(Graph graph)
    {
        Dictionary<string, int> readers = graph.ReaderCounts();
        Dictionary<string, Value> values = graph.Values();
        var nodes = new List<Node>();
        foreach (Node node in graph.Nodes)
        {
            if (node.Operation is not BatchNormalization batchNorm)
            {
                nodes.Add(node);
                continue;
            }

            (double[] scale, double[] shift) = Coefficients(batchNorm);
            int before = nodes.FindIndex(n => n.Output.Name == node.Inputs[0]);
            bool alone = before >= 0 && readers[node.Inputs[0]] == 1 && !graph.Given.ContainsKey(node.Inputs[0]);
            if (alone && Scaled(nodes[before].Operation, scale, shift) is { } folded)
            {
                nodes[before] = nodes[before] with { Operation = folded, Output = node.Output };
            }
            else
            {
                nodes.AddRange(AsDepthwise(node, values[node.Inputs[0]], scale, shift));
            }
        }

        return graph with { Nodes = nodes };
    }

    // Behind an activation it cannot go back; a fully connected layer after it takes it without loss (a convolution's padding would not).
    private static Graph FoldIntoNextLayer(Graph graph)
    {
        Dictionary<string, int> readers = graph.ReaderCounts();
        var nodes = new List<Node>();
        foreach (Node node in graph.Nodes)
        {
            int before = nodes.FindIndex(n => n.Output.Name == node.Inputs[0]);
            bool alone = before >= 0 && readers[node.Inputs[0]] == 1 && !graph.Given.ContainsKey(node.Inputs[0]);
            if (alone && node.Operation is FullyConnected { Given: null } layer && nodes[before].Operation is BatchNormalization batchNorm
                && !nodes.Exists(n => n.Output.Name == nodes[before].Inputs[0] && n.Operation is (Conv2D or FullyConnected)))
            {
                nodes.Add(node with { Operation = AfterScaling(layer, batchNorm), Inputs = nodes[before].Inputs });
                nodes.RemoveAt(before);
            }
            else
            {
                nodes.Add(node);
            }
        }

        return graph with { Nodes = nodes };
    }

    private static FullyConnected AfterScaling(FullyConnected layer, BatchNormalization batchNorm)
    {
        (double[] scale, double[] shift) = Coefficients(batchNorm);
        int row = scale.Length;
        double[] added = [.. layer.Bias.Select((_, o) => shift.Select((s, i) => s * layer.Weights[(o * row) + i]).Sum())];
        return layer with
        {
            Weights = [.. layer.Weights.Select((w, i) => (float)(w * scale[i % row]))],
            Bias = [.. layer.Bias.Select((b, o) => (float)(b + added[o]))],
        };
    }

    // y = x * scale + shift, a channel at a time.
    private static (double[] Scale, double[] Shift) Coefficients(BatchNormalization b)
    {
        double[] scale = [.. b.Scale.Select((s, c) => s / Math.Sqrt((double)b.Variance[c] + b.Epsilon))];
        return (scale, [.. b.Shift.Select((s, c) => s - (b.Mean[c] * scale[c]))]);
    }

    private static Operation? Scaled(Operation operation, double[] scale, double[] shift) => operation switch
    {
        Conv2D { Activation: Activation.None } c => c with
        {
            Weights = Rows(c.Weights, scale),
            Bias = Biases(c.Bias, scale, shift),
            Given = c.Given?.Scaled(scale, shift),
        },
        FullyConnected { Activation: Activation.None } f => f with
        {
            Weights = Rows(f.Weights, scale),
            Bias = Biases(f.Bias, scale, shift),
            Given = f.Given?.Scaled(scale, shift),
        },
        TransposeConv { Activation: Activation.None } t => t with
        {
            Weights = Rows(t.Weights, scale),
            Bias = Biases(t.Bias, scale, shift),
            Given = t.Given?.Scaled(scale, shift),
        },
        _ => null,
    };

    private static float[] Rows(float[] weights, double[] scale)
    {
        int row = weights.Length / scale.Length;
        return [.. weights.Select((w, i) => (float)(w * scale[i / row]))];
    }

    private static float[] Biases(float[] bias, double[] scale, double[] shift) =>
        [.. bias.Select((b, c) => (float)((b * scale[c]) + shift[c]))];

    // With no layer to go into: a 1x1 convolution that sees one channel each. A row is a picture of one pixel for it.
    private static IEnumerable<Node> AsDepthwise(Node node, Value input, double[] scale, double[] shift)
    {
        var convolution = new Conv2D(
            [.. scale.Select(s => (float)s)], [.. shift.Select(s => (float)s)], new Window(1, 1), scale.Length);
        if (input.Shape.Count == 4)
        {
            return [node with { Operation = convolution }];
        }

        int[] pixel = [1, 1, 1, scale.Length];
        var unflattened = new Value($"{node.Output.Name}.pixel", pixel);
        var scaled = new Value($"{node.Output.Name}.scaled", pixel);
        return
        [
            new Node($"{node.Name}.pixel", new Reshape(), node.Inputs, unflattened),
            new Node(node.Name, convolution, [unflattened.Name], scaled),
            new Node($"{node.Name}.row", new Reshape(), [scaled.Name], node.Output),
        ];
    }

    private static Graph FuseActivations(Graph graph)
    {
        Dictionary<string, int> readers = graph.ReaderCounts();
        var nodes = new List<Node>();
        foreach (Node node in graph.Nodes)
        {
            int before = nodes.FindIndex(n => n.Output.Name == node.Inputs[0]);
            int layer = before;

            // A clamp and a maximum may change places, so ReLU passes through pooling and reshaping to the layer before them. It may not
            // where its file gives the values in between another scale.
            bool Passes(int at) => at >= 0 && readers[nodes[at].Output.Name] == 1
                && (!graph.Given.ContainsKey(nodes[at].Output.Name) || graph.Agree(node.Output.Name, nodes[at].Output.Name));
            while (Passes(layer) && nodes[layer].Operation is MaxPool or Reshape)
            {
                layer = nodes.FindIndex(n => n.Output.Name == nodes[layer].Inputs[0]);
            }

            if (Passes(layer)
                && node.Operation is Activate { Function: Activation.Relu or Activation.Relu6 or Activation.Clip } activate
                && Clamped(nodes[layer].Operation, activate) is { } clamped)
            {
                nodes[layer] = nodes[layer] with { Operation = clamped };
                nodes[before] = nodes[before] with { Output = node.Output };
            }
            else
            {
                nodes.Add(node);
            }
        }

        return graph with { Nodes = nodes };
    }

    private static Operation? Clamped(Operation operation, Activate activate)
    {
        var bounds = new ValueRange(activate.Alpha, activate.Beta);
        return operation switch
        {
            _ when bounds.Min > bounds.Max => null,
            Conv2D { Activation: Activation.None } c => c with { Activation = activate.Function, Bounds = bounds },
            FullyConnected { Activation: Activation.None } f => f with { Activation = activate.Function, Bounds = bounds },
            TransposeConv { Activation: Activation.None } t => t with { Activation = activate.Function, Bounds = bounds },
            Arithmetic { Activation: Activation.None } a => a with { Activation = activate.Function, Bounds = bounds },
            _ => null,
        };
    }
}
