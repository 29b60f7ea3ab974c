using System.CommandLine;
using EdgeConv.Cli.Screen;
using EdgeConv.Cli.Training;

namespace EdgeConv.Cli.Commands;

/// <summary>`train`: hands its arguments to the trainer.</summary>
internal static class TrainCommand
{
    private const string Name = "train";

    public static Command Create(Terminal terminal)
    {
        Argument<string[]> rest = new("options")
        {
            Description = "The trainer's options: --model NAME|FILE.net, --data NAME|FOLDER|ZIP|CSV, --epochs N, --out FOLDER, --augment WORDS, "
                + "--size N, --width X, --class-weights, --find-lr, --patience N, --lr X, --seed N, --qat --from RUN, --int4 LAYERS, --resume... "
                + "`edgeconv train -- --help` lists all of them.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        return Verb.Create(
            Name,
            "Train a network; writes a run folder with model.onnx, settings, metrics and the training curve.",
            ["edgeconv train --model lenet5 --data mnist --epochs 10 --out runs/lenet5", "edgeconv train --model my.net --data pictures.zip",
                "edgeconv train --qat --from runs/lenet5"],
            [rest],
            (parsed, cancel) => TrainerProcess.Run([Name, .. parsed.GetValue(rest) ?? []], terminal, cancel));
    }

    /// <summary>A command line as the parser takes it: options that are the trainer's stand behind --, unless help is asked for.</summary>
    public static IReadOnlyList<string> Separate(IReadOnlyList<string> args) =>
        args is [Name, ..] && !args.Any(word => word is "--" or "--help" or "-h" or "-?") ? [Name, "--", .. args.Skip(1)] : args;
}
