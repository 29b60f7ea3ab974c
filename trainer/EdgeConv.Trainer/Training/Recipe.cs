using EdgeConv.Converters.Augmentation;

namespace EdgeConv.Trainer.Training;

/// <summary>Settings that suit a network and a data set, where the user gives none.</summary>
/// <param name="Epochs">Passes over the training pictures.</param>
/// <param name="Batch">Pictures a step.</param>
/// <param name="LearningRate">The highest.</param>
/// <param name="WeightDecay">Of the optimizer.</param>
/// <param name="AverageDecay">Of the moving average of the weights.</param>
public sealed record Recipe(int Epochs, int Batch, double LearningRate, double WeightDecay, double AverageDecay)
{
    private static readonly Recipe _lenet5 = new(Epochs: 20, Batch: 64, LearningRate: 0.003, WeightDecay: 0.02, AverageDecay: 0.9995)
    { Augmentation = AugmentationDefaults.Handwriting };

    private static readonly Recipe _lenet1998 = new(Epochs: 12, Batch: 128, LearningRate: 0.004, WeightDecay: 0.01, AverageDecay: 0.999)
    { Augmentation = AugmentationDefaults.Handwriting };

    // Networks with batch normalization take large steps of plain gradient descent, and end better for it.
    private static readonly Recipe _normalized = new(Epochs: 16, Batch: 128, LearningRate: 0.1, WeightDecay: 5e-4, AverageDecay: 0.999)
    { Optimizer = OptimizerKind.Sgd, Schedule = ScheduleShape.Linear, WarmUp = 0.2, ChannelsLast = true, Parts = 8 };

    // As published: small steps of gradient descent, long; one machine without a GPU is not meant to finish it.
    private static readonly Recipe _large = new(Epochs: 90, Batch: 128, LearningRate: 0.01, WeightDecay: 5e-4, AverageDecay: 0)
    { Optimizer = OptimizerKind.Sgd, Augmentation = "flip zoom=0.2 color=20", ChannelsLast = true, Parts = 4 };

    private static readonly Dictionary<string, Recipe> _recipes = new(StringComparer.OrdinalIgnoreCase)
    {
        ["lenet5"] = _lenet5,
        ["lenet5-1998"] = _lenet1998,
        ["lenet-nano"] = _lenet5 with { AverageDecay = 0.999 },
        ["conv7-fashion"] = _normalized with { Epochs = 12, LabelSmoothing = 0.05, Schedule = ScheduleShape.Cosine },
        ["conv7-cifar"] = _normalized,
        ["resnet14-cifar"] = _normalized with { Epochs = 40 },
        ["ds-cnn"] = _normalized with { Epochs = 30, WeightDecay = 1e-4 },
        ["resnet8"] = _normalized with { Epochs = 30, WeightDecay = 2e-4 },
        ["alexnet-cifar"] = _normalized with { Epochs = 20, LearningRate = 0.05 },
        ["vgg-cifar"] = _normalized with { Epochs = 20, LearningRate = 0.05 },
    };

    // A new last layer on features that stay as they are: a small convex problem, and an epoch costs next to nothing.
    private static readonly Recipe _lastLayer = new(Epochs: 60, Batch: 64, LearningRate: 0.01, WeightDecay: 0.05, AverageDecay: 0.99)
    { Augmentation = "" };

    private static readonly Recipe _lastLayers = new(Epochs: 20, Batch: 64, LearningRate: 0.002, WeightDecay: 0.05, AverageDecay: 0.99)
    { LabelSmoothing = 0.1, Augmentation = "", ChannelsLast = true, Parts = 4 };

    private static readonly Recipe _other = new(20, 64, 0.001, 0.01, 0.999) { Parts = 4 };

    /// <summary>What changes the weights.</summary>
    public OptimizerKind Optimizer { get; init; } = OptimizerKind.AdamW;

    /// <summary>How the learning rate falls.</summary>
    public ScheduleShape Schedule { get; init; } = ScheduleShape.Cosine;

    /// <summary>Part of the steps in which it rises.</summary>
    public double WarmUp { get; init; } = 0.1;

    /// <summary>Part of the certainty that is spread over all classes.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>How training pictures are changed; null where the data set alone decides.</summary>
    public string? Augmentation { get; init; }

    /// <summary>How pictures lie in memory.</summary>
    public bool ChannelsLast { get; init; }

    /// <summary>Parts of a batch, which threads share; a small network has none to gain.</summary>
    public int Parts { get; init; } = 1;

    /// <summary>The recipe of a transfer.</summary>
    /// <param name="frozen">Layers that do not change; null for all but the last.</param>
    /// <param name="data">Name or path of the data set.</param>
    public static Recipe ForTransfer(int? frozen, string data) => frozen switch
    {
        null => _lastLayer,
        0 => _lastLayers with { Augmentation = AugmentationDefaults.For(data) ?? AugmentationDefaults.Photos },
        _ => _lastLayers,
    };

    /// <summary>The recipe of a network for a data set, or one that is rarely wrong.</summary>
    /// <param name="model">Name of the network.</param>
    /// <param name="data">Name or path of the data set.</param>
    public static Recipe For(string model, string data)
    {
        Recipe recipe = _recipes.GetValueOrDefault(model)
            ?? (model.StartsWith("vgg", StringComparison.OrdinalIgnoreCase) || model.StartsWith("alexnet", StringComparison.OrdinalIgnoreCase)
                ? _large
                : _other);
        return recipe with { Augmentation = AugmentationDefaults.For(data) ?? recipe.Augmentation ?? AugmentationDefaults.Photos };
    }
}
