using System.Globalization;
using EdgeConv.Trainer.Training;
using Spectre.Console;

namespace EdgeConv.Trainer.CommandLine;

/// <summary>A progress bar with loss, accuracy, pictures a second and time left, and a line an epoch above it.</summary>
internal sealed class TerminalProgress : ITrainingProgress
{
    private readonly IAnsiConsole _console;
    private readonly ProgressContext _context;
    private ProgressTask? _task;
    private int _epochs, _stepsPerEpoch;

    private TerminalProgress(IAnsiConsole console, ProgressContext context) => (_console, _context) = (console, context);

    /// <summary>Shows the bar while the work runs.</summary>
    public static TrainingMetrics Run(IAnsiConsole console, Func<ITrainingProgress, TrainingMetrics> work) => console.Progress()
        .AutoClear(true)
        .Columns(
            new TaskDescriptionColumn { Alignment = Justify.Left },
            new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
        .Start(context => work(new TerminalProgress(console, context)));

    public void Begin(int epochs, int stepsPerEpoch, int firstEpoch)
    {
        (_epochs, _stepsPerEpoch) = (epochs, stepsPerEpoch);
        _task = _context.AddTask("training", maxValue: (double)epochs * stepsPerEpoch);
        _task.Value = (firstEpoch - 1) * stepsPerEpoch;
    }

    public void Step(int epoch, int step, double loss, double accuracy, double imagesPerSecond)
    {
        if (_task == null) return;
        _task.Value = (epoch - 1) * _stepsPerEpoch + step;
        if (step % 8 != 0) return; // the text costs more than the bar
        _task.Description = string.Create(CultureInfo.InvariantCulture,
            $"epoch {epoch}/{_epochs}  loss {loss:F4}  accuracy {accuracy * 100:F2} %  {imagesPerSecond:N0} images/s");
    }

    public void EndEpoch(EpochMetrics metrics, bool best) => _console.WriteLine(EpochLine.Format(metrics, _epochs, best));

    public void Note(string text) => _console.WriteLine(text);
}

/// <summary>A line an epoch, for files and pipes.</summary>
internal sealed class PlainProgress(TextWriter output) : ITrainingProgress
{
    private int _epochs;

    public void Begin(int epochs, int stepsPerEpoch, int firstEpoch) => _epochs = epochs;

    public void Step(int epoch, int step, double loss, double accuracy, double imagesPerSecond)
    {
    }

    public void EndEpoch(EpochMetrics metrics, bool best)
    {
        output.WriteLine(EpochLine.Format(metrics, _epochs, best));
        output.Flush();
    }

    public void Note(string text) => output.WriteLine(text);
}

/// <summary>What an epoch came to, in a line.</summary>
internal static class EpochLine
{
    public static string Format(EpochMetrics m, int epochs, bool best) => string.Create(CultureInfo.InvariantCulture,
        $"epoch {m.Epoch,3}/{epochs}  loss {m.TrainLoss:F4}  accuracy {m.TrainAccuracy * 100:F2} %{Validation(m)}  " +
        $"{m.ImagesPerSecond:N0} images/s  {m.Seconds:F1} s{(best ? "  best" : "")}");

    private static string Validation(EpochMetrics m) => m.ValidationAccuracy == null ? "" : string.Create(CultureInfo.InvariantCulture,
        $"  validation loss {m.ValidationLoss:F4} accuracy {m.ValidationAccuracy * 100:F2} %");
}
