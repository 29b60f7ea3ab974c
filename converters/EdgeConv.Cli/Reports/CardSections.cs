using EdgeConv.Cli.Models;
using EdgeConv.Cli.Screen;
using EdgeConv.Converters;
using EdgeConv.Converters.Boards;

namespace EdgeConv.Cli.Reports;

/// <summary>A part of a card, in whatever form it is written.</summary>
/// <param name="Heading">Its title.</param>
/// <param name="Text">Paragraphs before the table.</param>
/// <param name="Titles">Of the table's columns; '>' before those with numbers. Empty for no table.</param>
/// <param name="Rows">Of the table.</param>
/// <param name="Commands">After the table.</param>
internal sealed record CardSection(
    string Heading, IReadOnlyList<string> Text, IReadOnlyList<string> Titles, IReadOnlyList<IReadOnlyList<string>> Rows, IReadOnlyList<string> Commands);

/// <summary>What a model's card says, section by section; what is not known is said to be.</summary>
internal static class CardSections
{
    private const string Unknown = "not recorded";

    /// <summary>All of it, in reading order.</summary>
    public static IReadOnlyList<CardSection> Of(ModelCard card) =>
        [Model(card), Origin(card), Accuracy(card), Boards(card), Hashes(card), Reproduction(card), Missing(card)];

    private static CardSection Model(ModelCard card) => Facts("What it is",
        ("input", card.Input),
        ("classes", card.Labels.Count == 0 ? "no labels" : $"{card.Labels.Count}: {string.Join(", ", card.Labels)}"),
        ("layers", $"{card.Summary.Layers.Count}, of them with weights {card.Summary.Layers.Count(layer => layer.Parameters > 0)}"),
        ("parameters", Units.Count(card.Summary.Parameters)),
        ("multiply-accumulates", Units.Count(card.Summary.Macs)),
        ("flash", $"{Units.Count(card.FlashBytes)} bytes"),
        ("arena (RAM)", $"{Units.Count(card.ArenaBytes)} bytes"),
        ("licence", card.Licence ?? Unknown));

    private static CardSection Origin(ModelCard card)
    {
        ModelOrigin? origin = card.Origin;
        TrainingOrigin? training = origin?.Training;
        return Facts("Where it comes from",
            ("network", origin?.Source ?? Unknown),
            ("trained on", training?.Data is { } data ? $"{data}, {(training.Pictures is { } count ? Units.Count(count) : "?")} pictures" : Unknown),
            ("seed, epochs", training is null ? Unknown : $"{training.Seed?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? Unknown}, {training.Epochs?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? Unknown}"),
            ("calibrated on", origin?.Calibration is { } set ? $"{set}, {Units.Count(card.Report!.CalibrationImages)} pictures" : card.Report is { TakenOver: true } ? "nothing: it arrived quantized" : Unknown),
            ("tested on", origin?.Test is { } test ? $"{test}, {Units.Count(card.Report!.TestImages)} pictures" : Unknown),
            ("trained by", training is { Versions.Count: > 0 } ? string.Join(", ", training.Versions) : Unknown),
            ("converted by", origin is null ? Unknown : $"EdgeConv {origin.Converter}"));
    }

    private static CardSection Accuracy(ModelCard card)
    {
        if (card.Report?.Int8Accuracy is not { } int8)
        {
            return new CardSection("Accuracy", ["Not measured."], [], [], []);
        }

        string real = card.Report.FloatAccuracy is { } value ? $"float {Units.Percent(value)}, " : "";
        return new CardSection("Accuracy",
            [$"{real}int8 {Units.Percent(int8)}, on {Units.Count(card.Report.TestImages)} pictures that took no part in training or calibration."],
            ["class", ">pictures", ">recall, float", ">recall, int8", ">precision, int8"],
            [.. card.Classes.Select(one => (IReadOnlyList<string>)
            [
                one.Name, Units.Count(one.Pictures), one.FloatRecall is { } recall ? Units.Percent(recall) : "",
                Units.Percent(one.Int8Recall), one.Int8Precision is { } precision ? Units.Percent(precision) : "",
            ])],
            []);
    }

    private static CardSection Boards(ModelCard card) => new("On boards",
        ["Bytes are exact but for the code of microcontrollers. Times are estimates for one core, none of them measured on the board; `edgeconv inspect --board` says what they rest on."],
        ["board", "processor", "fits", ">flash", ">memory", ">time", ">between"],
        [.. card.Boards.Select(fit => (IReadOnlyList<string>)
        [
            fit.Board.Id, fit.Board.Processor, fit.Fits ? "yes" : "no", Units.Count(fit.FlashBytes), Units.Count(fit.RamBytes),
            .. fit.Time is { } time ? (string[])[Units.Estimate(time.Seconds), $"{Units.Estimate(time.LowSeconds)} and {Units.Estimate(time.HighSeconds)}"] : ["", ""],
        ])],
        []);

    private static CardSection Hashes(ModelCard card) => Facts("SHA-256",
    [
        ("model file", card.Sha256),
        ("network's file", card.Origin?.SourceSha256 ?? Unknown),
        .. card.Origin?.SourceWeightsSha256 is { } weights ? [("its weights, beside it", weights)] : ((string, string)[])[],
        ("training data", card.Origin?.Training?.DataSha256 ?? Unknown),
        ("training run (settings.json)", card.Origin?.Training?.Sha256 ?? Unknown),
    ]);

    private static CardSection Reproduction(ModelCard card)
    {
        string?[] known = [card.Origin?.Training?.Command, card.Origin?.Command];
        string[] commands = [.. known.OfType<string>()];
        return new CardSection("What reproduces it",
            [commands.Length == 0 ? "Nobody recorded how it was made."
                : "In the same folder, with the same pictures, versions and instructions of the processor they give the same bytes, whatever the number of processors and threads. A pass of `edgeconv verify` shows that a device computes them to the byte."],
            [], [], commands);
    }

    private static CardSection Missing(ModelCard card)
    {
        string[] missing = [.. card.Note is null ? [] : new[] { card.Note }, .. card.Missing()];
        return new CardSection("What is not known", missing.Length == 0 ? ["Nothing that this card has a place for."] : missing, [], [], []);
    }

    private static CardSection Facts(string heading, params (string Name, string Value)[] facts) =>
        new(heading, [], ["", ""], [.. facts.Select(fact => (IReadOnlyList<string>)[fact.Name, fact.Value])], []);
}
