using EdgeConv.Cli.Models;
using EdgeConv.Cli.Screen;
using EdgeConv.Converters.Data;
using Spectre.Console;

namespace EdgeConv.Cli.Reports;

/// <summary>What `evaluate` says, for people and for programs.</summary>
internal static class EvaluationReport
{
    // A wider matrix than this does not fit a terminal.
    private const int LargestMatrix = 20;

    /// <summary>For people.</summary>
    public static void Print(string model, string data, Evaluation evaluation, Terminal terminal)
    {
        terminal.Line($"{model} on {data}: {Units.Count(evaluation.Correct)} of {Units.Count(evaluation.Images)} right, "
            + $"accuracy {Units.Percent(evaluation.Accuracy)} ({Units.Count((long)(evaluation.Images / evaluation.Seconds))} pictures/s)");
        foreach (string line in SkippedPictures.Lines(data, evaluation.Images, evaluation.Skipped))
        {
            terminal.Note(line);
        }

        Table scores = Tables.Create("class", ">pictures", ">recall", ">precision");
        foreach (ClassScore score in evaluation.Classes)
        {
            scores.Row(score.Label, Units.Count(score.Images), Units.Percent(score.Recall), Units.Percent(score.Precision));
        }

        terminal.Block(scores);
        if (evaluation.Classes.Count <= LargestMatrix)
        {
            terminal.Line("confusion (rows: true class, columns: answer)");
            Table matrix = Tables.Create(["", .. evaluation.Classes.Select(score => ">" + score.Label)]);
            for (int row = 0; row < evaluation.Confusion.Length; row++)
            {
                IEnumerable<string> counts = evaluation.Confusion[row].Select(count => count == 0 ? "." : Units.Count(count));
                matrix.Row([evaluation.Classes[row].Label, .. counts]);
            }

            terminal.Block(matrix);
        }
    }

    /// <summary>For programs.</summary>
    public static object ToJson(string model, string data, Evaluation evaluation) => new
    {
        Model = model,
        Data = data,
        evaluation.Images,
        evaluation.Correct,
        evaluation.Accuracy,
        evaluation.Classes,
        evaluation.Confusion,
        evaluation.Seconds,
        evaluation.Skipped,
    };
}
