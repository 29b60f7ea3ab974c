using System.CommandLine;
using EdgeConv.Cli.Emulation;
using EdgeConv.Cli.Models;
using EdgeConv.Cli.Reports;
using EdgeConv.Cli.Screen;
using EdgeConv.Cli.Signing;
using EdgeConv.Cli.Verification;
using EdgeConv.Converters.CodeGen;
using EdgeConv.Runtime;

namespace EdgeConv.Cli.Commands;

/// <summary>`verify`: the same bytes on every kernel path and target, and how far int8 is from float.</summary>
internal static class VerifyCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string> model = SharedSymbols.Model();
        Option<string> on = new("--on")
        {
            Description = $"Targets, with commas: host; emulated {string.Join(", ", EmulatedCpu.Names)} with the agent, {string.Join(", ", EmulatedMcu.Names)} with generated C; {NanoClr.Name}, nanoFramework's runtime with generated C#, where {NanoTools.ClrVariable}, {NanoTools.ProcessorVariable} and {NanoTools.AssembliesVariable} name one.",
            DefaultValueFactory = _ => Verifier.Host,
            HelpName = "targets",
        };
        Option<string?> data = SharedSymbols.Data(
            "Pictures to compare on. Default: mnist for 28x28 grey models, else golden and random inputs.");
        Option<int?> images = new("--images")
        {
            Description = "So many inputs [default: 1000, fewer of large models]. Of these emulated Pis take the first 200, microcontrollers 1000, a nanoCLR 50, all of them fewer of large models.",
            HelpName = "n",
        };
        Option<string?> path = SharedSymbols.Path(" Default: all that a target has.");
        Option<string?> optimize = CodeSymbols.Optimize($"With {string.Join(", ", EmulatedMcu.Names)} and {NanoClr.Name}, whose code is generated as export does");
        Option<string?> against = new("--against")
        {
            Description = "The float .onnx that the model came from: adds a table of differences a layer from ONNX Runtime.",
            HelpName = "model.onnx",
        };
        Option<double> least = new("--least-sqnr")
        {
            Description = "With --against: a layer below this many dB is named as wrong.",
            DefaultValueFactory = _ => 8,
            HelpName = "dB",
        };
        Option<bool> signature = new("--signature") { Description = "Instead: check who signed the model (model.ecm.sig beside it) or the package, and that nothing was changed." };
        Option<string?> key = new("--key") { Description = "With --signature: the public key.", HelpName = "k.pub.pem" };
        Option<bool> json = SharedSymbols.Json();
        return Verb.Create(
            "verify",
            "Check that every kernel path gives the reference's bytes, here and on emulated CPUs.",
            ["edgeconv verify lenet5.ecm",
                "edgeconv verify lenet5.ecm --on host,cortex-a53,cortex-a72,cortex-a76 --data mnist --images 10000",
                "edgeconv verify lenet5.ecm --on cortex-m4,cortex-m7", "edgeconv verify lenet5.ecm --on nanoclr --optimize speed",
                "edgeconv verify lenet5.ecm --against runs/lenet5/model.onnx",
                "edgeconv verify lenet5.ecm --signature --key k.pub.pem"],
            [model, on, path, optimize, data, images, against, least, signature, key, json],
            (parsed, cancel) =>
            {
                string file = parsed.GetRequiredValue(model);
                if (parsed.GetValue(signature) != parsed.GetValue(key) is not null)
                {
                    throw new UsageException("--signature and --key k.pub.pem go together.");
                }

                if (parsed.GetValue(key) is { } signer)
                {
                    return SignatureCheck.Run(file, signer, parsed.GetValue(json), terminal);
                }

                IReadOnlyList<string> targets = Verifier.ParseTargets(parsed.GetRequiredValue(on));
                COptimize goal = CodeSymbols.Optimize(parsed, optimize);
                if (parsed.GetValue(optimize) is not null && !targets.Any(Verifier.IsGenerated))
                {
                    throw new UsageException($"--optimize goes with --on {string.Join(", ", EmulatedMcu.Names)} or {NanoClr.Name}, whose code is generated.");
                }

                string? only = Verifier.ParsePath(parsed.GetValue(path));
                int? asked = parsed.GetValue(images) is { } number ? SharedSymbols.AtLeast(number, 1, "--images") : null;
                using Model opened = ModelFile.Open(file);
                int count = asked ?? ParityInputs.Usual(opened);
                ParityInputs inputs = ParityInputs.For(opened, parsed.GetValue(data), count, terminal, cancel);
                IReadOnlyList<PathResult> results = Verifier.Run(file, opened, targets, only, inputs, goal, terminal, cancel);
                FloatComparison? comparison = parsed.GetValue(against) is { } onnx
                    ? FloatComparison.Run(opened, onnx, inputs, parsed.GetValue(least), terminal, cancel)
                    : null;
                if (parsed.GetValue(json))
                {
                    terminal.Json(new { Model = file, Inputs = inputs.Source, Results = results, Against = comparison });
                }
                else
                {
                    VerifyReport.Print(inputs, results, comparison, terminal);
                }

                return results.All(result => result.Identical) && comparison?.FirstWrong is null ? ExitCode.Done : ExitCode.Failed;
            });
    }
}
