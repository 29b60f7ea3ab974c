namespace EdgeConv.Trainer.Training;

/// <summary>What one epoch came to. Accuracies are parts of 1, losses cross entropy in nats.</summary>
/// <param name="Epoch">Counted from 1.</param>
/// <param name="TrainLoss">Mean over the steps, on (distorted) training pictures.</param>
/// <param name="TrainAccuracy">The same.</param>
/// <param name="ValidationLoss">Null without validation pictures.</param>
/// <param name="ValidationAccuracy">Null without validation pictures.</param>
/// <param name="LearningRate">At the last step.</param>
/// <param name="ImagesPerSecond">Trained on.</param>
/// <param name="Seconds">Training and validation.</param>
public sealed record EpochMetrics(
    int Epoch, double TrainLoss, double TrainAccuracy, double? ValidationLoss, double? ValidationAccuracy,
    double LearningRate, double ImagesPerSecond, double Seconds);

/// <summary>What a training came to; metrics.json of a run folder.</summary>
/// <param name="Epochs">One an epoch, in order.</param>
/// <param name="BestEpoch">Whose weights are exported.</param>
/// <param name="TestAccuracy">Of those weights on pictures that took no part in the training; null before the end.</param>
/// <param name="TestImages">How many they were.</param>
/// <param name="Seconds">All epochs.</param>
public sealed record TrainingMetrics(
    IReadOnlyList<EpochMetrics> Epochs, int BestEpoch, double? TestAccuracy, int TestImages, double Seconds)
{
    /// <summary>Of post-training quantization on the same pictures, where quantization-aware training followed it.</summary>
    public double? TestAccuracyBefore { get; init; }
}
