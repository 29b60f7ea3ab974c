using static TorchSharp.torch;

namespace EdgeConv.Trainer.Training;

/// <summary>Changes parameters that lie end to end by their gradient. Its whole state is two arrays.</summary>
public interface IOptimizer : IDisposable
{
    /// <summary>Moving average or momentum of the gradient, as long as the parameters.</summary>
    Tensor FirstMoment { get; }

    /// <summary>Moving average of the squared gradient; empty where there is none.</summary>
    Tensor SecondMoment { get; }

    /// <summary>One step of a part of the parameters, without building a graph.</summary>
    /// <param name="start">First parameter of the part.</param>
    /// <param name="gradient">As long as the part.</param>
    /// <param name="rate">Learning rate.</param>
    /// <param name="step">Counted from 0.</param>
    void Step(long start, Tensor gradient, double rate, long step);
}

/// <summary>Which <see cref="IOptimizer"/>.</summary>
public enum OptimizerKind
{
    /// <summary><see cref="Training.AdamW"/>.</summary>
    AdamW,

    /// <summary><see cref="NesterovSgd"/>.</summary>
    Sgd,
}
