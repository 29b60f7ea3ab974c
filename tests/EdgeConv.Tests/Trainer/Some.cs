using EdgeConv.Converters.Graphs;
using EdgeConv.Runtime.Preprocessing;
using EdgeConv.Trainer.Training;

namespace EdgeConv.Tests.Trainer;

/// <summary>Values for tests that do not care.</summary>
internal static class Some
{
    public static PictureInput Picture { get; } = new(new PictureLayout(28, 28, ColorOrder.Gray), [0.1307f], [0.3081f]);

    public static TrainingSettings Settings { get; } = new()
    {
        Model = "lenet5",
        Data = "tiny digits",
        Epochs = 3,
        Batch = 16,
        LearningRate = 0.003,
        WeightDecay = 0.02,
        AverageDecay = 0.99,
        Validation = 32,
        Augmentation = "handwriting",
        Seed = 7,
    };
}
