namespace EdgeConv.Trainer.Training;

/// <summary>All that a training is after an epoch. Random sequences need no place here: they follow from the seed and the epoch.</summary>
public sealed record TrainingState
{
    /// <summary>Trained so far; epoch by epoch.</summary>
    public required IReadOnlyList<EpochMetrics> Epochs { get; init; }

    /// <summary>Epoch of <see cref="Best"/>, counted from 1; 0 before the first.</summary>
    public required int BestEpoch { get; init; }

    /// <summary>Parameters.</summary>
    public required float[] Weights { get; init; }

    /// <summary>The optimizer's first moment.</summary>
    public required float[] FirstMoment { get; init; }

    /// <summary>The optimizer's second moment; empty where it has none.</summary>
    public required float[] SecondMoment { get; init; }

    /// <summary>Moving average of the parameters.</summary>
    public required float[] Average { get; init; }

    /// <summary>The parameters of <see cref="BestEpoch"/>: the latest epoch within one standard error of the highest validation accuracy.</summary>
    public required float[] Best { get; init; }

    /// <summary>What batch normalization measured for <see cref="Best"/>; empty without batch normalization.</summary>
    public required float[] BestStatistics { get; init; }
}
