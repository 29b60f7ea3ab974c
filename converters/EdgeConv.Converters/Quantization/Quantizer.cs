using EdgeConv.Converters.Graphs;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Converters.Quantization;

/// <summary>
/// From float to int8, or as the network's file gives it: weights per output channel and symmetric, activations per tensor with an exact
/// zero, bias int32, and the multipliers between them. Pooling and reshaping keep the scale and the type of their input. Chosen layers take
/// int16 activations or int4 weights.
/// </summary>
public static class Quantizer
{
    /// <summary>Quantizes every node.</summary>
    /// <param name="fused">What <see cref="Fusion.Apply"/> returned.</param>
    /// <param name="ranges">What <see cref="Calibrator.Run"/> returned for it.</param>
    /// <param name="options">Null for int8 throughout.</param>
    /// <param name="progress">Gets the number of nodes that are done.</param>
    /// <param name="cancel">Stops the work.</param>
    /// <exception cref="ConversionException">A range is missing, a node has no int8 form, or the options name a layer that is not
    /// there.</exception>
    public static QuantizedGraph Quantize(Graph fused, Ranges ranges, QuantizerOptions? options = null, IProgress<int>? progress = null,
        CancellationToken cancel = default)
    {
        options ??= new QuantizerOptions();
        CheckNames(fused, options);
        Ranges useful = RangePropagation.Apply(fused, GivenRanges.Complete(fused, ranges));
        var nodes = new List<QuantizedNode>();
        var borders = new TypeBorders(nodes, useful, options.Activations);
        var input = new QuantizedValue(
            fused.Input.Name, fused.Input.Shape, Scale(fused.Input.Name).Of(options.Activations));
        borders.Add(input);
        WantedScale Scale(string name) => new(useful[name], fused.Given.TryGetValue(name, out ActivationQuantization given) ? given : null);
        foreach ((int done, Node node) in fused.Nodes.Index())
        {
            cancel.ThrowIfCancellationRequested();
            progress?.Report(done);
            LayerPrecision precision = options.Of(node.Name);
            bool keeps = WideLayers.Keeps(node.Operation);
            QuantizedValue[] inputs = [.. node.Inputs.Select(name => keeps
                ? borders.Original(name)
                : borders.As(precision.Wide ? ElementType.Int16 : ElementType.Int8, name))];
            ActivationQuantization[] scales = [.. inputs.Select(i => i.Quantization)];
            (QuantizedOperation operation, ActivationQuantization output) =
                Quantize(node, scales, Scale(node.Output.Name), precision, options.Activations);
            IEnumerable<string> sources = operation is QuantizedConcat
                ? inputs.Select((part, i) => AtScale(nodes, node, i, part, output))
                : inputs.Select(i => i.Name);
            ElementType type = keeps ? inputs[0].Type : precision.Wide ? ElementType.Int16 : ElementType.Int8;
            var value = new QuantizedValue(node.Output.Name, node.Output.Shape, output) { Type = type };
            borders.Add(value);
            nodes.Add(new QuantizedNode(node.Name, operation, [.. sources], value));
        }

        string result = borders.As(ElementType.Int8, fused.Output).Name;
        return new QuantizedGraph(fused.Name, input, nodes, result) { Picture = fused.Picture, Labels = fused.Labels };
    }

    private static void CheckNames(Graph fused, QuantizerOptions options)
    {
        Check(options.Wide, WideLayers.Takes, "layer that can take int16 activations");
        Check(options.Int4, operation => operation is Conv2D or FullyConnected or TransposeConv, "convolution or fully connected layer");

        void Check(IEnumerable<string> names, Func<Operation, bool> takes, string kind)
        {
            string[] layers = [.. fused.Nodes.Where(n => takes(n.Operation)).Select(n => n.Name)];
            if (names.FirstOrDefault(name => !layers.Contains(name)) is { } stranger)
            {
                throw new ConversionException($"No {kind} is named '{stranger}'; there are "
                    + $"{string.Join(", ", layers)}.");
            }
        }
    }

