using System.CommandLine;
using EdgeConv.Cli.Files;
using EdgeConv.Cli.Models;
using EdgeConv.Cli.Screen;
using EdgeConv.Converters.Boards;
using EdgeConv.Converters.CodeGen;
using EdgeConv.Converters.CodeGen.Nano;
using EdgeConv.Converters.Onnx;

namespace EdgeConv.Cli.Commands;

/// <summary>`export`: the quantized network in another form: C of its own, or what another tool reads.</summary>
internal static class ExportCommand
{
    private const string C = "c", Nano = "nanoframework", Onnx = "onnx";

    public static Command Create(Terminal terminal)
    {
        Argument<string> source = new("source") { Description = "For c and nanoframework a model file (.ecm); for onnx a run folder, an .onnx or an int8 .tflite file." };
        Option<string> to = new("--to")
        {
            Description = "The form: c (C99 for microcontrollers, no heap, no library), nanoframework (a C# application for its interpreter), onnx (int8 QDQ, for ONNX Runtime).",
            HelpName = "form",
            Required = true,
        };
        Option<string> output = new("--output", "-o")
        {
            Description = "For c and nanoframework a folder; for onnx a file, or a folder for model.qdq.onnx.",
            HelpName = "file or folder",
            Required = true,
        };
        Option<string?> name = new("--name")
        {
            Description = "With c, for programs with several models: prefix of the functions and name of the files. By default edgeconv_run(), in model.c.",
            HelpName = "word",
        };
        CodeSymbols code = new("With c and nanoframework", "With c", "RAM of the arena, with nanoframework all RAM of the model,");
        Option<string?> board = SharedSymbols.Board("With nanoframework: the board whose memory it has to fit, and for which time is estimated.");
        Option<bool> interop = new("--interop") { Description = "With nanoframework: the model in native code as well, C and what binds it, for an image of your own." };
        SlotSymbols slots = new();
        Option<bool> explain = new("--explain") { Description = "With c: how each layer is computed, what that costs, and what was rejected. nanoframework says it always." };
        CalibrationSymbols calibration = new();
        PixelSymbols pixels = new();
        return Verb.Create(
            "export",
            "Write the network as C or C# of its own, or as QDQ ONNX.",
            ["edgeconv export lenet5.ecm --to c -o firmware", "edgeconv export lenet5.ecm --to c -o firmware --cpu cortex-m4 --max-ram 4K --explain",
                "edgeconv export lenet5.ecm --to nanoframework -o app --optimize speed --board esp32",
                "edgeconv export retrained.ecm --to nanoframework -o next --weights-for app",
                "edgeconv export runs/lenet5 --to onnx -o lenet5.qdq.onnx --calibrate mnist",
                "edgeconv export quantized.onnx --to onnx -o ours.qdq.onnx"],
            [source, to, output, name, .. code.All, board, interop, explain, .. slots.All, .. calibration.All, .. pixels.All],
            (parsed, cancel) =>
            {
                string from = parsed.GetRequiredValue(source), target = parsed.GetRequiredValue(output), form = parsed.GetRequiredValue(to);
                if (form != C && parsed.GetValue(name) is not null)
                {
                    throw new UsageException("--name goes with --to c.");
                }

                if (form != C && (code.HasCpu(parsed) || parsed.GetValue(explain)))
                {
                    throw new UsageException("--cpu and --explain go with --to c.");
                }

                uint? slot = slots.Version(parsed, hasCode: form is C or Nano, $"{parsed.GetValue(name) ?? "model"}.weights");
                if (form is not (C or Nano) && code.IsGiven(parsed))
                {
                    throw new UsageException("--optimize, --max-ram and --max-flash go with --to c and --to nanoframework.");
                }

                if (form != Nano && parsed.GetValue(board) is not null)
                {
                    throw new UsageException("--board goes with --to nanoframework.");
                }

                if (form != Nano && parsed.GetValue(interop))
                {
                    throw new UsageException("--interop goes with --to nanoframework.");
                }

                if (slot is not null && parsed.GetValue(interop))
                {
                    throw new UsageException("--interop has the weights in the native code; it does not go with --weights slot.");
                }

                switch (form)
                {
                    case C:
                        CodeFolder.Write(from, target, parsed.GetValue(name), code.Of(parsed) with { SlotVersion = slot }, parsed.GetValue(explain), slots.For(parsed), terminal, cancel);
                        return ExitCode.Done;
                    case Nano:
                        NanoFolder.Write(from, target, Goal(code.Of(parsed), parsed.GetValue(board)) with { SlotVersion = slot }, parsed.GetValue(interop), slots.For(parsed), terminal, cancel);
                        return ExitCode.Done;
                    case Onnx:
                        ConversionRun run = new(from, calibration.Data(parsed), Test: null, calibration.Method(parsed), calibration.Images(parsed))
                        {
                            Pixels = pixels.Of(parsed),
                        };
                        ToOnnx(run, target, terminal, cancel);
                        return ExitCode.Done;
                    default:
                        throw new UsageException($"'{form}' is not a form that this version exports. There are {C}, {Nano} and {Onnx}.");
                }
            });
    }

    private static NanoGoal Goal(CGoal goal, string? board) =>
        new(goal.Optimize, goal.MaxRam, goal.MaxFlash, board is null ? null : KnownBoards.Find(board));

    private static void ToOnnx(ConversionRun run, string target, Terminal terminal, CancellationToken cancel)
    {
        string file = target.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase) ? target : Path.Combine(target, "model.qdq.onnx");
        OutputNames.Keep(run.Source, file);
        OutputFile.EnsureWritable(file);
        QdqWriter.Write(run.Run(terminal, cancel).Quantized, file);
        terminal.Line($"wrote {file}, {Units.Bytes(new FileInfo(file).Length)}");
    }
}
