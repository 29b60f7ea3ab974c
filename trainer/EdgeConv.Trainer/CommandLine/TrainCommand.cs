using System.CommandLine;
using System.Globalization;
using EdgeConv.Converters.Data;
using EdgeConv.Converters.Networks;
using EdgeConv.Trainer.Native;
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
          edgeconv train --model my.net --data pictures.zip --class-weights --augment "rotate=15 flip color=20"
          edgeconv train --model resnet8 --data pictures/ --find-lr
          edgeconv train --transfer-from cifar --size 64 --data photos/ --out runs/photos
          edgeconv train --transfer-from runs/cifar --freeze 5 --data photos.zip --augment "rotate=15 color=20"
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
        options.IsTransfer(parsed);
        LibTorch.Prepare();
        if (options.FindRate(parsed)) return FindRate(options, parsed, cancel);
        RunFolder folder = options.Folder(parsed);
        TrainingRun run = options.Resume(parsed) ? Resume(options, parsed, folder) : Start(options, parsed, folder);
        IAnsiConsole console = AnsiConsole.Console;
        console.Write(NetworkTable.Create(run.Network));
        try
        {
            bool terminal = console.Profile.Out.IsTerminal && console.Profile.Capabilities.Interactive;
            TrainingMetrics metrics = terminal
                ? TerminalProgress.Run(console, progress => run.Execute(progress, cancel))
                : run.Execute(new PlainProgress(Console.Out), cancel);
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

    private static TrainingRun Start(TrainOptions options, ParseResult parsed, RunFolder folder)
    {
        (TrainingSettings settings, IDataSet data) = Prepare(options, parsed);
        return TrainingRun.Start(settings, data, folder, options.Workers(parsed));
    }

    private static (TrainingSettings Settings, IDataSet Data) Prepare(TrainOptions options, ParseResult parsed)
    {
        if (!options.IsTransfer(parsed) && !KnownNetworks.IsFile(options.Model(parsed))) KnownNetworks.Get(options.Model(parsed)); // before the data set is looked for
        IDataSet data = DataSets.Open(options.Data(parsed), Split.Train);
        return (options.ForStart(parsed, data.Count), data);
    }

    private static int FindRate(TrainOptions options, ParseResult parsed, CancellationToken cancel)
    {
        (TrainingSettings settings, IDataSet data) = Prepare(options, parsed);
        LearningRateCurve curve = LearningRateFinder.Run(settings, data, options.Workers(parsed), cancel);
        foreach (string line in curve.Lines()) Console.WriteLine(line);
        return ExitCode.Done;
    }

    private static TrainingRun Resume(TrainOptions options, ParseResult parsed, RunFolder folder)
    {
        (TrainingSettings settings, TrainingState state) = CheckpointFile.Load(folder.Checkpoint);
        settings = options.ForResume(parsed, settings);
        return TrainingRun.Resume(settings, DataSets.Open(settings.Data, Split.Train), state, folder, options.Workers(parsed));
    }

    private static string Summary(TrainingMetrics metrics, RunFolder folder) => string.Create(CultureInfo.InvariantCulture,
        $"test accuracy {metrics.TestAccuracy * 100:F2} % on {metrics.TestImages} pictures (weights of epoch {metrics.BestEpoch}), " +
        $"{metrics.Seconds:F0} s of training, in {folder.Path}");
}
