namespace EdgeConv.Trainer.Training;

/// <summary>Settings that suit a network, where the user gives none.</summary>
/// <param name="Epochs">Passes over the training pictures.</param>
/// <param name="Batch">Pictures a step.</param>
/// <param name="LearningRate">The highest.</param>
/// <param name="WeightDecay">AdamW's.</param>
/// <param name="AverageDecay">Of the moving average of the weights.</param>
public sealed record Recipe(int Epochs, int Batch, double LearningRate, double WeightDecay, double AverageDecay)
{
    private static readonly Dictionary<string, Recipe> _recipes = new(StringComparer.OrdinalIgnoreCase)
    {
        ["lenet5"] = new(Epochs: 20, Batch: 64, LearningRate: 0.003, WeightDecay: 0.02, AverageDecay: 0.9995),
        ["lenet5-1998"] = new(Epochs: 12, Batch: 128, LearningRate: 0.004, WeightDecay: 0.01, AverageDecay: 0.999),
    };

    /// <summary>The recipe of a network, or one that is rarely wrong.</summary>
    public static Recipe For(string model) => _recipes.GetValueOrDefault(model) ?? new(20, 64, 0.001, 0.01, 0.999);
}
