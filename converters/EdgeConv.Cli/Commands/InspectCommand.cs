using System.CommandLine;
using EdgeConv.Cli.Models;
using EdgeConv.Cli.Reports;
using EdgeConv.Cli.Screen;
using EdgeConv.Converters.Boards;
using EdgeConv.Runtime;

namespace EdgeConv.Cli.Commands;

/// <summary>`inspect`: layers, sizes, arena map and facts of a model file.</summary>
internal static class InspectCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string> model = SharedSymbols.Model();
        Option<string?> board = SharedSymbols.Board("Hold the model against this board; exit code 1 if it does not fit.");
        Option<bool> json = SharedSymbols.Json();
        return Verb.Create(
            "inspect",
            "Show a model's layers, parameters, multiply-accumulates, flash, arena map, preprocessing and labels.",
            ["edgeconv inspect lenet5.ecm", "edgeconv inspect lenet5.ecm --board esp32", "edgeconv inspect lenet5.ecm --json"],
            [model, board, json],
            (parsed, _) => Run(parsed.GetRequiredValue(model), parsed.GetValue(board), parsed.GetValue(json), terminal));
    }

    private static int Run(string path, string? boardId, bool json, Terminal terminal)
    {
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
}
