namespace EdgeConv.Trainer.Training;

/// <summary>Hears how a training goes. Called on the training thread.</summary>
public interface ITrainingProgress
{
    /// <summary>Before the first step.</summary>
    /// <param name="epochs">In all.</param>
    /// <param name="stepsPerEpoch">Steps of each.</param>
    /// <param name="firstEpoch">Counted from 1; more than 1 after a resume.</param>
    void Begin(int epochs, int stepsPerEpoch, int firstEpoch);

    /// <summary>After each step; the means are over the epoch so far.</summary>
    void Step(int epoch, int step, double loss, double accuracy, double imagesPerSecond);

    /// <summary>After each epoch, when its checkpoint is on the disk; short epochs share one.</summary>
    /// <param name="metrics">What it came to.</param>
    /// <param name="best">Whether it is the best so far.</param>
    void EndEpoch(EpochMetrics metrics, bool best);

    /// <summary>Something worth knowing: pictures that are left out, an early end.</summary>
    void Note(string text);
}
