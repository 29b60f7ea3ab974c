using EdgeConv.Converters.Networks;
using EdgeConv.Trainer.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeConv.Trainer.Networks;

/// <summary>
/// A network that torch can train. All parameters lie end to end in one tensor, of which each layer sees its part: the optimizer and
/// the moving average are then a few operations whatever the number of layers, and a checkpoint is a few arrays.
/// </summary>
public sealed class TorchNetwork : ITrainedNetwork
{
    private readonly IReadOnlyList<PlacedLayer> _layers;
    private readonly Tensor[][] _parameters;
    private readonly Tensor[] _statistics;

    /// <summary>With weights drawn from the seed.</summary>
    public TorchNetwork(NetworkDescription description, ulong seed = 0)
        : this(description, LayerWeights.Initial(description, seed), LayerWeights.InitialStatistics(description))
    {
    }

    /// <summary>With weights that have been learnt, in the order of <see cref="LayerWeights"/>.</summary>
    /// <exception cref="TrainingException">They are of another network.</exception>
    public TorchNetwork(NetworkDescription description, float[] weights, float[] statistics)
    {
        LibTorch.Prepare();
        Description = description;
        _layers = description.Place();
        using DisposeScope scope = NewDisposeScope();
        Flat = zeros(description.Parameters, device: LibTorch.Device).DetachFromDisposeScope();
        Statistics = zeros(description.Statistics, device: LibTorch.Device).DetachFromDisposeScope();
        Load(weights);
        Copy(statistics, Statistics);
        _parameters = [.. Slice(Flat)];
        _statistics = [.. Slice(Statistics, _layers.Select(layer => (long)layer.Statistics))];
        Trainable = Merge();
    }

    /// <summary>What the network is.</summary>
    public NetworkDescription Description { get; }

    /// <summary>All parameters, layer by layer, weights before bias: float [N].</summary>
    public Tensor Flat { get; }

    /// <inheritdoc/>
    public Tensor Statistics { get; }

    /// <inheritdoc/>
    public IReadOnlyList<(long Start, long Length)> Trainable { get; }

    /// <inheritdoc/>
    public bool HasDropout => Description.Layers.Any(layer => layer is DropoutLayer);

    /// <inheritdoc/>
    public Tensor Forward(Tensor pictures, Pass pass = default)
    {
        Tensor input = pictures.to(Flat.device);
        var outputs = new Tensor[_layers.Count];
        for (int i = 0; i < outputs.Length; i++)
        {
            Tensor[] inputs = [.. _layers[i].Sources.Select(source => source < 0 ? input : outputs[source])];
            outputs[i] = TorchLayers.Forward(_layers[i], inputs, _parameters[i], _statistics[i], pass);
        }
        Tensor scores = outputs[^1];
        return scores.dim() > 2 ? scores.flatten(1) : scores;
    }

    /// <inheritdoc/>
    public void Load(float[] weights) => Copy(weights, Flat);

    /// <summary>Writes values into a tensor of the same length, without a graph.</summary>
    internal static void Copy(float[] source, Tensor target)
    {
        if (source.Length != target.numel())
        {
            throw new TrainingException(
                $"The checkpoint has {source.Length} parameters, the network {target.numel()}. Start anew, without --resume.");
        }
        if (source.Length == 0) return;
        using IDisposable off = no_grad();
        using Tensor values = tensor(source);
        target.copy_(values);
    }

    /// <inheritdoc/>
    public IReadOnlyList<Tensor> TakeGradients()
    {
        var gradients = new List<Tensor>();
        var parts = new List<Tensor>();
        for (int i = 0; i < _layers.Count; i++)
        {
            if (_layers[i].Layer.Frozen) Finish();
            else parts.AddRange(_parameters[i].Select(Take));
        }
        Finish();
        return gradients;

        void Finish()
        {
            if (parts.Count > 0) gradients.Add(cat([.. parts]));
            parts.Clear();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor part in _parameters.SelectMany(p => p).Concat(_statistics)) part.Dispose();
        Flat.Dispose();
        Statistics.Dispose();
    }

    /// <summary>The gradient of a parameter, end to end, and none afterwards.</summary>
    internal static Tensor Take(Tensor parameter)
    {
        Tensor gradient = parameter.grad ?? throw new InvalidOperationException("No backward pass has run.");
        parameter.grad = null;
        return gradient.reshape(-1);
    }

    private IEnumerable<Tensor[]> Slice(Tensor flat)
    {
        long offset = 0;
        foreach (PlacedLayer layer in _layers)
        {
            yield return [.. layer.Layer.ParameterShapes(layer.Input).Select(shape =>
            {
                long length = PlacedLayer.Length(shape);
                offset += length;
                return flat.narrow(0, offset - length, length).view(shape).detach()
                    .requires_grad_(!layer.Layer.Frozen).DetachFromDisposeScope();
            })];
        }
    }

    private static IEnumerable<Tensor> Slice(Tensor flat, IEnumerable<long> lengths)
    {
        long offset = 0;
        foreach (long length in lengths)
        {
            yield return flat.narrow(0, offset, length).DetachFromDisposeScope();
            offset += length;
        }
    }

    private List<(long Start, long Length)> Merge()
    {
        var parts = new List<(long Start, long Length)>();
        long offset = 0;
        bool open = false;
        foreach (PlacedLayer layer in _layers)
        {
            long length = layer.Parameters;
            if (length > 0 && !layer.Layer.Frozen)
            {
                if (open) parts[^1] = (parts[^1].Start, parts[^1].Length + length);
                else parts.Add((offset, length));
            }
            open = (open || length > 0) && !layer.Layer.Frozen;
            offset += length;
        }
        return parts;
    }
}
