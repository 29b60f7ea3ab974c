using System.CommandLine;
using System.Globalization;
using EdgeConv.Converters;
using EdgeConv.Converters.Data;
using EdgeConv.Converters.Networks;
using EdgeConv.Trainer.Native;
using EdgeConv.Trainer.Parts;
using EdgeConv.Trainer.QuantizationAware;
using EdgeConv.Trainer.Training;
using Spectre.Console;

namespace EdgeConv.Trainer.CommandLine;

/// <summary>edgeconv train.</summary>
internal static class TrainCommand
{
    private const string Text = """
        Trains a network and leaves a run folder: model.onnx (the best epoch), network.net,
        settings.json, metrics.json, curve.png.

        Examples:
          edgeconv train --model lenet5 --data mnist --epochs 10 --out runs/lenet5
          edgeconv train --model conv7-cifar --data cifar10 --out runs/cifar
          edgeconv train --model resnet14-cifar --data cifar10 --out runs/cifar-88
          edgeconv train --model my.net --data pictures.zip --class-weights --augment "rotate=15 flip color=20"
          edgeconv train --model resnet8 --data pictures/ --find-lr
          edgeconv train --transfer-from cifar --size 64 --data photos/ --out runs/photos
          edgeconv train --transfer-from runs/cifar --freeze 5 --data photos.zip --augment "rotate=15 color=20"
          edgeconv train --qat --from runs/lenet5 --int4 all --epochs 3
          edgeconv train --resume --out runs/lenet5-long
        """;

    public static Command Create()
    {
        var options = new TrainOptions();
        var command = new Command("train", Text);
        foreach (Option option in options.All) command.Options.Add(option);
        command.SetAction((parsed, cancel) => Task.Run(() => Run(options, parsed, cancel), CancellationToken.None));
        return command;
    }

    private static int Run(TrainOptions options, ParseResult parsed, CancellationToken cancel)
    {
        options.IsTransfer(parsed); // options that do not go together are said before anything is loaded
        LibTorch.Prepare();
        bool fineTunes = options.FineTunes(parsed), resumes = options.Resume(parsed);
        if (!fineTunes) options.CheckPlain(parsed);
        if (options.FindRate(parsed) && !fineTunes) return FindRate(options, parsed, cancel);
        RunFolder folder = options.Folder(parsed);
        IAnsiConsole console = AnsiConsole.Console;
        Execution execute = resumes ? Resume(options, parsed, folder, console, cancel)
            : fineTunes ? FineTune(options, parsed, folder, cancel)
            : Show(Start(options, parsed, folder, cancel), console);
        try
        {
            bool terminal = console.Profile.Out.IsTerminal && console.Profile.Capabilities.Interactive;
            TrainingMetrics metrics = terminal
                ? TerminalProgress.Run(console, progress => execute(progress, cancel))
                : execute(new PlainProgress(Console.Out), cancel);
            Console.WriteLine(Summary(metrics, folder));
            return ExitCode.Done;
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine(File.Exists(folder.Checkpoint)
                ? $"Stopped. Go on after the last whole epoch with: edgeconv train --resume --out {folder.Path}"
                : "Stopped before the first epoch was whole; there is nothing to resume.");
            return ExitCode.Stopped;
        }
    }

    private static TrainingRun Start(TrainOptions options, ParseResult parsed, RunFolder folder, CancellationToken cancel)
    {
        (TrainingSettings settings, IDataSet data) = Prepare(options, parsed, cancel);
        TrainingRun run = TrainingRun.Start(settings, data, folder, options.Resources(parsed));
        run.Command = CommandText.Of(parsed.Tokens.Select(token => token.Value));
        return run;
    }

    private static (TrainingSettings Settings, IDataSet Data) Prepare(TrainOptions options, ParseResult parsed, CancellationToken cancel)
    {
        if (!options.IsTransfer(parsed) && !KnownNetworks.IsFile(options.Model(parsed)))
            KnownNetworks.Get(options.Model(parsed)); // before the data set is looked for
        IDataSet data = DataSetFile.Open(options.Data(parsed), Split.Train, cancel);
        return (options.ForStart(parsed, data.Count), data);
    }

    private static int FindRate(TrainOptions options, ParseResult parsed, CancellationToken cancel)
    {
        (TrainingSettings settings, IDataSet data) = Prepare(options, parsed, cancel);
        LearningRateCurve curve = LearningRateFinder.Run(settings, data, options.Resources(parsed), cancel);
        foreach (string line in curve.Lines()) Console.WriteLine(line);
        return ExitCode.Done;
    }

    private static Execution Resume(TrainOptions options, ParseResult parsed, RunFolder folder, IAnsiConsole console, CancellationToken cancel)
    {
        (TrainingSettings settings, TrainingState state) = CheckpointFile.Load(folder.Checkpoint);
        if (options.FineTunes(parsed) && settings.Quantization == null)
            throw new UsageException($"The run in {folder.Path} is a float training; leave out --qat, or start quantization-aware training from it with --from.");
        settings = options.ForResume(parsed, settings);
        IDataSet data = DataSetFile.Open(settings.Data, Split.Train, cancel);
        Resources resources = options.Resources(parsed);
        return settings.Quantization == null
            ? Show(TrainingRun.Resume(settings, data, state, folder, resources), console)
            : Show(FineTuning.Resume(settings, data, state, folder, resources));
    }

    private static Execution FineTune(TrainOptions options, ParseResult parsed, RunFolder folder, CancellationToken cancel)
    {
        FineTuningSource source = options.Source(parsed);
        _ = source.Model; // before the data set is looked for
        TrainingSettings? run = source.Settings();
        string pictures = options.GivenData(parsed) ?? run?.Data ?? throw new UsageException(
            $"--from {source.Path} does not say on which pictures it was trained; name them with --data.");
        IDataSet data = DataSetFile.Open(pictures, Split.Train, cancel);
        FineTuning tuning = FineTuning.Start(options.ForFineTuning(parsed, run, data.Count), data, folder, options.Resources(parsed));
        tuning.Command = CommandText.Of(parsed.Tokens.Select(token => token.Value));
        return Show(tuning);
    }

    private static Execution Show(TrainingRun run, IAnsiConsole console)
    {
        console.Write(NetworkTable.Create(run.Network));
        return run.Execute;
    }

    private static Execution Show(FineTuning run)
    {
        Console.WriteLine(run.Description);
        return run.Execute;
    }

    private static string Summary(TrainingMetrics metrics, RunFolder folder) => string.Create(CultureInfo.InvariantCulture,
        $"{(metrics.TestAccuracyBefore == null ? "" : "quantized ")}test accuracy {metrics.TestAccuracy * 100:F2} % on {metrics.TestImages:N0} pictures " +
        $"(weights of epoch {metrics.BestEpoch}{Before(metrics)}), {metrics.Seconds:F0} s of training, in {folder.Path}");

    private static string Before(TrainingMetrics metrics) => metrics.TestAccuracyBefore is { } before
        ? string.Create(CultureInfo.InvariantCulture, $"; {before * 100:F2} % before fine-tuning")
        : "";

    private delegate TrainingMetrics Execution(ITrainingProgress? progress, CancellationToken cancel);
}
