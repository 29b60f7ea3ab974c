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
            Description = "The trainer's options: --model NAME|FILE.net, --data NAME|FOLDER|ZIP|CSV, --epochs N, --out FOLDER, --augment WORDS, "
                + "--size N, --width X, --class-weights, --find-lr, --patience N, --lr X, --seed N, --qat --from RUN, --int4 LAYERS, --resume... "
                + "`edgeconv train -- --help` lists all of them.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        Command command = Verb.Create(
            "train",
            "Train a network; writes a run folder with model.onnx, settings, metrics and the training curve.",
            ["edgeconv train --model lenet5 --data mnist --epochs 10 --out runs/lenet5", "edgeconv train --model my.net --data pictures.zip",
                "edgeconv train --qat --from runs/lenet5"],
            [rest],
            (parsed, cancel) => TrainerProcess.Run(["train", .. parsed.GetValue(rest) ?? [], .. parsed.UnmatchedTokens], terminal, cancel));
        command.TreatUnmatchedTokensAsErrors = false;
        return command;
    }
}
