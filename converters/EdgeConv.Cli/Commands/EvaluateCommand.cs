using System.CommandLine;
using EdgeConv.Cli.Models;
using EdgeConv.Cli.Reports;
using EdgeConv.Cli.Screen;
using EdgeConv.Cli.Yardstick;
using EdgeConv.Converters.Data;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Cli.Commands;

/// <summary>`evaluate`: accuracy, confusion matrix and scores a class, for a model file or an ONNX model.</summary>
internal static class EvaluateCommand
{
    private const string OldImages = "--limit";   // the name before the other verbs' was taken

    public static Command Create(Terminal terminal)
    {
        Argument<string> model = new("model") { Description = "A model file (.ecm), or an .onnx file, which runs in ONNX Runtime." };
        Option<string?> data = SharedSymbols.Data("Labelled pictures; the test part is used.");
        data.Required = true;
        Option<int?> images = new("--images")
        {
            Description = "At most so many pictures, spread over the set. Default: all.",
            HelpName = "n",
        };
        Option<int?> limit = new(OldImages) { Hidden = true, HelpName = "n" };
        Option<string?> path = SharedSymbols.Path();
        Option<bool> json = SharedSymbols.Json();
        return Verb.Create(
            "evaluate",
            "Measure a model on labelled pictures: accuracy, confusion matrix, recall and precision a class.",
            ["edgeconv evaluate lenet5.ecm --data mnist", "edgeconv evaluate runs/lenet5/model.onnx --data mnist --images 1000 --json"],
            [model, data, images, limit, path, json],
            (parsed, cancel) =>
            {
                string file = parsed.GetRequiredValue(model);
                string set = parsed.GetRequiredValue(data)!;
                int atMost = AtMost(parsed.GetValue(images), parsed.GetValue(limit));
                Evaluation evaluation = Run(file, set, atMost, parsed.GetValue(path), terminal, cancel);
                if (parsed.GetValue(json))
                {
                    terminal.Json(EvaluationReport.ToJson(file, set, evaluation));
                }
                else
                {
                    EvaluationReport.Print(file, set, evaluation, terminal);
                }

                return ExitCode.Done;
            });
    }

    private static int AtMost(int? images, int? old) => (images, old) switch
    {
        (not null, not null) => throw new UsageException($"{OldImages} is the old name of --images; leave it out."),
        (null, { } number) => SharedSymbols.AtLeast(number, 1, OldImages),
        _ => SharedSymbols.AtLeast(images ?? int.MaxValue, 1, "--images"),
    };

    private static Evaluation Run(string file, string set, int limit, string? path, Terminal terminal, CancellationToken cancel)
    {
        if (ModelFile.IsOnnx(file))
        {
            if (path is not null)
            {
                throw new UsageException("--path chooses EdgeConv's kernels; an .onnx file runs in ONNX Runtime. Leave it out.");
            }

            OnnxModel onnx = OnnxModel.Open(file);
            return Evaluation.Run(() => new OnnxClassifier(onnx), DataSetFile.Open(set, Split.Test, terminal, cancel), limit, terminal, cancel);
        }

        KernelPath kernels = SharedSymbols.Resolve(path);
        using Model model = ModelFile.Open(file);
        return Evaluation.Run(() => new EdgeClassifier(model, kernels), DataSetFile.Open(set, Split.Test, terminal, cancel), limit, terminal, cancel);
    }
}
