using EdgeConv.Trainer.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeConv.Trainer.Training;

/// <summary>
/// Adam with decoupled weight decay on one tensor that holds all parameters; its state is two arrays and a count.
/// Source: Loshchilov, Hutter, "Decoupled weight decay regularization" (2019), algorithm 2.
/// </summary>
public sealed class AdamW : IOptimizer
{
    private const double Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8;
    private readonly Tensor _parameters;
    private readonly double _weightDecay;

    /// <summary>For parameters that lie end to end.</summary>
    public AdamW(Tensor parameters, double weightDecay)
    {
        _parameters = parameters;
        _weightDecay = weightDecay;
        FirstMoment = zeros_like(parameters).DetachFromDisposeScope();
        SecondMoment = zeros_like(parameters).DetachFromDisposeScope();
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
        long length = gradient.numel();
        Tensor parameters = _parameters.narrow(0, start, length);
        Tensor first = FirstMoment.narrow(0, start, length), second = SecondMoment.narrow(0, start, length);
        double correction1 = 1 - Math.Pow(Beta1, step + 1), correction2 = 1 - Math.Pow(Beta2, step + 1);
        // Named: a number that is converted on the spot may be collected while libtorch still reads it.
        using Scalar beta1 = Beta1, rest1 = 1 - Beta1, beta2 = Beta2, rest2 = 1 - Beta2, root = Math.Sqrt(correction2), epsilon = Epsilon;
        using Scalar kept = 1 - rate * _weightDecay, step1 = -rate / correction1;
        first.mul_(beta1).add_(gradient, rest1);
        second.mul_(beta2).addcmul_(gradient, gradient, rest2);
        Tensor denominator = second.sqrt().div_(root).add_(epsilon, Kept.One);
        parameters.mul_(kept);
        parameters.addcdiv_(first, denominator, step1);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        FirstMoment.Dispose();
        SecondMoment.Dispose();
    }
}
