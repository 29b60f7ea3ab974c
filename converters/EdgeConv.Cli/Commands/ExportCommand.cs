using System.CommandLine;
using EdgeConv.Cli.Files;
using EdgeConv.Cli.Models;
using EdgeConv.Cli.Screen;
using EdgeConv.Converters.Onnx;

namespace EdgeConv.Cli.Commands;

/// <summary>`export`: the quantized network in another tool's form.</summary>
internal static class ExportCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string> source = new("source") { Description = "A run folder, an .onnx or an int8 .tflite file." };
        Option<string> to = new("--to")
        {
            Description = "The form: onnx (int8 QDQ, for ONNX Runtime).",
            HelpName = "form",
            Required = true,
        };
        Option<string> output = new("--output", "-o")
        {
            Description = "A file, or a folder for model.qdq.onnx.",
            HelpName = "file or folder",
            Required = true,
        };
        CalibrationSymbols calibration = new();
        PixelSymbols pixels = new();
        return Verb.Create(
            "export",
            "Write the quantized network as QDQ ONNX.",
            ["edgeconv export runs/lenet5 --to onnx -o lenet5.qdq.onnx --calibrate mnist",
                "edgeconv export quantized.onnx --to onnx -o ours.qdq.onnx"],
            [source, to, output, .. calibration.All, .. pixels.All],
            (parsed, cancel) =>
            {
                string form = parsed.GetRequiredValue(to);
                if (form != "onnx")
                {
                    throw new UsageException($"'{form}' is not a form that this version exports. There is onnx.");
                }

                ConversionRun run = new(
                    parsed.GetRequiredValue(source), calibration.Data(parsed), Test: null,
                    calibration.Method(parsed), calibration.Images(parsed))
                {
                    Pixels = pixels.Of(parsed),
                };
                string file = parsed.GetRequiredValue(output);
                file = file.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase) ? file : Path.Combine(file, "model.qdq.onnx");
                OutputNames.Keep(run.Source, file);
                OutputFile.EnsureWritable(file);
                QdqWriter.Write(run.Run(terminal, cancel).Quantized, file);
                terminal.Line($"wrote {file}, {Units.Bytes(new FileInfo(file).Length)}");
                return ExitCode.Done;
            });
    }
}
