using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Networks;
using EdgeConv.Trainer.Native;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace EdgeConv.Trainer.Networks;

/// <summary>How layers that behave differently in training are to behave.</summary>
/// <param name="OfBatch">Batch normalization uses the batch's own statistics.</param>
/// <param name="Momentum">What the measured statistics take over from the batch's.</param>
/// <param name="Dropout">Chooses the values that are dropped; null for none.</param>
public readonly record struct Pass(bool OfBatch, double Momentum, Generator? Dropout = null)
{
    /// <summary>A step of training: measured statistics stay as they are, since they are measured anew for the averaged weights.</summary>
    public static Pass Training { get; } = new(true, 0);

    /// <summary>As on a device.</summary>
    public static Pass Inference { get; }

    /// <summary>Measures the statistics: with 1, 1/2, 1/3... the mean over all batches results.</summary>
    public static Pass Measuring(int batch) => new(true, 1.0 / (batch + 1));
}

/// <summary>What torch computes for each kind of layer, NCHW or [N, C].</summary>
internal static class TorchLayers
{
    /// <param name="placed">The layer and the sizes that it sees.</param>
    /// <param name="inputs">One a source.</param>
    /// <param name="parameters">In the order of <see cref="Layer.ParameterShapes"/>.</param>
    /// <param name="statistics">The layer's means and variances; empty for most.</param>
    /// <param name="pass">What it is computed for.</param>
    public static Tensor Forward(PlacedLayer placed, Tensor[] inputs, Tensor[] parameters, Tensor statistics, Pass pass)
    {
        Tensor x = inputs[0];
        return placed.Layer switch
        {
            ConvLayer c => Convolve(x, c, parameters),
            DepthwiseLayer d => Convolve(x, d.As(placed.Input), parameters),
            TableConvLayer t => F.conv2d(x, Dense(t, placed.Input, parameters[0]), parameters[1]),
            FullyConnectedLayer => F.linear(x.dim() > 2 ? x.flatten(1) : x, parameters[0], parameters[1]),
            MaxPoolLayer p => F.max_pool2d(x, [p.Kernel, p.Kernel], [p.Stride, p.Stride], [p.Padding, p.Padding]),
            AveragePoolLayer p =>
                F.avg_pool2d(x, [p.Kernel, p.Kernel], [p.Stride, p.Stride], [p.Padding, p.Padding], count_include_pad: false),
            GlobalAverageLayer => x.mean([2, 3], keepdim: true),
            BatchNormLayer => Normalize(x, placed.Input.Channels, parameters, statistics, pass),
            LrnLayer l => F.local_response_norm(x, l.Size, l.Alpha * l.Size, l.Beta, l.K),
            DropoutLayer d => pass.Dropout is { } random ? Drop(x, d.Part, random) : x,
            ActivationLayer a => Activate(x, a.Function),
            AddLayer => x.Plus(inputs[1]),
            ConcatLayer => cat(inputs, 1),
            _ => throw new NotSupportedException($"{placed.Layer.Kind} has no form in torch."),
        };
    }

    private static Tensor Convolve(Tensor x, ConvLayer c, Tensor[] parameters) => F.conv2d(
        x, parameters[0], c.Bias ? parameters[1] : null, [c.Stride, c.Stride], [c.Padding, c.Padding], [1, 1], c.Groups);

    // Zeros where the table has no connection.
    private static Tensor Dense(TableConvLayer table, FeatureShape input, Tensor connected)
    {
        int pixels = table.Kernel * table.Kernel;
        Tensor rows = tensor(table.DenseRows(input).Select(row => (long)row).ToArray(), device: connected.device);
        return zeros(table.Table.Count * input.Channels, pixels, device: connected.device).index_copy(0, rows, connected.view(-1, pixels))
            .view(table.Table.Count, input.Channels, table.Kernel, table.Kernel);
    }

    private static Tensor Normalize(Tensor x, int channels, Tensor[] parameters, Tensor statistics, Pass pass) => F.batch_norm(
        x, statistics.narrow(0, 0, channels), statistics.narrow(0, channels, channels), parameters[0], parameters[1],
        pass.OfBatch, pass.Momentum, BatchNormLayer.Epsilon);

    // With numbers of its own: those of libtorch's one generator would go to whichever thread asks first. They are drawn on the
    // processor, whose generator TorchSharp makes for every device, and so are the same on each.
    private static Tensor Drop(Tensor x, double part, Generator random)
    {
        using Scalar kept = 1 / (1 - part);
        return x * zeros_like(x, device: CPU).bernoulli_(1 - part, random).mul_(kept).to(x.device);
    }

    private static Tensor Activate(Tensor x, Activation function) => function switch
    {
        Activation.Relu => F.relu(x),
        Activation.Relu6 => F.relu6(x),
        Activation.Tanh => torch.tanh(x),
        Activation.Sigmoid => torch.sigmoid(x),
        _ => throw new NotSupportedException($"{function} is not trained here."),
    };
}
