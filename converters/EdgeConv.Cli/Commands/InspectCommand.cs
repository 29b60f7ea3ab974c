using System.CommandLine;
using EdgeConv.Cli.Models;
using EdgeConv.Cli.Reports;
using EdgeConv.Cli.Screen;
using EdgeConv.Converters.Boards;
using EdgeConv.Converters.Networks;
using EdgeConv.Runtime;

namespace EdgeConv.Cli.Commands;

/// <summary>`inspect`: layers, sizes, arena map and facts of a model file; how the sizes of a network come about.</summary>
internal static class InspectCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string> model = new("model")
        {
            Description = "The model file (.ecm); or a network before training: a file that describes one (.net) or a name of `edgeconv models`.",
        };
        Option<string?> board = SharedSymbols.Board("Hold the model against this board; exit code 1 if it does not fit.");
        Option<bool> json = SharedSymbols.Json();
        return Verb.Create(
            "inspect",
            "Show a model's layers, parameters, multiply-accumulates, flash, arena map, preprocessing and labels.",
            ["edgeconv inspect lenet5.ecm", "edgeconv inspect lenet5.ecm --board esp32", "edgeconv inspect lenet5.ecm --json",
                "edgeconv inspect my.net", "edgeconv inspect vgg16"],
            [model, board, json],
            (parsed, _) => Run(parsed.GetRequiredValue(model), parsed.GetValue(board), parsed.GetValue(json), terminal));
    }

    private static int Run(string path, string? boardId, bool json, Terminal terminal)
    {
        if (KnownNetworks.IsFile(path) || (!File.Exists(path) && KnownNetworks.Has(path)))
        {
            return Explain(KnownNetworks.Open(path, new NetworkOptions()), boardId, json, terminal);
        }

        Board? board = boardId is null ? null : KnownBoards.Find(boardId);
        using Model model = ModelFile.Open(path);
        ModelSummary summary = ModelSummary.Of(model);
        Fit? fit = board is null ? null : FitCheck.Run(model, board);
        if (json)
        {
            terminal.Json(InspectReport.ToJson(model, summary, fit));
        }
        else
        {
            InspectReport.Print(model, summary, fit, terminal);
        }

        if (fit is { Fits: false })
        {
            terminal.Error(FitReport.Refusal(path, fit));
            return ExitCode.Failed;
        }

        return ExitCode.Done;
    }

    private static int Explain(NetworkDescription network, string? boardId, bool json, Terminal terminal)
    {
        if (boardId is not null)
        {
            throw new UsageException("--board needs a model file: what a network takes on a board is known once it is converted.");
        }

        if (json)
        {
            terminal.Json(NetworkReport.ToJson(network));
        }
        else
        {
            NetworkReport.Print(network, terminal);
        }

        return ExitCode.Done;
    }
}
