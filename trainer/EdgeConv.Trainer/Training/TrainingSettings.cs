using EdgeConv.Converters.Networks;
using EdgeConv.Trainer.Transfer;

namespace EdgeConv.Trainer.Training;

/// <summary>
/// Everything that the result of a training depends on. Equal settings give equal weights, bit for bit, on processors with the same
/// instructions, however many of them there are.
/// </summary>
public sealed record TrainingSettings
{
    /// <summary>So many pictures choose the best epoch at most, where nothing is said.</summary>
    public const int MaxValidation = 5000;

    private const int ValidationShare = 12;

    /// <summary>Name of the network, or the file that describes it.</summary>
    public required string Model { get; init; }

    /// <summary>Size, width and other choices of the network.</summary>
    public NetworkOptions Network { get; init; } = new();

    /// <summary>Name or path of the data set.</summary>
    public required string Data { get; init; }

    /// <summary>Passes over the training pictures.</summary>
    public required int Epochs { get; init; }

    /// <summary>Pictures a step.</summary>
    public required int Batch { get; init; }

    /// <summary>What changes the weights.</summary>
    public OptimizerKind Optimizer { get; init; } = OptimizerKind.AdamW;

    /// <summary>The highest learning rate; it rises over <see cref="WarmUp"/> and falls to zero.</summary>
    public required double LearningRate { get; init; }

    /// <summary>AdamW: the part of each weight that a step at learning rate 1 would take away; SGD: what is added to the gradient of it.</summary>
    public required double WeightDecay { get; init; }

    /// <summary>What a step keeps of the moving average of the weights, which is what gets validated and exported; 0 for none.</summary>
    public required double AverageDecay { get; init; }

    /// <summary>Part of all steps in which the learning rate rises.</summary>
    public double WarmUp { get; init; } = 0.1;

    /// <summary>How it falls.</summary>
    public ScheduleShape Schedule { get; init; } = ScheduleShape.Cosine;

    /// <summary>Part of the certainty that is spread over all classes. Source: Szegedy et al., "Rethinking the Inception architecture" (2016).</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>Whether pictures of rare classes count more, so that all classes count the same.</summary>
    public bool ClassWeights { get; init; }

    /// <summary>Epochs without a better validation accuracy after which the training ends; 0: it never ends early.</summary>
    public int Patience { get; init; }

    /// <summary>Pictures of the training part that choose the best epoch and are not trained on; 0: the last epoch is kept.</summary>
    public required int Validation { get; init; }

    /// <summary>How training pictures are changed: words of <see cref="Converters.Augmentation.AugmentationPlan"/>; empty for not at all.</summary>
    public required string Augmentation { get; init; }

    /// <summary>Initial weights, order, augmentation, validation pictures.</summary>
    public required ulong Seed { get; init; }

    /// <summary>What computes it; the last bits depend on it.</summary>
    public ComputeDevice Device { get; init; }

    /// <summary>Parts that a batch is computed in, each by one thread: sums, and so the last bits, depend on it, and not on the threads.</summary>
    public int Parts { get; init; } = 1;

    /// <summary>Whether pictures lie in memory with their channels together, which is faster for wide networks.</summary>
    public bool ChannelsLast { get; init; }

    /// <summary>Where layers are taken over from, and which of them learn; null for a network that begins at random.</summary>
    public TransferSettings? Transfer { get; init; }

    /// <summary>What the network is fine-tuned to, where this is quantization-aware training; null for float.</summary>
    public QuantizationSettings? Quantization { get; init; }

    /// <summary>Settings of a recipe, for a processor, with seed 1; a twelfth of the pictures chooses the best epoch.</summary>
    /// <param name="recipe">What suits the network and the data.</param>
    /// <param name="model">Name of the network, or the file that describes it.</param>
    /// <param name="data">Name or path of the data set.</param>
    /// <param name="pictures">In its training part.</param>
    public static TrainingSettings From(Recipe recipe, string model, string data, int pictures) => new()
    {
        Model = model,
        Data = data,
        Epochs = recipe.Epochs,
        Batch = recipe.Batch,
        Optimizer = recipe.Optimizer,
        LearningRate = recipe.LearningRate,
        WarmUp = recipe.WarmUp,
        Schedule = recipe.Schedule,
        WeightDecay = recipe.WeightDecay,
        LabelSmoothing = recipe.LabelSmoothing,
        AverageDecay = recipe.AverageDecay,
        Validation = Math.Min(MaxValidation, pictures / ValidationShare),
        Augmentation = recipe.Augmentation ?? "",
        Seed = 1,
        Parts = recipe.Parts,
        ChannelsLast = recipe.ChannelsLast,
    };

    /// <summary>A GPU computes a batch as it is.</summary>
    internal int PartsOfBatch => Device == ComputeDevice.Cuda ? 1 : Math.Min(Parts, Batch);

    /// <summary>Names of the settings in which another differs, as the user types them.</summary>
    public IReadOnlyList<string> Differences(TrainingSettings other) =>
        [.. typeof(TrainingSettings).GetProperties().Where(p => !Equals(p.GetValue(this), p.GetValue(other)))
            .Select(p => $"{p.Name}: {p.GetValue(this)} in the run, {p.GetValue(other)} asked for")];
}
