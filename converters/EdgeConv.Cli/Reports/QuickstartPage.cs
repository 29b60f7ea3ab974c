using EdgeConv.Cli.Models;
using EdgeConv.Cli.Quickstart;
using EdgeConv.Cli.Screen;
using EdgeConv.Cli.Yardstick;

namespace EdgeConv.Cli.Reports;

/// <summary>report.html of `quickstart`.</summary>
internal static class QuickstartPage
{
    private const int MostMistakes = 60;

    /// <summary>The page.</summary>
    public static string Write(QuickstartResult result, IReadOnlyList<string> next)
    {
        Evaluation evaluation = result.Evaluation;
        string[] labels = [.. evaluation.Classes.Select(score => score.Label)];
        Html page = new(
            $"{result.Model.Name}: from MNIST to a Raspberry Pi",
            "Made by edgeconv quickstart. Everything below was measured in that run.");
        page.Section("Result",
            Html.Facts([
                (Units.Percent(result.FloatAccuracy), "accuracy, float"),
                (Units.Percent(evaluation.Accuracy), "accuracy, int8"),
                (Units.Bytes(result.Model.FileBytes), "flash"),
                (Units.Bytes(result.Model.ArenaBytes), "arena (RAM)"),
                (Units.Time(result.Bench.Engines[0].MedianMilliseconds / 1e3), "an inference"),
            ]),
            Html.Table(QuickstartResult.Titles, result.Rows()),
            Html.Paragraph(
                "Pi: the board's own program on an emulated processor. It shows that the bytes are right, not how long they take.",
                soft: true));
        if (File.Exists(result.Training.Curve))
        {
            string curve = InlinePicture.Address(File.ReadAllBytes(result.Training.Curve));
            page.Section("Training", Html.Wide(curve, "loss and accuracy by epoch"));
        }

        page.Section("Time beside ONNX Runtime",
            Html.Table(["engine", ">median", ">best", ">times the first"], result.Bench.Engines.Select(Row)),
            Html.Paragraph($"Batch 1, one thread, rounds in turn. {result.Bench.Machine.Cpu}, {result.Bench.Machine.Dotnet}, "
                + $"ONNX Runtime {result.Bench.Machine.OnnxRuntime}.", soft: true));
        page.Section("Quantization, layer by layer", ConversionPage.Layers(result.Conversion.Report));
        page.Section("Layers", ConversionPage.Summary(result.Model));
        page.Section("Confusion",
            Html.Paragraph("Rows: true class. Columns: answer.", soft: true), Html.Matrix(labels, evaluation.Confusion));
        page.Section($"Mistakes: {evaluation.Mistakes.Count} of {Units.Count(evaluation.Images)}",
            Html.Gallery(evaluation.Mistakes.Take(MostMistakes).Select(mistake => (
                InlinePicture.Png(result.Test.Load(mistake.Index)),
                $"picture {mistake.Index}",
                $"{labels[mistake.Expected]}, taken for {labels[mistake.Found]}",
                Units.Percent(mistake.Confidence, 1)))));
        page.Section("Next", Html.Code(next));
        return page.ToString();
    }

    private static IReadOnlyList<string> Row(Timing timing) =>
        [timing.Name, Units.Time(timing.MedianMilliseconds / 1e3), Units.Time(timing.BestMilliseconds / 1e3), Units.Number(timing.Ratio)];
}
