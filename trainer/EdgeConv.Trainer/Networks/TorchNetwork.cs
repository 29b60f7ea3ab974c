using EdgeConv.Converters.Networks;
using EdgeConv.Trainer.Native;
using EdgeConv.Trainer.Parts;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeConv.Trainer.Networks;

/// <summary>
/// A network that torch can train. All parameters lie end to end in one tensor, of which each layer sees its part: the optimizer and
/// the moving average are then a few operations whatever the number of layers, and a checkpoint is a few arrays.
/// </summary>
public sealed class TorchNetwork : IPartedNetwork
{
    private readonly IReadOnlyList<PlacedLayer> _layers;
    private readonly Tensor[][] _parameters;
    private readonly Tensor[] _statistics;
    private readonly bool _isReplica;

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

    private TorchNetwork(TorchNetwork other)
    {
        (Description, _layers, Flat, Statistics, Trainable, _isReplica) =
            (other.Description, other._layers, other.Flat, other.Statistics, other.Trainable, true);
        using DisposeScope scope = NewDisposeScope();
        _parameters = [.. Slice(Flat)];
        _statistics = [.. Slice(Statistics, _layers.Select(layer => (long)layer.Statistics))];
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

    IPartedNetwork IPartedNetwork.Replica() => new TorchNetwork(this);

    void IPartedNetwork.AddGradients(Tensor sum, bool first)
    {
        long start = 0;
        foreach ((PlacedLayer layer, Tensor[] parameters) in _layers.Zip(_parameters))
        {
            if (!layer.Layer.Frozen) AddGradients(sum, start, parameters, first);
            start += layer.Parameters;
        }
    }

    IEnumerable<double[]> IPartedNetwork.Learn(Exchange exchange, Tensor pictures, Pass pass, Func<Tensor, Tensor> loss)
    {
        var way = new PartPass(exchange, pass);
        foreach (double[] sums in way.Forward(_layers, _parameters, _statistics, pictures, measures: false)) yield return sums;
        foreach (double[] sums in way.Backward(loss(way.Scores!))) yield return sums;
    }

    IEnumerable<double[]> IPartedNetwork.Measure(Exchange exchange, Tensor pictures, Pass pass, bool measures) =>
        new PartPass(exchange, pass).Forward(_layers, _parameters, _statistics, pictures, measures);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor part in _parameters.SelectMany(p => p).Concat(_statistics)) part.Dispose();
        if (_isReplica) return;
        Flat.Dispose();
        Statistics.Dispose();
    }

    /// <summary>Adds the gradients of parameters that lie end to end, and takes them away.</summary>
    internal static void AddGradients(Tensor sum, long start, IEnumerable<Tensor> parameters, bool first)
    {
        using IDisposable off = no_grad();
        foreach (Tensor parameter in parameters)
        {
            using Tensor gradient = parameter.grad ?? throw new InvalidOperationException("No backward pass has run.");
            Tensor place = sum.narrow(0, start, parameter.numel()).view(parameter.shape);
            if (first) place.copy_(gradient);
            else place.add_(gradient, Kept.One);
            parameter.grad = null;
            start += parameter.numel();
        }
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
