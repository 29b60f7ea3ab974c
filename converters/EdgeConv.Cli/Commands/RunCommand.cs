using System.CommandLine;
using EdgeConv.Cli.Models;
using EdgeConv.Cli.Reports;
using EdgeConv.Cli.Screen;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Cli.Commands;

/// <summary>`run`: the class of a picture, of each picture in a folder, or raw tensors through the network.</summary>
internal static class RunCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string> model = SharedSymbols.Model();
        Argument<string?> pictures = new("image|folder")
        {
            Description = "A picture, or a folder of pictures.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Option<int> top = new("--top") { Description = "So many classes a picture.", DefaultValueFactory = _ => 1, HelpName = "k" };
        Option<string?> path = SharedSymbols.Path();
        Option<bool> strict = new("--strict") { Description = "Refuse pictures of another size or colour instead of converting them." };
        Option<string?> raw = new("--raw")
        {
            Description = "Input tensors in the model's own type, one or more end to end, instead of a picture.",
            HelpName = "in.bin",
        };
        Option<string?> rawOut = new("--raw-out") { Description = "Where the output tensors go.", HelpName = "out.bin" };
        Option<bool> json = SharedSymbols.Json();
        return Verb.Create(
            "run",
            "Classify a picture or a folder of pictures, or run raw tensors.",
            ["edgeconv run lenet5.ecm digit.png --top 3", "edgeconv run lenet5.ecm photos --json",
                "edgeconv run lenet5.ecm --raw in.bin --raw-out out.bin"],
            [model, pictures, top, path, strict, raw, rawOut, json],
            (parsed, cancel) =>
            {
                string? source = parsed.GetValue(pictures);
                string? rawIn = parsed.GetValue(raw);
                if ((source is null) == (rawIn is null))
                {
                    throw new UsageException("name either a picture (or a folder of pictures) or --raw in.bin. "
                        + "`edgeconv run --help` has examples.");
                }

                if (rawIn is null && parsed.GetValue(rawOut) is not null)
                {
                    throw new UsageException("--raw-out goes with --raw. `edgeconv run --help` has an example.");
                }

                int count = SharedSymbols.AtLeast(parsed.GetValue(top), 1, "--top");
                KernelPath kernels = SharedSymbols.Resolve(parsed.GetValue(path));
                using Model opened = ModelFile.Open(parsed.GetRequiredValue(model));
                IReadOnlyList<Classified> results = rawIn is null
                    ? PictureRun.Run(opened, kernels, source!, count, parsed.GetValue(strict), terminal, cancel)
                    : RawRun.Run(opened, kernels, rawIn, parsed.GetValue(rawOut), count, cancel);
                if (parsed.GetValue(json))
                {
                    terminal.Json(new { Model = opened.Name, Path = kernels.Name, Results = results });
                }
                else
                {
                    RunReport.Print(results, terminal);
                }

                return ExitCode.Done;
            });
    }
}
