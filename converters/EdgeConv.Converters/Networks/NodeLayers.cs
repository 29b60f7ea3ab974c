using EdgeConv.Converters.Graphs;
using EdgeConv.Runtime;

namespace EdgeConv.Converters.Networks;

/// <summary>The layers that stand for one node of a graph, with its weights in torch's order.</summary>
internal static class NodeLayers
{
    /// <param name="node">The node.</param>
    /// <param name="input">Shape of its first input, NHWC or [N, C].</param>
    /// <param name="isLast">Whether it gives the network's output.</param>
    /// <returns>None where nothing is computed, two where an activation is part of the node.</returns>
    /// <exception cref="NetworkException">There is no such layer; the message names the node.</exception>
    public static IEnumerable<ImportedLayer> Of(Node node, IReadOnlyList<int> input, bool isLast)
    {
        return node.Operation switch
        {
            Conv2D c => [Learnt(Convolution(node, c), Weights(c, input[^1]), c.Bias), .. Fused(c.Activation)],
            FullyConnected f => [new(node.Name, new FullyConnectedLayer(f.Bias.Length), [Rows(f, input), f.Bias], []), .. Fused(f.Activation)],
            BatchNormalization b => [new(node.Name, new BatchNormLayer(), [b.Scale, b.Shift], [.. b.Mean, .. Variances(b)])],
            MaxPool p when Square(node, p.Window) is var w => [Plain(new MaxPoolLayer(w.KernelH, w.StrideH, w.PadTop))],
            AveragePool p when IsGlobal(p.Window, input) => [Plain(new GlobalAverageLayer())],
            AveragePool p when Square(node, p.Window) is var w => [Plain(new AveragePoolLayer(w.KernelH, w.StrideH, w.PadTop))],
            Activate a => Fused(a.Function),
            Arithmetic { Function: ArithmeticFunction.Add, Other: null } a => [Plain(new AddLayer()), .. Fused(a.Activation)],
            Concat c when c.Axis == input.Count - 1 => [Plain(new ConcatLayer())],
            Lrn l => [Plain(new LrnLayer(l.Size, l.Alpha / l.Size, l.Beta, l.K))],
            Reshape when node.Output.Shape.Count == 2 || node.Output.Shape.SequenceEqual(input) => [],
            Softmax or LogSoftmax when isLast => [],
            _ => throw Refuse(node, $"{node.Operation.Kind} is not trained here"),
        };

        ImportedLayer Plain(Layer layer) => new(node.Name, layer, [], []);

        ImportedLayer Learnt(ConvLayer layer, float[] weights, float[] bias) =>
            new(node.Name, layer, layer.Bias ? [weights, bias] : [weights], []);

        ImportedLayer[] Fused(Activation activation) => activation switch
        {
            Activation.None => [],
            Activation.Relu or Activation.Relu6 or Activation.Tanh or Activation.Sigmoid => [Plain(new ActivationLayer(activation))],
            _ => throw Refuse(node, $"the activation {activation} is not trained here"),
        };
    }

    private static NetworkException Refuse(Node node, string why) => new(
        $"The node {node.Name} cannot be taken over: {why}. "
        + "There are conv, fc, bn, lrn, maxpool, avgpool, relu, relu6, tanh, sigmoid, add and concat.");

    private static ConvLayer Convolution(Node node, Conv2D conv)
    {
        Window w = Square(node, conv.Window);
        return new ConvLayer(conv.Bias.Length, w.KernelH, w.StrideH, w.PadTop, conv.Groups, Bias: conv.Bias.Any(b => b != 0));
    }

    private static Window Square(Node node, Window w)
    {
        bool square = w.KernelH == w.KernelW && w.StrideH == w.StrideW && w.DilationH == 1 && w.DilationW == 1
            && w.PadTop == w.PadLeft && w.PadTop == w.PadBottom && w.PadTop == w.PadRight;
        return square ? w : throw Refuse(node, $"its window of {w.KernelH}x{w.KernelW} is not square, is dilated, or is not padded the same on all sides");
    }

    private static bool IsGlobal(Window w, IReadOnlyList<int> input) => !w.HasPadding && w.KernelH == input[1] && w.KernelW == input[2];

    // [O, H, W, C] to [O, C, H, W].
    private static float[] Weights(Conv2D conv, int channels) =>
        ToChannelsFirst(conv.Weights, channels / conv.Groups, conv.Window.KernelH * conv.Window.KernelW);

    // Torch flattens a picture channel by channel.
    private static float[] Rows(FullyConnected full, IReadOnlyList<int> input) => input.Count == 4
        ? ToChannelsFirst(full.Weights, input[3], input[1] * input[2])
        : full.Weights;

    private static float[] ToChannelsFirst(float[] weights, int channels, int pixels)
    {
        var result = new float[weights.Length];
        int size = channels * pixels;
        for (int start = 0; start < weights.Length; start += size)
            for (int c = 0; c < channels; c++)
                for (int p = 0; p < pixels; p++) result[start + c * pixels + p] = weights[start + p * channels + c];
        return result;
    }

    // The layer's epsilon is a constant, the file's may be another.
    private static IEnumerable<float> Variances(BatchNormalization b) =>
        b.Epsilon == BatchNormLayer.Epsilon ? b.Variance : b.Variance.Select(v => v + b.Epsilon - BatchNormLayer.Epsilon);
}
