using EdgeConv.Trainer.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeConv.Trainer.Training;

/// <summary>
/// Gradient descent with Nesterov's momentum; the weight decay is part of the gradient. Source: Sutskever et al., "On the importance of
/// initialization and momentum in deep learning" (2013), in the form that looks ahead from the parameters themselves.
/// </summary>
public sealed class NesterovSgd : IOptimizer
{
    private const double Momentum = 0.9;
    private readonly Tensor _parameters;
    private readonly double _weightDecay;

    /// <summary>For parameters that lie end to end.</summary>
    public NesterovSgd(Tensor parameters, double weightDecay)
    {
        _parameters = parameters;
        _weightDecay = weightDecay;
        FirstMoment = zeros_like(parameters).DetachFromDisposeScope();
        SecondMoment = zeros(0).DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public Tensor FirstMoment { get; }

    /// <inheritdoc/>
    public Tensor SecondMoment { get; }

    /// <inheritdoc/>
    public void Step(long start, Tensor gradient, double rate, long step)
    {
        using IDisposable off = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor parameters = _parameters.narrow(0, start, gradient.numel()), momentum = FirstMoment.narrow(0, start, gradient.numel());
        // Named: a number that is converted on the spot may be collected while libtorch still reads it.
        using Scalar decay = _weightDecay, factor = Momentum, back = -rate;
        Tensor decayed = gradient.add(parameters, decay);
        momentum.mul_(factor).add_(decayed, Kept.One);
        parameters.add_(decayed.add_(momentum, factor), back);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        FirstMoment.Dispose();
        SecondMoment.Dispose();
    }
}