    private static (QuantizedOperation Operation, ActivationQuantization Output) Quantize(
        Node node, ActivationQuantization[] inputs, WantedScale wanted, LayerPrecision precision, ActivationScheme scheme)
    {
        ActivationQuantization input = inputs[0];
        switch (node.Operation)
        {
            case Conv2D c:
                (QuantizedWeights filters, ActivationQuantization image) =
                    Weights(node, (c.Weights, c.Bias, c.Activation), input, wanted, precision, scheme);
                return (new QuantizedConv2D(filters, c.Window, c.Groups), image);
            case FullyConnected f:
                (QuantizedWeights rows, ActivationQuantization row) =
                    Weights(node, (f.Weights, f.Bias, f.Activation), input, wanted, precision, scheme);
                return (new QuantizedFullyConnected(rows), row);
            case MaxPool p:
                return (new QuantizedMaxPool(p.Window), input);
            case AveragePool p:
                return (new QuantizedAveragePool(p.Window), input);
            case Reshape:
                return (new QuantizedReshape(), input);
            case Softmax:
                return (new QuantizedSoftmax(Exponential(node, input)), ActivationQuantization.Probability);
            case Activate a when precision.Wide:
                return ElementwiseQuantizer.WideTable(a, input, wanted);
            case Activate a:
                ActivationQuantization output = wanted.Given ?? GivenRanges.Fixed(a) ?? wanted.Of(scheme);
                return (ElementwiseQuantizer.Table(a, input, output), output);
            case LogSoftmax:
                return (new QuantizedLogSoftmax(Exponential(node, input)), ActivationQuantization.LogProbability);
            case Lrn l:
                return ElementwiseQuantizer.Lrn(l, input, wanted, scheme);
            case TransposeConv t:
                (QuantizedWeights kernels, ActivationQuantization larger) =
                    Weights(node, (t.Weights, t.Bias, t.Activation), input, wanted, precision, scheme);
                return (new QuantizedTransposeConv(kernels, t.Window), larger);
            case Arithmetic a when precision.Wide:
                return ElementwiseQuantizer.WideArithmetic(a, input, inputs[1], wanted);
            case Arithmetic a:
                return ElementwiseQuantizer.Arithmetic(node.Name, a, input, inputs.Length > 1 ? inputs[1] : null, wanted, scheme);
            case PRelu p:
                return ElementwiseQuantizer.PRelu(node.Name, p, input, wanted, scheme);
            case Concat c:
                return (new QuantizedConcat(c.Axis), wanted.Given ?? (inputs.All(i => i == input) ? input
                    : precision.Wide ? ActivationQuantization.Int16(wanted.Range) : wanted.Of(scheme)));
            case Pad p:
                return (new QuantizedPad(p, input.Quantize(p.Value)), input);
            case Transpose t:
                return (new QuantizedTranspose(t.Order), input);
            case Slice s:
                return (new QuantizedSlice(s.Dimensions), input);
            case ResizeImage r:
                return (new QuantizedResize(r.Mode, r.Coordinates), input);
            default:
                throw new ConversionException(
                    $"{node.Operation.Kind} '{node.Name}' has no int8 form; apply Fusion before quantizing.");
        }
    }

    private static SoftmaxParameters Exponential(Node node, ActivationQuantization input) => input.Scale >= SoftmaxParameters.SmallestScale
        ? SoftmaxParameters.FromScale(input.Scale)
        : throw new ConversionException($"The input of {node.Operation.Kind} '{node.Name}' has the scale {input.Scale}; at least "
            + $"{SoftmaxParameters.SmallestScale} is supported. All its differences would be 0.");

    /// <summary>One layer between given scales.</summary>
    internal static QuantizedWeights Layer(Node node, ActivationQuantization input, ActivationQuantization output, LayerPrecision precision) =>
        Quantize(node, [input], new WantedScale(default, output), precision, ActivationScheme.Asymmetric).Operation switch
        {
            QuantizedConv2D c => c.Weights,
            QuantizedFullyConnected f => f.Weights,
            _ => throw new ArgumentException($"'{node.Name}' has no weights.", nameof(node)),
        };

