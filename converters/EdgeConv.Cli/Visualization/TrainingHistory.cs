using System.Text.Json;
using EdgeConv.Cli.Screen;

namespace EdgeConv.Cli.Visualization;

/// <summary>One pass over the training pictures.</summary>
/// <param name="TrainLoss">Mean loss while training.</param>
/// <param name="ValidationLoss">Mean loss on the validation split.</param>
/// <param name="TrainAccuracy">Share of right answers while training, augmentation included.</param>
/// <param name="ValidationAccuracy">Share of right answers on the validation split.</param>
internal sealed record EpochMetrics(double TrainLoss, double ValidationLoss, double TrainAccuracy, double ValidationAccuracy);

/// <summary>What metrics.json of a run folder tells of the training.</summary>
internal static class TrainingHistory
{
    private sealed record Metrics(IReadOnlyList<EpochMetrics>? Epochs);

    /// <summary>The epochs; empty for an ONNX file from elsewhere. A damaged file is named and left out.</summary>
    public static IReadOnlyList<EpochMetrics> Read(string source, Terminal terminal)
    {
        string file = Path.Combine(source, "metrics.json");
        if (!Directory.Exists(source) || !File.Exists(file))
        {
            return [];
        }

        try
        {
            Metrics? metrics = JsonSerializer.Deserialize<Metrics>(File.ReadAllBytes(file), JsonSerializerOptions.Web);
            return [.. (metrics?.Epochs ?? []).Where(epoch => epoch is not null)];
        }
        catch (JsonException exception)
        {
            terminal.Note($"'{file}' is not what the trainer writes ({exception.Message}); the page has no training curve");
            return [];
        }
    }
}
