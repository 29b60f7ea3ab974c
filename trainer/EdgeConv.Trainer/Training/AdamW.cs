using TorchSharp;
using static TorchSharp.torch;

namespace EdgeConv.Trainer.Training;

/// <summary>
/// Adam with decoupled weight decay on one tensor that holds all parameters; its state is two arrays and a count.
/// Source: Loshchilov, Hutter, "Decoupled weight decay regularization" (2019), algorithm 2.
/// </summary>
public sealed class AdamW : IDisposable
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

    /// <summary>Moving average of the gradient.</summary>
    public Tensor FirstMoment { get; }

    /// <summary>Moving average of the squared gradient.</summary>
    public Tensor SecondMoment { get; }

    /// <summary>One step, without building a graph.</summary>
    /// <param name="gradient">As long as the parameters.</param>
    /// <param name="rate">Learning rate.</param>
    /// <param name="step">Counted from 0.</param>
    public void Step(Tensor gradient, double rate, long step)
    {
        using IDisposable off = no_grad();
        using DisposeScope scope = NewDisposeScope();
        double correction1 = 1 - Math.Pow(Beta1, step + 1), correction2 = 1 - Math.Pow(Beta2, step + 1);
        FirstMoment.mul_(Beta1).add_(gradient, 1 - Beta1);
        SecondMoment.mul_(Beta2).addcmul_(gradient, gradient, 1 - Beta2);
        Tensor denominator = SecondMoment.sqrt().div_(Math.Sqrt(correction2)).add_(Epsilon);
        _parameters.mul_(1 - rate * _weightDecay);
        _parameters.addcdiv_(FirstMoment, denominator, -rate / correction1);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        FirstMoment.Dispose();
        SecondMoment.Dispose();
    }
}
