using EdgeConv.Trainer.Networks;
using static TorchSharp.torch;

namespace EdgeConv.Trainer.Parts;

/// <summary>A network that learns from a batch in parts.</summary>
internal interface IPartedNetwork : ITrainedNetwork
{
    /// <summary>The same parameters with gradients of their own: for a part of a batch, on another thread.</summary>
    IPartedNetwork Replica();

    /// <summary>Adds the gradients of the last backward pass to a sum as long as <see cref="ITrainedNetwork.Flat"/>; they start anew afterwards.</summary>
    /// <param name="sum">Where they go.</param>
    /// <param name="first">Whether they replace what it holds.</param>
    void AddGradients(Tensor sum, bool first);

    /// <summary>Forward and backward of a part of a batch. What it yields are sums that it needs of all parts.</summary>
    /// <param name="exchange">Has their totals.</param>
    /// <param name="pictures">The part's.</param>
    /// <param name="pass">What is computed.</param>
    /// <param name="loss">Its share of the loss, from its scores.</param>
    IEnumerable<double[]> Learn(Exchange exchange, Tensor pictures, Pass pass, Func<Tensor, Tensor> loss);

    /// <summary>Forward only, for what batch normalization measures.</summary>
    /// <param name="exchange">Has the totals of what it yields.</param>
    /// <param name="pictures">The part's.</param>
    /// <param name="pass">What is computed.</param>
    /// <param name="measures">Whether this part writes it down.</param>
    IEnumerable<double[]> Measure(Exchange exchange, Tensor pictures, Pass pass, bool measures);
}
