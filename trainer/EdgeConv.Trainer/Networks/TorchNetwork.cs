using EdgeConv.Converters.Data;
using EdgeConv.Trainer.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeConv.Trainer.Networks;

/// <summary>
/// A network that torch can train. All parameters lie end to end in one tensor, of which each layer sees its part: the optimizer and
/// the moving average are then a few operations whatever the number of layers, and a checkpoint is a few arrays.
/// </summary>
public sealed class TorchNetwork : IDisposable
{
    private readonly IReadOnlyList<PlacedLayer> _layers;
    private readonly Tensor[][] _parameters;

    /// <summary>With weights drawn from the seed: uniform within 1 / sqrt(fan-in), torch's own default.</summary>
    public TorchNetwork(NetworkDescription description, ulong seed = 0)
    {
        LibTorch.Prepare();
        Description = description;
        _layers = description.Place();
        using DisposeScope scope = NewDisposeScope();
        Flat = tensor(InitialWeights(seed)).DetachFromDisposeScope();
        _parameters = [.. Slice(Flat).Select(layer => layer.Select(p => p.requires_grad_(true).DetachFromDisposeScope()).ToArray())];
    }

    /// <summary>With weights that have been learnt, in the order of <see cref="Flat"/>.</summary>
    public static TorchNetwork FromWeights(NetworkDescription description, float[] weights)
    {
        var network = new TorchNetwork(description);
        network.Load(weights);
        return network;
    }

    /// <summary>What the network is.</summary>
    public NetworkDescription Description { get; }

    /// <summary>All parameters, layer by layer, weights before bias: float [N].</summary>
    public Tensor Flat { get; }

    /// <summary>Computes class scores (logits) [N, classes] of a batch NCHW.</summary>
    public Tensor Forward(Tensor pictures)
    {
        Tensor x = pictures;
        for (int i = 0; i < _layers.Count; i++) x = _layers[i].Layer.Forward(x, _parameters[i]);
        return x;
    }

    /// <summary>Takes over weights in the order of <see cref="Flat"/>.</summary>
    /// <exception cref="TrainingException">They are of another network.</exception>
    public void Load(float[] weights) => Copy(weights, Flat);

    /// <summary>Writes values into a tensor of the same length, without a graph.</summary>
    internal static void Copy(float[] source, Tensor target)
    {
        if (source.Length != target.numel())
        {
            throw new TrainingException(
                $"The checkpoint has {source.Length} parameters, the network {target.numel()}. Start anew, without --resume.");
        }
        using IDisposable off = no_grad();
        using Tensor values = tensor(source);
        target.copy_(values);
    }

    /// <summary>The gradient of the last backward pass in the order of <see cref="Flat"/>; the gradients start anew afterwards.</summary>
    public Tensor TakeGradient()
    {
        var parts = new List<Tensor>();
        foreach (Tensor parameter in _parameters.SelectMany(p => p))
        {
            Tensor gradient = parameter.grad ?? throw new InvalidOperationException("No backward pass has run.");
            parts.Add(gradient.reshape(-1));
            parameter.grad = null;
        }
        return cat(parts);
    }

    /// <summary>The weights of each layer, in the order of <see cref="Layer.ParameterShapes"/>.</summary>
    internal static IReadOnlyList<float[][]> Split(NetworkDescription description, ReadOnlyMemory<float> flat)
    {
        int offset = 0;
        return [.. description.Place().Select(layer => layer.Layer.ParameterShapes(layer.Input).Select(shape =>
        {
            int length = (int)shape.Aggregate(1L, (n, d) => n * d);
            offset += length;
            return flat.Slice(offset - length, length).ToArray();
        }).ToArray())];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor parameter in _parameters.SelectMany(p => p)) parameter.Dispose();
        Flat.Dispose();
    }

    private IEnumerable<Tensor[]> Slice(Tensor flat)
    {
        long offset = 0;
        foreach (PlacedLayer layer in _layers)
        {
            yield return [.. layer.Layer.ParameterShapes(layer.Input).Select(shape =>
            {
                long length = shape.Aggregate(1L, (n, d) => n * d);
                offset += length;
                return flat.narrow(0, offset - length, length).view(shape).detach();
            })];
        }
    }

    private float[] InitialWeights(ulong seed)
    {
        var weights = new float[Description.Parameters];
        int offset = 0;
        for (int i = 0; i < _layers.Count; i++)
        {
            PlacedLayer layer = _layers[i];
            var random = SplitMix64.For(seed, (ulong)i);
            float bound = 1 / MathF.Sqrt(layer.Layer.FanIn(layer.Input));
            for (long n = layer.Parameters; n > 0; n--) weights[offset++] = random.NextSymmetric(bound);
        }
        return weights;
    }
}
