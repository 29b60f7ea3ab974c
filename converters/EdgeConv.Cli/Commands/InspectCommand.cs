using System.CommandLine;
using EdgeConv.Cli.Files;
using EdgeConv.Cli.Models;
using EdgeConv.Cli.Reports;
using EdgeConv.Cli.Screen;
using EdgeConv.Converters.Boards;
using EdgeConv.Converters.Networks;
using EdgeConv.Devices.Updating;
using EdgeConv.Runtime;

namespace EdgeConv.Cli.Commands;

/// <summary>`inspect`: layers, sizes, arena map and facts of a model file; how the sizes of a network come about.</summary>
internal static class InspectCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string> model = new("model")
        {
            Description = "The model file (.ecm); a package for boards (.ecpkg); or a network before training: a file that describes one (.net) or a name of `edgeconv models`.",
        };
        Option<string?> board = SharedSymbols.Board("Hold the model against this board; exit code 1 if it does not fit.");
        Option<bool> card = new("--card") { Description = "Write the model's card: data, training, accuracy a class, size and time a board, licence, hashes, what reproduces it." };
        Option<string?> output = new("--output", "-o") { Description = "Write the card there (.md or .html) instead of printing it.", HelpName = "file" };
        Option<bool> json = SharedSymbols.Json();
        return Verb.Create(
            "inspect",
            "Show a model's layers, parameters, multiply-accumulates, flash, arena map, preprocessing and labels.",
            ["edgeconv inspect lenet5.ecm", "edgeconv inspect lenet5.ecm --board esp32", "edgeconv inspect lenet5.ecm --json",
                "edgeconv inspect lenet5.ecm --card -o lenet5.md",
                "edgeconv inspect lenet5.ecpkg", "edgeconv inspect my.net", "edgeconv inspect vgg16"],
            [model, board, card, output, json],
            (parsed, _) => parsed.GetValue(card)
                ? Card(parsed.GetRequiredValue(model), parsed.GetValue(board), OutputNames.Card(parsed.GetValue(output)), parsed.GetValue(json), terminal)
                : parsed.GetValue(output) is not null ? throw new UsageException("--output goes with --card.")
                : Run(parsed.GetRequiredValue(model), parsed.GetValue(board), parsed.GetValue(json), terminal));
    }

    private static int Run(string path, string? boardId, bool json, Terminal terminal)
    {
        if (KnownNetworks.IsFile(path) || (!File.Exists(path) && KnownNetworks.Has(path)))
        {
            return Explain(KnownNetworks.Open(path, new NetworkOptions()), boardId, json, terminal);
        }

        if (boardId is null && File.Exists(path) && SignedModel.IsPackage(path))
        {
            return Open(path, json, terminal);
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

    private static int Open(string path, bool json, Terminal terminal)
    {
        SignedModel package = SignedModel.Read(path, Trust.Everybody);
        if (json)
        {
            terminal.Json(new { File = path, package.Key, package.Manifest });
        }
        else
        {
            PackageReport.Print(path, package, terminal);
        }

        return ExitCode.Done;
    }

    private static int Card(string path, string? board, string? output, bool json, Terminal terminal)
    {
        if (board is not null)
        {
            throw new UsageException("--card has all boards in it; leave out --board.");
        }

        using Model model = ModelFile.Open(path);
        ModelCard card = ModelCard.Of(path, model);
        if (output is not null)
        {
            OutputFile.EnsureWritable(output);
            OutputFile.Write(output, output.EndsWith(".html", StringComparison.OrdinalIgnoreCase) ? CardPage.Page(card) : CardPage.Markdown(card));
        }

        if (json)
        {
            terminal.Json(CardPage.ToJson(card));
        }
        else
        {
            terminal.Line(output is null ? CardPage.Markdown(card).TrimEnd() : $"wrote {output}");
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
