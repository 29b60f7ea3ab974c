using System.CommandLine;
using EdgeConv.Cli.Reports;
using EdgeConv.Cli.Screen;
using EdgeConv.Converters.Boards;

namespace EdgeConv.Cli.Commands;

/// <summary>`boards`: what --board can be, and what a model may take there.</summary>
internal static class BoardsCommand
{
    public static Command Create(Terminal terminal)
    {
        Option<bool> json = SharedSymbols.Json();
        return Verb.Create(
            "boards",
            "List the boards that a model can be checked against, with the memory and flash that they leave for it.",
            ["edgeconv boards", "edgeconv boards --json"],
            [json],
            (parsed, _) =>
            {
                if (parsed.GetValue(json))
                {
                    terminal.Json(KnownBoards.All);
                }
                else
                {
                    FitReport.PrintBoards(terminal);
                }

                return ExitCode.Done;
            });
    }
}
