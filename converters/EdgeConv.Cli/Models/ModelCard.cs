using System.Security.Cryptography;
using EdgeConv.Cli.Screen;
using EdgeConv.Converters;
using EdgeConv.Converters.Boards;
using EdgeConv.Converters.Quantization;
using EdgeConv.Runtime;

namespace EdgeConv.Cli.Models;

/// <summary>One class: of its pictures, the parts that are recognized; of the answers with its name, the part that is right.</summary>
internal sealed record CardClass(string Name, int Pictures, double? FloatRecall, double Int8Recall, double? Int8Precision);

/// <summary>All that is known about a model file, from itself and from the report that `convert` left beside it.</summary>
internal sealed record ModelCard
{
    /// <summary>Key of the licence in a model's metadata.</summary>
    public const string LicenceKey = "licence";

    public required string Name { get; init; }

    public required string Sha256 { get; init; }

    public required string? Licence { get; init; }

    public required ModelSummary Summary { get; init; }

    public required int FlashBytes { get; init; }

    public required int ArenaBytes { get; init; }

    public required string Input { get; init; }

    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>Null without the report of `convert`.</summary>
    public required QuantizationReport? Report { get; init; }

    public required IReadOnlyList<CardClass> Classes { get; init; }

    public required IReadOnlyList<Fit> Boards { get; init; }

    /// <summary>Why a report that lies beside the file was left out, or null.</summary>
    public string? Note { get; init; }

    public ModelOrigin? Origin => Report?.Origin;

    /// <summary>Collects it.</summary>
    public static ModelCard Of(string path, Model model)
    {
        string hash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));
        (QuantizationReport? report, string? note) = ReportFile.Beside(path, hash);
        return new ModelCard
        {
            Name = model.Name,
            Sha256 = hash,
            Licence = model.Metadata.LastOrDefault(pair => pair.Key == LicenceKey).Value,
            Summary = ModelSummary.Of(model),
            FlashBytes = model.FileBytes,
            ArenaBytes = model.ArenaBytes,
            Input = $"{Units.Type(model.Input)} {Units.Shape(model.Input.Shape)}"
                + (model.Preprocessing is { } picture ? $" from pictures: {Units.Layout(picture.Layout)}" : ""),
            Labels = model.Labels,
            Report = report,
            Classes = report?.Int8Confusion is { } int8 ? [.. Score(report.Classes, report.FloatConfusion, int8)] : [],
            Boards = [.. KnownBoards.All.Select(board => FitCheck.Run(model, board))],
            Note = note,
        };
    }

    /// <summary>The facts that nobody recorded, and who would have.</summary>
    public IEnumerable<string> Missing()
    {
        if (Licence is null)
        {
            yield return "the licence: `edgeconv convert --licence TEXT` writes it into the file";
        }

        if (Origin is null)
        {
            yield return "where the network comes from, how it was converted, and its accuracy: `edgeconv convert` writes them into MODEL.report.json beside the file";
            yield break;
        }

        if (Report!.Int8Accuracy is null)
        {
            yield return "the accuracy: `edgeconv convert --test DATA` counts it";
        }

        if (Origin.Training is not { } training)
        {
            yield return "the training: the network came as a file, not as a run folder of `edgeconv train`";
            yield break;
        }

        (object? Fact, string Name)[] facts =
            [(training.Command, "the command that trained it"), (training.Seed, "the seed"), (training.DataSha256, "the hash of the training data")];
        foreach ((_, string name) in facts.Where(fact => fact.Fact is null))
        {
            yield return $"{name}: the run is of a version that did not record it";
        }
    }

    private static IEnumerable<CardClass> Score(IReadOnlyList<string> names, int[][]? real, int[][] int8)
    {
        for (int i = 0; i < int8.Length; i++)
        {
            int pictures = int8[i].Sum(), answers = int8.Sum(row => row[i]);
            yield return new CardClass(
                Models.Classes.Name(names, i),
                pictures,
                real is null || pictures == 0 ? null : (double)real[i][i] / pictures,
                pictures == 0 ? 0 : (double)int8[i][i] / pictures,
                answers == 0 ? null : (double)int8[i][i] / answers);
        }
    }
}
