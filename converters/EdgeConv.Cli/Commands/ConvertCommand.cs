using System.CommandLine;
using EdgeConv.Cli.Files;
using EdgeConv.Cli.Models;
using EdgeConv.Cli.Reports;
using EdgeConv.Cli.Screen;
using EdgeConv.Converters;
using EdgeConv.Converters.Boards;
using EdgeConv.Runtime;

namespace EdgeConv.Cli.Commands;

/// <summary>`convert`: a run folder, .onnx (float or quantized) or .tflite to a model file, with a report of what quantization cost.</summary>
internal static class ConvertCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string> source = new("source") { Description = "A run folder, an .onnx, with the weights in it or in files beside it, or an int8 .tflite file." };
        Option<string> output = new("--output", "-o")
        {
            Description = "The model file to write (.ecm).",
            HelpName = "model.ecm",
            Required = true,
        };
        CalibrationSymbols calibration = new();
        PixelSymbols pixels = new();
        PrecisionSymbols precision = new();
        Option<string?> test = new("--test")
        {
            Description = "Labelled pictures for the accuracies. Default: the test part of --calibrate.",
            HelpName = "name or folder",
        };
        Option<bool> noTest = new("--no-test") { Description = "Do not measure accuracies." };
        Option<string?> report = new("--report") { Description = "Write the report here as well (.html or .json).", HelpName = "file" };
        Option<string?> licence = new("--licence") { Description = "Whose terms the model is under, for its card; kept in the file.", HelpName = "text" };
        Option<string?> board = SharedSymbols.Board("Refuse to write a model that does not fit this board.");
        return Verb.Create(
            "convert",
            "Quantize a float network to int8, or take one over that arrives quantized, and write one model file for every target.",
            ["edgeconv convert runs/lenet5 -o lenet5.ecm --calibrate mnist",
                "edgeconv convert runs/lenet5 -o lenet5.ecm --calibrate mnist --board esp32",
                "edgeconv convert theirs.onnx -o theirs.ecm --calibrate photos --method mse --report theirs.html",
                "edgeconv convert theirs.onnx -o theirs.ecm --calibrate photos --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225",
                "edgeconv convert quantized.onnx -o quantized.ecm --test photos",
                "edgeconv convert int8.tflite -o int8.ecm",
                "edgeconv convert theirs.onnx -o theirs.ecm --calibrate photos --equalize --correct-bias --max-drop 0.5"],
            [source, output, .. calibration.All, .. pixels.All, .. precision.All, test, noTest, report, licence, board],
            (parsed, cancel) =>
            {
                string? testSet = parsed.GetValue(test);
                if (parsed.GetValue(noTest) && testSet is not null)
                {
                    throw new UsageException("--test and --no-test contradict each other; give one.");
                }

                string file = OutputNames.Model(parsed.GetRequiredValue(output));
                string? page = OutputNames.Report(parsed.GetValue(report));
                Board? target = parsed.GetValue(board) is { } id ? KnownBoards.Find(id) : null;
                string? data = calibration.Data(parsed);
                ConversionRun run = new(parsed.GetRequiredValue(source), data, parsed.GetValue(noTest) ? null : testSet ?? data,
                    calibration.Method(parsed), calibration.Images(parsed))
                {
                    Pixels = pixels.Of(parsed),
                    Licence = parsed.GetValue(licence),
                    Command = CommandText.Of(parsed.Tokens.Select(token => token.Value)),
                    Options = precision.Options(parsed, hasTest: !parsed.GetValue(noTest)),
                };
                Run(run, file, page, target, terminal, cancel);
                return ExitCode.Done;
            });
    }

    private static void Run(ConversionRun run, string output, string? report, Board? board, Terminal terminal, CancellationToken cancel)
    {
        string json = Path.ChangeExtension(output, ".report.json");
        string[] reports = report is null ? [json] : [json, report];
        Array.ForEach([output, .. reports], OutputFile.EnsureWritable);
        Conversion conversion = run.Run(terminal, cancel);
        using Model model = Model.Load(conversion.File);
        Fit? fit = board is null ? null : FitCheck.Run(model, board);
        if (fit is { Fits: false })
        {
            throw new FailureException($"{FitReport.Refusal(model.Name, fit)} Nothing was written.");
        }

        cancel.ThrowIfCancellationRequested();
        foreach (string file in reports)
        {
            OutputFile.Write(file, file.EndsWith(".html", StringComparison.OrdinalIgnoreCase)
                ? ConversionPage.Write(model, conversion.Report)
                : Terminal.ToJson(conversion.Report));
        }

        terminal.Progress("Writing the model", conversion.File.Length, show => AtomicFile.Write(output, conversion.File, show));
        ConversionReport.Print(output, model, conversion.Report, terminal);
        if (fit is not null)
        {
            terminal.Line(FitReport.Verdict(fit));
            terminal.Line(FitReport.Time(fit));
        }
    }
}
