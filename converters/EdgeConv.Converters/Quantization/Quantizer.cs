using EdgeConv.Converters.Graphs;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Converters.Quantization;

/// <summary>
/// From float to int8: weights per output channel and symmetric, activations per tensor with an exact zero, bias int32, and the
/// multipliers between them. Pooling and reshaping keep the scale of their input.
/// </summary>
public static class Quantizer
{
    /// <summary>Quantizes every node.</summary>
    /// <param name="fused">What <see cref="Fusion.Apply"/> returned.</param>
    /// <param name="ranges">What <see cref="Calibrator.Run"/> returned for it.</param>
    /// <exception cref="ConversionException">A range is missing, or a node has no int8 form.</exception>
    public static QuantizedGraph Quantize(Graph fused, Ranges ranges)
    {
        Ranges useful = RangePropagation.Apply(fused, ranges);
        var input = new QuantizedValue(
            fused.Input.Name, fused.Input.Shape, ActivationQuantization.FromRange(useful[fused.Input.Name]));
        Dictionary<string, ActivationQuantization> known = new() { [input.Name] = input.Quantization };
        var nodes = new List<QuantizedNode>();
        foreach (Node node in fused.Nodes)
        {
            (QuantizedOperation operation, ActivationQuantization output) =
                Quantize(node, known[node.Inputs[0]], useful[node.Output.Name]);
            known[node.Output.Name] = output;
            var value = new QuantizedValue(node.Output.Name, node.Output.Shape, output);
            nodes.Add(new QuantizedNode(node.Name, operation, node.Inputs, value));
        }

        return new QuantizedGraph(fused.Name, input, nodes, fused.Output) { Picture = fused.Picture, Labels = fused.Labels };
    }

    private static (QuantizedOperation Operation, ActivationQuantization Output) Quantize(
        Node node, ActivationQuantization input, ValueRange range)
    {
        switch (node.Operation)
        {
            case Conv2D c:
                (QuantizedWeights filters, ActivationQuantization image) = Weights(c.Weights, c.Bias, c.Activation, input, range);
                return (new QuantizedConv2D(filters, c.Window, c.Groups), image);
            case FullyConnected f:
                (QuantizedWeights rows, ActivationQuantization row) = Weights(f.Weights, f.Bias, f.Activation, input, range);
                return (new QuantizedFullyConnected(rows), row);
            case MaxPool p:
                return (new QuantizedMaxPool(p.Window), input);
            case AveragePool p:
                return (new QuantizedAveragePool(p.Window), input);
            case Reshape:
                return (new QuantizedReshape(), input);
            case Softmax:
                return (new QuantizedSoftmax(SoftmaxParameters.FromScale(input.Scale)), ActivationQuantization.Probability);
            case Activate a:
                ActivationQuantization output = a.Function switch
                {
                    Activation.Tanh => ActivationQuantization.Tanh,
                    Activation.Sigmoid => ActivationQuantization.Probability,
                    _ => ActivationQuantization.FromRange(range),
                };
                return (new QuantizedTable(Table(a.Function, input, output), a.Function), output);
            default:
                throw new ConversionException(
                    $"{node.Operation.Kind} '{node.Name}' has no int8 form; apply Fusion before quantizing.");
        }
    }

    private static (QuantizedWeights Weights, ActivationQuantization Output) Weights(
        float[] weights, float[] bias, Activation activation, ActivationQuantization input, ValueRange range)
    {
        IntegerWeights integers = WeightQuantizer.Quantize(weights, bias, input);
        ActivationQuantization output = WithinReach(ActivationQuantization.FromRange(range), range, integers, input.Scale);
        QuantizedMultiplier[] multipliers =
            [.. integers.Scales.Select(s => QuantizedMultiplier.From((double)input.Scale * s / output.Scale))];
        sbyte min = activation == Activation.None ? sbyte.MinValue : output.Quantize(0);
        sbyte max = activation == Activation.Relu6 ? output.Quantize(6) : sbyte.MaxValue;
        return (new QuantizedWeights(integers.Weights, integers.Scales, integers.Bias, multipliers, activation, min, max), output);
    }

    // A range far narrower than what the layer can produce would shift accumulators out of int32: keep accumulator * multiplier under 2^29.
    private static ActivationQuantization WithinReach(
        ActivationQuantization output, ValueRange range, IntegerWeights integers, float inputScale)
    {
        double reach = integers.Scales.Select((s, o) => inputScale * (double)s * integers.LargestAccumulator[o] / (1 << 29)).Max();
        return output.Scale >= reach
            ? output
            : ActivationQuantization.FromRange(new ValueRange(range.Min, Math.Max(0, range.Min) + (float)(256 * reach)));
    }

    private static sbyte[] Table(Activation function, ActivationQuantization input, ActivationQuantization output) =>
        [.. Enumerable.Range(sbyte.MinValue, 256).Select(q => output.Quantize(Activations.Compute(function, input.Dequantize(q))))];
}
