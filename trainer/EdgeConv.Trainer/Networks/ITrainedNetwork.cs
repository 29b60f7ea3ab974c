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
}
