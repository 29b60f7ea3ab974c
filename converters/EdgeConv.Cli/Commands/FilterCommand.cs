using System.CommandLine;
using EdgeConv.Cli.Files;
using EdgeConv.Cli.Models;
using EdgeConv.Cli.Reports;
using EdgeConv.Cli.Screen;
using EdgeConv.Converters;
using EdgeConv.Converters.Data;
using EdgeConv.Converters.Visualization;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Cli.Commands;

/// <summary>`filter`: a picture behind a filter chosen by hand, through the runtime's int8 convolution.</summary>
internal static class FilterCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string> picture = new("picture") { Description = "Any picture. Colour becomes grey, unless --each-color." };
        Option<string> kernel = new("--kernel")
        {
            Description = $"{string.Join(", ", FilterKernel.Names)}, or a text file of numbers, a row a line.",
            HelpName = "name or file",
            Required = true,
        };
        Option<string?> output = new("--output", "-o")
        {
            Description = "Where the response goes (PNG). Default: PICTURE.KERNEL.png in this folder.",
            HelpName = "out.png",
        };
        Option<int> stride = new("--stride") { Description = "Pixels from one place to the next.", HelpName = "n", DefaultValueFactory = _ => 1 };
        Option<string> padding = new("--padding")
        {
            Description = "valid: only where the filter fits. same: zeros around, so that the size stays (divided by the stride).",
            HelpName = "same|valid",
            DefaultValueFactory = _ => "valid",
        };
        Option<bool> eachColor = new("--each-color") { Description = "Red, green and blue each through the filter, instead of grey." };
        Option<bool> json = SharedSymbols.Json();
        return Verb.Create(
            "filter",
            "Send a picture through a filter chosen by hand, with the int8 convolution of the runtime.",
            ["edgeconv filter house.jpg --kernel vertical -o edges.png", "edgeconv filter house.jpg --kernel sobel-y --stride 2 --padding same",
                "edgeconv filter house.jpg --kernel blur.txt --each-color"],
            [picture, kernel, output, stride, padding, eachColor, json],
            (parsed, cancel) =>
            {
                string pad = parsed.GetRequiredValue(padding);
                if (pad is not ("same" or "valid"))
                {
                    throw new UsageException($"--padding is '{pad}'; there are same and valid.");
                }

                int step = SharedSymbols.AtLeast(parsed.GetValue(stride), 1, "--stride");
                FilterKernel filter = Kernel(parsed.GetRequiredValue(kernel));
                string file = parsed.GetRequiredValue(picture);
                string result = parsed.GetValue(output) ?? $"{Path.GetFileNameWithoutExtension(file)}.{filter.Name}.png";
                OutputFile.EnsureWritable(result);
                Picture loaded = PictureFile.Load(file);
                FilteredPicture filtered = PictureFilter.Run(loaded, filter, step, pad == "same", parsed.GetValue(eachColor));
                cancel.ThrowIfCancellationRequested();
                AtomicFile.Write(result, PngFile.Encode(filtered.ToPicture()));
                if (parsed.GetValue(json))
                {
                    terminal.Json(FilterReport.ToJson(file, loaded, filter, filtered, result));
                }
                else
                {
                    FilterReport.Print(file, loaded, filter, filtered, result, terminal);
                }

                return ExitCode.Done;
            });
    }

    private static FilterKernel Kernel(string name)
    {
        if (FilterKernel.Find(name) is { } known)
        {
            return known;
        }

        if (!File.Exists(name))
        {
            string hint = UsageErrors.Nearest(name, FilterKernel.Names) is { } near ? $" Did you mean '{near}'?" : "";
            throw new UsageException($"there is no filter and no file '{name}'.{hint} Filters: {string.Join(", ", FilterKernel.Names)}.");
        }

        string text = new FileInfo(name).Length > 1 << 20
            ? throw new FailureException($"'{name}' is too large for a filter; a few lines of numbers were expected.")
            : File.ReadAllText(name);
        return FilterKernel.Parse(name, text) with { Name = Path.GetFileNameWithoutExtension(name) };
    }
}
