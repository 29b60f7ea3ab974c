using EdgeConv.Converters.Networks;
using EdgeConv.Trainer.Native;
using EdgeConv.Trainer.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeConv.Trainer.Parts;

/// <summary>
/// The way of one part of a batch through a network and back. Batch normalization takes the statistics of the whole batch, and so the
/// parts meet at each such layer, forward and backward: what comes out is what one batch gives, however it is divided.
/// Source of the gradient: Ioffe, Szegedy, "Batch normalization" (2015), section 3.
/// </summary>
internal sealed class PartPass(Exchange exchange, Pass pass)
{
    // Where the graph is cut: at normalizations, and where several layers read a value, so that its gradient goes on once and whole.
    private readonly List<Cut> _cuts = [];

    /// <summary>What the forward pass has come to.</summary>
    public Tensor? Scores { get; private set; }

    /// <summary>Forward.</summary>
    /// <param name="layers">All layers.</param>
    /// <param name="parameters">Those of each layer.</param>
    /// <param name="statistics">What each layer has measured.</param>
    /// <param name="pictures">The part's.</param>
    /// <param name="measures">Whether this part writes what is measured.</param>
    public IEnumerable<double[]> Forward(
        IReadOnlyList<PlacedLayer> layers, Tensor[][] parameters, Tensor[] statistics, Tensor pictures, bool measures)
    {
        int[] readers = Readers(layers);
        var outputs = new Tensor[layers.Count];
        for (int i = 0; i < outputs.Length; i++)
        {
            Tensor[] inputs = [.. layers[i].Sources.Select(source => source < 0 ? pictures : outputs[source])];
            if (layers[i].Layer is BatchNormLayer)
            {
                yield return BatchMoments.Sums(inputs[0]);
                var moments = new BatchMoments(exchange.Total);
                if (measures) moments.Measure(statistics[i], pass.Momentum);
                outputs[i] = Normalize(inputs[0], parameters[i], moments);
            }
            else
            {
                outputs[i] = TorchLayers.Forward(layers[i], inputs, parameters[i], statistics[i], pass);
            }
            if (readers[i] > 1 && outputs[i].requires_grad) outputs[i] = Begin(outputs[i], null);
        }
        Scores = outputs[^1].dim() > 2 ? outputs[^1].flatten(1) : outputs[^1];
    }

    /// <summary>Backward, from the part's share of the loss to its share of every gradient.</summary>
    public IEnumerable<double[]> Backward(Tensor loss)
    {
        loss.backward();
        foreach (Cut cut in Enumerable.Reverse(_cuts))
        {
            Tensor gradient = cut.Leaf.grad!;
            if (cut.Norm is { } norm)
            {
                yield return [.. Doubles(norm.Shift.grad!), .. Doubles(norm.Scale.grad!)];
                gradient = gradient.add_(norm.Moments.Gradient(cut.Leaf, norm.Scale, exchange.Total), Kept.One);
            }
            if (cut.Upstream.requires_grad) autograd.backward(cut.Upstream, gradient);
        }
    }

    // With the moments fixed: what they add to the gradient, the backward pass adds.
    private Tensor Normalize(Tensor x, Tensor[] parameters, BatchMoments moments)
    {
        (Tensor scale, Tensor shift) = (parameters[0], parameters[1]);
        if (!is_grad_enabled()) return moments.Normalize(x, scale, shift);
        return moments.Normalize(Begin(x, new Norm(moments, scale, shift)), scale, shift);
    }

    private Tensor Begin(Tensor upstream, Norm? norm)
    {
        Tensor leaf = upstream.detach().requires_grad_(true);
        _cuts.Add(new Cut(upstream, leaf, norm));
        return leaf;
    }

    private static int[] Readers(IReadOnlyList<PlacedLayer> layers)
    {
        var readers = new int[layers.Count];
        foreach (int source in layers.SelectMany(layer => layer.Sources).Where(source => source >= 0)) readers[source]++;
        return readers;
    }

    private static IEnumerable<double> Doubles(Tensor values) => values.data<float>().Select(value => (double)value);

    private sealed record Norm(BatchMoments Moments, Tensor Scale, Tensor Shift);

    private sealed record Cut(Tensor Upstream, Tensor Leaf, Norm? Norm);
}
