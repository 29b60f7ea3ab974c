namespace EdgeConv.Trainer.Training;

/// <summary>Everything that the result of a training depends on. Equal settings on one machine give equal weights, bit for bit.</summary>
public sealed record TrainingSettings
{
    /// <summary>Name of the network.</summary>
    public required string Model { get; init; }

    /// <summary>Name or path of the data set.</summary>
    public required string Data { get; init; }

    /// <summary>Passes over the training pictures.</summary>
    public required int Epochs { get; init; }

    /// <summary>Pictures a step.</summary>
    public required int Batch { get; init; }

    /// <summary>The highest learning rate; it rises over <see cref="WarmUp"/> and falls to zero along a cosine.</summary>
    public required double LearningRate { get; init; }

    /// <summary>AdamW's: the part of each weight that a step at learning rate 1 would take away.</summary>
    public required double WeightDecay { get; init; }

    /// <summary>What a step keeps of the moving average of the weights, which is what gets validated and exported; 0 for none.</summary>
    public required double AverageDecay { get; init; }

    /// <summary>Part of all steps in which the learning rate rises.</summary>
    public double WarmUp { get; init; } = 0.1;

    /// <summary>Pictures of the training part that choose the best epoch and are not trained on; 0: the last epoch is kept.</summary>
    public required int Validation { get; init; }

    /// <summary>Whether training pictures are distorted.</summary>
    public required bool Augment { get; init; }

    /// <summary>Initial weights, order, distortion, validation pictures.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Threads that torch shares an operation between; sums, and so the last bits, depend on it.</summary>
    public required int Threads { get; init; }

    /// <summary>Names of the settings in which another differs, as the user types them.</summary>
    public IReadOnlyList<string> Differences(TrainingSettings other) =>
        [.. typeof(TrainingSettings).GetProperties().Where(p => !Equals(p.GetValue(this), p.GetValue(other)))
            .Select(p => $"{p.Name}: {p.GetValue(this)} in the run, {p.GetValue(other)} asked for")];
}
