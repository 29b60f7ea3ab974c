using EdgeConv.Converters.Graphs;
using EdgeConv.Runtime;

namespace EdgeConv.Converters.Quantization;

/// <summary>How a bounded loss of accuracy was reached.</summary>
/// <param name="MaxDropPoints">The bound: percentage points under float.</param>
/// <param name="Steps">What was tried; the last step that was kept is what the file holds. The first is the network without any move.</param>
public sealed record MixedPrecisionReport(double MaxDropPoints, IReadOnlyList<PrecisionStep> Steps);

/// <summary>One network that was tried on the test set.</summary>
/// <param name="Precision">int8, 16x8 (int16 activations) or int4 weights; "as asked" for a start that mixes them.</param>
/// <param name="Layers">The layers that were given it; empty in the first step, where it is all of them.</param>
/// <param name="Accuracy">Share of right answers.</param>
/// <param name="DropPoints">Percentage points under float.</param>
/// <param name="Kept">Whether later steps build on it.</param>
/// <param name="FlashBytes">Size of the file, without golden vectors.</param>
/// <param name="ArenaBytes">Size of the arena.</param>
/// <param name="Macs">Multiply-accumulates of an inference.</param>
/// <param name="WideMacs">Those with int16 activations.</param>
public sealed record PrecisionStep(string Precision, IReadOnlyList<string> Layers, double Accuracy, double DropPoints, bool Kept,
    int FlashBytes, int ArenaBytes, long Macs, long WideMacs);

/// <summary>
/// Looks for the cheapest network whose accuracy on the test set holds: int8 first, then int16 activations at the most sensitive layers,
/// and where it is wanted int4 weights for the largest. An int16 value needs the layers on both its sides in 16x8, so that they move
/// together; whatever cannot take int16, such as a softmax, reads it as int8.
/// </summary>
/// <param name="network">The graph to quantize.</param>
/// <param name="ranges">Its ranges.</param>
/// <param name="floatAccuracy">What the drop is counted from.</param>
/// <param name="lower">Makes the file.</param>
/// <param name="measure">Share of right answers of a file.</param>
internal sealed class MixedPrecision(Graph network, Ranges ranges, double floatAccuracy,
    Func<QuantizedGraph, byte[]> lower, Func<QuantizedGraph, byte[], double> measure)
{
    private readonly List<PrecisionStep> _steps = [];

    /// <summary>Searches.</summary>
    /// <param name="start">What to begin with.</param>
    /// <param name="sensitivity">The most sensitive layer first.</param>
    /// <param name="maxDrop">Percentage points.</param>
    /// <param name="shrink">Whether to give the largest layers int4 weights while the drop holds.</param>
    /// <exception cref="ConversionException">The drop does not hold whatever is moved.</exception>
    public (QuantizerOptions Options, MixedPrecisionReport Report) Search(
        QuantizerOptions start, IReadOnlyList<LayerSensitivity> sensitivity, double maxDrop, bool shrink)
    {
        QuantizerOptions options = start;
        var moves = new List<string[]>();
        PrecisionStep last = Try(start.Wide.Count + start.Int4.Count == 0 ? "int8" : "as asked", [], options);
        foreach (string[] layers in Moves(sensitivity).TakeWhile(_ => last.DropPoints > maxDrop))
        {
            string[] more = [.. layers.Except(options.Wide)];
            if (more.Length > 0)
            {
                moves.Add(more);
                options = options with { Wide = [.. options.Wide, .. more] };
                last = Try("16x8", more, options);
            }
        }

        if (last.DropPoints > maxDrop)
        {
            PrecisionStep best = _steps.MinBy(s => s.DropPoints)!;
            throw new ConversionException(FormattableString.Invariant($"The accuracy drops by {best.DropPoints:F2} points at best ")
                + FormattableString.Invariant($"(the best of {_steps.Count} networks that were tried), more than {maxDrop:F2}. ")
                + Rest(options)
                + "Calibrate with more pictures or another method, equalize, correct biases, or allow a larger drop.");
        }

        // A move that came before the one that did it may have been for nothing.
        foreach (string[] layers in moves.SkipLast(1))
        {
            QuantizerOptions fewer = options with { Wide = [.. options.Wide.Except(layers)] };
            options = Try("int8", layers, fewer, maxDrop).Kept ? fewer : options;
        }

        foreach (string layer in shrink ? LargestFirst().Except(start.Int4) : [])
        {
            QuantizerOptions smaller = options with { Int4 = [.. options.Int4, layer] };
            options = Try("int4 weights", [layer], smaller, maxDrop).Kept ? smaller : options;
        }

        return (options, new MixedPrecisionReport(maxDrop, _steps));
    }

    // What is still int8, for people who wonder.
    private string Rest(QuantizerOptions options)
    {
        string[] rest = [.. network.Nodes.Where(n => !WideLayers.Keeps(n.Operation) && !options.Wide.Contains(n.Name)).Select(n => n.Name)];
        return rest.Length == 0 ? "" : $"Still int8, since nothing could follow in int16: {string.Join(", ", rest)}. ";
    }

    private PrecisionStep Try(
        string precision, IReadOnlyList<string> changed, QuantizerOptions options, double keptUnder = double.PositiveInfinity)
    {
        QuantizedGraph quantized = Quantizer.Quantize(network, ranges, options);
        byte[] file = lower(quantized);
        double accuracy = measure(quantized, file);
        double drop = Math.Round((floatAccuracy - accuracy) * 100, 6);
        using Model model = Model.Load(file);
        Node[] layers = [.. network.Nodes.Where(n => n.Operation is Conv2D or FullyConnected)];
        var step = new PrecisionStep(precision, changed, accuracy, drop, drop <= keptUnder, file.Length, model.ArenaBytes,
            layers.Sum(Macs), layers.Where(n => options.Wide.Contains(n.Name)).Sum(Macs));
        _steps.Add(step);
        return step;
    }

    // A layer and those that read its output; a layer that only others read gains nothing.
    private IEnumerable<string[]> Moves(IReadOnlyList<LayerSensitivity> sensitivity)
    {
        foreach (LayerSensitivity layer in sensitivity)
        {
            Node node = network.Nodes.First(n => n.Name == layer.Name);
            string[] readers = [.. WideLayers.Readers(network, node.Output.Name).Select(n => n.Name).Distinct()];
            if (WideLayers.Takes(node.Operation) && readers.Length > 0)
            {
                yield return [node.Name, .. readers];
            }
        }
    }

    private IEnumerable<string> LargestFirst() => network.Nodes
        .Where(n => n.Operation is Conv2D or FullyConnected or TransposeConv)
        .OrderByDescending(n => Weights(n).Length)
        .Select(n => n.Name);

    private static float[] Weights(Node node) => node.Operation switch
    {
        Conv2D c => c.Weights,
        FullyConnected f => f.Weights,
        TransposeConv t => t.Weights,
        _ => [],
    };

    private static long Macs(Node node) => (long)node.Output.Length * (Weights(node).Length / node.Output.Shape[^1]);
}
