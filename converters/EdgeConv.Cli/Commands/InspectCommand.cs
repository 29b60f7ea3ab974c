using System.CommandLine;
using EdgeConv.Cli.Models;
using EdgeConv.Cli.Reports;
using EdgeConv.Cli.Screen;
using EdgeConv.Runtime;

namespace EdgeConv.Cli.Commands;

/// <summary>`inspect`: layers, sizes, arena map and facts of a model file.</summary>
internal static class InspectCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string> model = SharedSymbols.Model();
        Option<bool> json = SharedSymbols.Json();
        return Verb.Create(
            "inspect",
            "Show a model's layers, parameters, multiply-accumulates, flash, arena map, preprocessing and labels.",
            ["edgeconv inspect lenet5.ecm", "edgeconv inspect lenet5.ecm --json"],
            [model, json],
            (parsed, _) => Run(parsed.GetRequiredValue(model), parsed.GetValue(json), terminal));
    }

    private static int Run(string path, bool json, Terminal terminal)
    {
        using Model model = ModelFile.Open(path);
        ModelSummary summary = ModelSummary.Of(model);
        if (json)
        {
            terminal.Json(InspectReport.ToJson(model, summary));
        }
        else
        {
            InspectReport.Print(model, summary, terminal);
        }

        return ExitCode.Done;
    }
}
