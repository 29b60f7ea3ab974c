using EdgeConv.Trainer.Parts;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeConv.Trainer.Networks;

/// <summary>What a training needs of a network. All parameters lie end to end in one tensor, so that its state is a few arrays.</summary>
public interface ITrainedNetwork : IDisposable
{
    /// <summary>All parameters: float [N].</summary>
    Tensor Flat { get; }

    /// <summary>All that batch normalization has measured: float [M].</summary>
    Tensor Statistics { get; }

    /// <summary>The parts of <see cref="Flat"/> that training changes, in order.</summary>
    IReadOnlyList<(long Start, long Length)> Trainable { get; }

    /// <summary>Whether a training pass drops values at random.</summary>
    bool HasDropout { get; }

    /// <summary>Computes class scores (logits) [N, classes] of a batch NCHW.</summary>
    Tensor Forward(Tensor pictures, Pass pass = default);

    /// <summary>Takes over weights in the order of <see cref="Flat"/>.</summary>
    /// <exception cref="TrainingException">They are of another network.</exception>
    void Load(float[] weights);

    /// <summary>The same parameters with gradients of their own: for a part of a batch, on another thread.</summary>
    ITrainedNetwork Replica();

    /// <summary>Adds the gradients of the last backward pass to a sum as long as <see cref="Flat"/>; they start anew afterwards.</summary>
    /// <param name="sum">Where they go.</param>
    /// <param name="first">Whether they replace what it holds.</param>
    void AddGradients(Tensor sum, bool first);

    /// <summary>Forward and backward of a part of a batch. What it yields are sums that it needs of all parts.</summary>
    /// <param name="exchange">Has their totals.</param>
    /// <param name="pictures">The part's.</param>
    /// <param name="pass">What is computed.</param>
    /// <param name="loss">Its share of the loss, from its scores.</param>
    internal IEnumerable<double[]> Learn(Exchange exchange, Tensor pictures, Pass pass, Func<Tensor, Tensor> loss);

    /// <summary>Forward only, for what batch normalization measures.</summary>
    /// <param name="exchange">Has the totals of what it yields.</param>
    /// <param name="pictures">The part's.</param>
    /// <param name="pass">What is computed.</param>
    /// <param name="measures">Whether this part writes it down.</param>
    internal IEnumerable<double[]> Measure(Exchange exchange, Tensor pictures, Pass pass, bool measures);
}
