using System.CommandLine;
using EdgeConv.Cli.Emulation;
using EdgeConv.Cli.Models;
using EdgeConv.Cli.Reports;
using EdgeConv.Cli.Screen;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Cli.Commands;

/// <summary>`run`: the class of a picture, of each picture in a folder, of a camera's frames, or raw tensors through the network.</summary>
internal static class RunCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string?> model = new("model") { Description = "The model file (.ecm).", Arity = ArgumentArity.ZeroOrOne };
        Argument<string?> pictures = new("image|folder")
        {
            Description = "A picture, or a folder of pictures.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Option<int> top = new("--top") { Description = "So many classes a picture.", DefaultValueFactory = _ => 1, HelpName = "k" };
        Option<string?> path = SharedSymbols.Path();
        Option<int> threads = SharedSymbols.Threads();
        Option<bool> strict = new("--strict") { Description = "Refuse pictures of another size or colour instead of converting them." };
        Option<string?> raw = new("--raw")
        {
            Description = "Input tensors in the model's own type, one or more end to end, instead of a picture.",
            HelpName = "in.bin",
        };
        Option<string?> rawOut = new("--raw-out") { Description = "Where the output tensors go.", HelpName = "out.bin" };
        Option<string?> board = new("--on")
        {
            Description = $"Classify as the board's program does on an emulated processor: {string.Join(", ", EmulatedCpu.Names)}.",
            HelpName = "cpu",
        };
        CameraSymbols camera = new();
        Option<bool> json = SharedSymbols.Json("; of a camera one object a line");
        return Verb.Create(
            "run",
            "Classify a picture, a folder of pictures or a camera's frames, save frames for training, or run raw tensors.",
            ["edgeconv run lenet5.ecm digit.png --top 3", "edgeconv run lenet5.ecm photos --json", "edgeconv run lenet5.ecm digit.png --on cortex-a53",
                "edgeconv run lenet5.ecm --camera v4l2:/dev/video0", "edgeconv run --camera v4l2:/dev/video0 --save-as cup --to photos --frames 100",
                "edgeconv run lenet5.ecm --raw in.bin --raw-out out.bin"],
            [model, pictures, top, path, threads, strict, board, .. camera.All, raw, rawOut, json],
            (parsed, cancel) =>
            {
                if (parsed.GetValue(board) is { } cpu)
                {
                    return RunOn(cpu, parsed.GetValue(model), parsed.GetValue(pictures), parsed.GetValue(path),
                        [.. new Option[] { top, threads, strict, raw, rawOut, json }.Concat(camera.All.OfType<Option>()).Where(option => parsed.GetResult(option) is { Implicit: false })],
                        terminal, cancel);
                }

                int count = SharedSymbols.AtLeast(parsed.GetValue(top), 1, "--top");
                KernelPath kernels = SharedSymbols.Resolve(parsed.GetValue(path));
                CameraRequest? frames = camera.Read(parsed, count, parsed.GetValue(json));
                string? source = parsed.GetValue(pictures);
                string? rawIn = parsed.GetValue(raw);
                if ((source is null ? 0 : 1) + (rawIn is null ? 0 : 1) + (frames is null ? 0 : 1) != 1)
                {
                    throw new UsageException("name one of a picture (or a folder of pictures), --camera uri and --raw in.bin. "
                        + "`edgeconv run --help` has examples.");
                }

                if (rawIn is null && parsed.GetValue(rawOut) is not null)
                {
                    throw new UsageException("--raw-out goes with --raw. `edgeconv run --help` has an example.");
                }

                string? file = parsed.GetValue(model);
                if (file is null && frames?.SaveAs is null)
                {
                    throw new UsageException("name a model file (.ecm). `edgeconv run --help` has examples.");
                }

                int workers = SharedSymbols.Threads(parsed.GetValue(threads));
                using Model? opened = file is null ? null : ModelFile.Open(file);
                using EdgeClassifier? classifier = opened is null ? null : new(opened, kernels, workers);
                if (frames is not null)
                {
                    CameraRun.Run(classifier, frames, terminal, cancel);
                    return ExitCode.Done;
                }

                IReadOnlyList<Classified> results = rawIn is null
                    ? PictureRun.Run(opened!, classifier!, source!, count, parsed.GetValue(strict), terminal, cancel)
                    : RawRun.Run(opened!, classifier!, rawIn, parsed.GetValue(rawOut), count, cancel);
                if (parsed.GetValue(json))
                {
                    terminal.Json(new { Model = opened!.Name, Path = kernels.Name, Results = results });
                }
                else
                {
                    RunReport.Print(results, terminal);
                }

                return ExitCode.Done;
            });
    }

    private static int RunOn(string cpu, string? model, string? pictures, string? path, Option[] others, Terminal terminal, CancellationToken cancel)
    {
        if (!EmulatedCpu.Names.Contains(cpu))
        {
            throw new UsageException($"there is no processor '{cpu}' to emulate. There are {string.Join(", ", EmulatedCpu.Names)}.");
        }

        if (others.Length > 0 || model is null || pictures is null)
        {
            throw new UsageException($"--on takes a model file and a picture or a folder{(others.Length > 0 ? $", and no {others[0].Name}" : "")}. "
                + "`edgeconv run --help` has an example.");
        }

        using (ModelFile.Open(model))
        {
            terminal.Line(EmulatedCpu.Open(cpu, cancel).Classify(model, pictures, path, cancel));
        }

        return ExitCode.Done;
    }
}
