using System.CommandLine;
using EdgeConv.Cli.Screen;
using EdgeConv.Cli.Training;

namespace EdgeConv.Cli.Commands;

/// <summary>`train`: hands its arguments to the trainer.</summary>
internal static class TrainCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string[]> rest = new("options")
        {
            Description = "The trainer's options: --model lenet5|lenet5-1998, --data NAME|FOLDER, --epochs N, --out FOLDER, --augment, "
                + "--batch N, --lr X, --seed N, --resume... `edgeconv train -- --help` lists all of them.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        Command command = Verb.Create(
            "train",
            "Train a network; writes a run folder with model.onnx, settings, metrics and the training curve.",
            ["edgeconv train --model lenet5 --data mnist --epochs 10 --augment --out runs/lenet5"],
            [rest],
            (parsed, cancel) => TrainerProcess.Run(["train", .. parsed.GetValue(rest) ?? [], .. parsed.UnmatchedTokens], terminal, cancel));
        command.TreatUnmatchedTokensAsErrors = false;
        return command;
    }
}
