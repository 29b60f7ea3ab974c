using System.Text.Json;
using EdgeConv.Cli.Screen;
using EdgeConv.Cli.Training;

namespace EdgeConv.Cli.Quickstart;

/// <summary>A finished run folder.</summary>
/// <param name="Folder">The run folder.</param>
/// <param name="Epochs">Passes over the training pictures.</param>
/// <param name="TestAccuracy">Of the float network.</param>
internal sealed record TrainingRun(string Folder, int Epochs, double TestAccuracy)
{
    private static readonly string[] _settings = ["--model", "lenet5", "--data", "mnist", "--epochs", "8", "--augment"];

    /// <summary>The float network.</summary>
    public string Onnx => Path.Combine(Folder, "model.onnx");

    /// <summary>PNG of the training curve; may be missing.</summary>
    public string Curve => Path.Combine(Folder, "curve.png");

    /// <summary>Takes the run that is there, resumes one that was stopped, or trains.</summary>
    /// <exception cref="FailureException">The trainer failed.</exception>
    public static TrainingRun EnsureFinished(string folder, bool fresh, Terminal terminal, CancellationToken cancel)
    {
        if (fresh && Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        if (TryRead(folder) is { } finished)
        {
            terminal.Line($"   {folder} is finished; --fresh trains again");
            return finished;
        }

        string[] resume = Directory.Exists(Path.Combine(folder, "checkpoint")) ? ["--resume"] : [];
        int code = TrainerProcess.Run(["train", .. _settings, "--out", folder, .. resume], terminal, cancel);
        cancel.ThrowIfCancellationRequested();
        return code == ExitCode.Interrupted
            ? throw new OperationCanceledException()
            : (code == 0 ? TryRead(folder) : null) ?? throw new FailureException(
                $"training did not finish (exit code {code}). `edgeconv quickstart --fresh` starts over.");
    }

    // metrics.json has a test accuracy once the training is over.
    private static TrainingRun? TryRead(string folder)
    {
        string file = Path.Combine(folder, "metrics.json");
        if (!File.Exists(file) || !File.Exists(Path.Combine(folder, "model.onnx")))
        {
            return null;
        }

        try
        {
            using JsonDocument metrics = JsonDocument.Parse(File.ReadAllBytes(file));
            JsonElement root = metrics.RootElement;
            return root.TryGetProperty("testAccuracy", out JsonElement accuracy) && accuracy.ValueKind == JsonValueKind.Number
                ? new TrainingRun(folder, root.GetProperty("epochs").GetArrayLength(), accuracy.GetDouble())
                : null;
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FailureException(
                $"'{file}' is not what the trainer writes: {exception.Message} `edgeconv quickstart --fresh` starts over.", exception);
        }
    }
}