    private static (QuantizedWeights Weights, ActivationQuantization Output) Weights(Node node,
        (float[] Weights, float[] Bias, Activation Activation) layer, ActivationQuantization input, WantedScale wanted, LayerPrecision precision,
        ActivationScheme scheme)
    {
        (float[] weights, float[] bias, Activation activation) = layer;
        IntegerWeights integers = node.Operation.Given is { } given
            ? WeightQuantizer.TakeOver(node.Name, given, bias, input)
            : WeightQuantizer.Quantize(weights, bias, input, precision);
        ActivationQuantization output = wanted.Given ?? (precision.Wide
            ? WithinWideReach(ActivationQuantization.Int16(wanted.Range), integers, input.Scale)
            : WithinReach(wanted.Range, integers, input.Scale, scheme));
        QuantizedMultiplier[] multipliers = [.. integers.Scales.Select((s, o) =>
            Multiplier(node.Name, (double)input.Scale * s / output.Scale, isDead: integers.LargestAccumulator[o] == 0))];
        (int least, int most) = precision.Wide ? (short.MinValue, short.MaxValue) : (sbyte.MinValue, (int)sbyte.MaxValue);
        (int min, int max) = Clamp(activation, node.Operation.Bounds, output, least, most);
        var quantized = new QuantizedWeights(integers.Weights, integers.Scales, integers.Bias, multipliers, activation, min, max)
        {
            Type = precision.Int4 || node.Operation.Given is { IsInt4: true } ? ElementType.Int4 : ElementType.Int8,
            Bounds = node.Operation.Bounds,
            ZeroPoint = node.Operation.Given?.ZeroPoint ?? 0,
        };
        return (quantized, output);
    }

    /// <summary>What a fused activation leaves of the integers.</summary>
    internal static (int Min, int Max) Clamp(Activation activation, ValueRange bounds, ActivationQuantization output, int least, int most)
    {
        int Step(double real) =>
            (int)Math.Clamp(Math.Round(real / output.Scale, MidpointRounding.AwayFromZero) + output.ZeroPoint, least, most);
        return activation switch
        {
            Activation.None => (least, most),
            Activation.Relu => (Step(0), most),
            Activation.Relu6 => (Step(0), Step(6)),
            _ => (Step(bounds.Min), Step(bounds.Max)),
        };
    }

    // A channel without weights and bias is 0 at any scale, also at one that is far from the output's.
    private static QuantizedMultiplier Multiplier(string layer, double ratio, bool isDead)
    {
        const double TooLarge = 1 << 30;
        return ratio < TooLarge ? QuantizedMultiplier.From(ratio)
            : isDead ? default
            : throw new ConversionException($"The scales of '{layer}' do not go together: input scale * weight scale is {ratio:G3} times its "
                + "output scale; less than 2^30 is supported. Look at the layer's weights and at the range of its output.");
    }

    // A range far narrower than what the layer can produce would shift accumulators out of int32: keep accumulator * multiplier under 2^29.
    private static ActivationQuantization WithinReach(
        ValueRange range, IntegerWeights integers, float inputScale, ActivationScheme scheme)
    {
        var output = ActivationQuantization.FromRange(range, scheme);
        double reach = integers.Scales.Select((s, o) => inputScale * (double)s * integers.LargestAccumulator[o] / (1 << 29)).Max();
        return output.Scale >= reach
            ? output
            : ActivationQuantization.FromRange(new ValueRange(range.Min, Math.Max(0, range.Min) + (float)(256 * reach)), scheme);
    }

    // The runtime takes shifts of at most 7 with int16 activations.
    private static ActivationQuantization WithinWideReach(ActivationQuantization output, IntegerWeights integers, float inputScale) =>
        output with { Scale = Math.Max(output.Scale, (float)(inputScale * (double)integers.Scales.Max() / 100)) };

    /// <summary>The name of a part of a concatenation at the scale of the whole: its own, or that of what brings it there.</summary>
    private static string AtScale(List<QuantizedNode> nodes, Node node, int index, QuantizedValue part, ActivationQuantization whole)
    {
        if (part.Quantization == whole)
        {
            return part.Name;
        }

        var scaled = new QuantizedValue($"{node.Output.Name}.part{index}", part.Shape, whole) { Type = part.Type };
        QuantizedOperation rescale = part.Type == ElementType.Int16
            ? new QuantizedRequantize(QuantizedMultiplier.From((double)part.Quantization.Scale / whole.Scale))
            : ElementwiseQuantizer.Table(new Activate(Activation.None), part.Quantization, whole);
        nodes.Add(new QuantizedNode($"{node.Name}.part{index}", rescale, [part.Name], scaled));
        return scaled.Name;
    }
}
