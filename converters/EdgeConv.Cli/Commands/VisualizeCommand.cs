using System.CommandLine;
using System.Text;
using EdgeConv.Cli.Files;
using EdgeConv.Cli.Reports;
using EdgeConv.Cli.Screen;
using EdgeConv.Cli.Visualization;

namespace EdgeConv.Cli.Commands;

/// <summary>`visualize`: a page that shows what a network sees, float beside int8.</summary>
internal static class VisualizeCommand
{
    private const int DefaultImages = 2000;
    private const int DefaultUnits = 16;

    public static Command Create(Terminal terminal)
    {
        Argument<string> source = new("source") { Description = "A run folder or an .onnx file." };
        Option<string?> data = SharedSymbols.Data("Labelled pictures; the test part is shown.");
        data.Required = true;
        Option<string> output = new("--output", "-o") { Description = "The page to write.", HelpName = "report.html", Required = true };
        Option<string?> model = new("--model")
        {
            Description = "The .ecm that was converted from it. Default: one is made, ranges by minmax on the training part of --data.",
            HelpName = "model.ecm",
        };
        Option<string?> picture = new("--picture")
        {
            Description = "Follow this picture through the network. Default: one of the data set.",
            HelpName = "file",
        };
        Option<int> images = Count("--images", "Search at most so many pictures, spread over the set; more take longer, not more memory.", DefaultImages);
        Option<int> units = Count("--units", "Show at most so many units a layer, those that quantization changed most.", DefaultUnits);
        Option<bool> json = SharedSymbols.Json();
        return Verb.Create(
            "visualize",
            "Show what a network sees: the patches that excite each unit, filters, feature maps, saliency, mistakes; float beside int8.",
            ["edgeconv visualize runs/lenet5 --data mnist -o lenet5.html",
                "edgeconv visualize runs/lenet5 --data mnist -o lenet5.html --model lenet5.ecm --picture seven.png",
                "edgeconv visualize theirs.onnx --data photos -o theirs.html --images 500 --units 32 --json"],
            [source, data, output, model, picture, images, units, json],
            (parsed, cancel) =>
            {
                VisualizeOptions options = new(
                    parsed.GetRequiredValue(source), parsed.GetRequiredValue(data)!, parsed.GetRequiredValue(output),
                    parsed.GetValue(model), parsed.GetValue(picture),
                    SharedSymbols.AtLeast(parsed.GetValue(images), 1, "--images"), SharedSymbols.AtLeast(parsed.GetValue(units), 1, "--units"));
                OutputFile.EnsureWritable(options.Output);
                new VisualizeRun(options, terminal, cancel).Run(result =>
                {
                    string page = VisualizationPage.Write(result);
                    cancel.ThrowIfCancellationRequested();
                    OutputFile.Write(options.Output, page);
                    if (parsed.GetValue(json))
                    {
                        terminal.Json(VisualizationReport.ToJson(result));
                    }
                    else
                    {
                        VisualizationReport.Print(result, Encoding.UTF8.GetByteCount(page), terminal);
                    }
                });
                return ExitCode.Done;
            });
    }

    private static Option<int> Count(string name, string description, int count) =>
        new(name) { Description = description, HelpName = "n", DefaultValueFactory = _ => count };
}
