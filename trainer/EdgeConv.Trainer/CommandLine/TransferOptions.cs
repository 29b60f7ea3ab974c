using System.CommandLine;
using System.Globalization;
using EdgeConv.Trainer.Training;
using EdgeConv.Trainer.Transfer;

namespace EdgeConv.Trainer.CommandLine;

/// <summary>The options of train that take over a trained network.</summary>
internal sealed class TransferOptions
{
    private readonly Option<string?> _from = new("--transfer-from")
    {
        Description = "Take over the layers of a trained network but the last: a run folder, an .onnx file, or "
            + $"{string.Join(", ", TransferSource.Bundled)}, which comes with the trainer",
    };
    private readonly Option<string?> _freeze = new("--freeze")
    {
        Description = "Layers with weights that do not change: all (but the new one), the first N, or none [default: all]",
    };
    private readonly Option<int?> _grid = new("--grid")
    {
        Description = "Where the trained network averages the whole picture, let the new layer see GRIDxGRID averages instead [default: 3]",
    };
    private readonly Option<int?> _copies = new("--copies")
    {
        Description = "With --augment: distorted copies of each picture whose features are kept [default: 5]",
    };
    private readonly Option<bool> _noCache = new("--no-cache")
    {
        Description = "Do not keep what the frozen layers compute; every epoch computes it anew, of newly distorted pictures",
    };

    public TransferOptions()
    {
        Check(_grid, 1, 16);
        Check(_copies, 1, 1000);
    }

    /// <summary>In the order of the help.</summary>
    public IReadOnlyList<Option> All => [_from, _freeze, _grid, _copies, _noCache];

    /// <summary>Whether a network is taken over.</summary>
    /// <param name="parsed">What was given.</param>
    /// <param name="resumes">Whether a run goes on, which may be a transfer.</param>
    /// <param name="others">Options that choose a network, which is then chosen already.</param>
    /// <exception cref="UsageException">Both, or neither but options of a transfer.</exception>
    public bool Check(ParseResult parsed, bool resumes, IReadOnlyList<Option> others)
    {
        bool transfer = Given(parsed, _from);
        if (transfer && others.FirstOrDefault(option => Given(parsed, option)) is { } other)
            throw new UsageException($"{other.Name} does not go with --transfer-from: the layers are those of the trained network.");
        if (!transfer && !resumes && All.FirstOrDefault(option => Given(parsed, option)) is { } lonely)
            throw new UsageException($"{lonely.Name} belongs to a transfer; give --transfer-from as well.");
        return transfer;
    }

    /// <summary>What is taken over; null without a transfer.</summary>
    public string? Source(ParseResult parsed) => parsed.GetValue(_from);

    /// <summary>Name of the run folder where none is given; null without a transfer.</summary>
    public string? Folder(ParseResult parsed) =>
        Source(parsed) is { } from ? Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(from)) + "-transfer" : null;

    /// <summary>Null without a transfer.</summary>
    public Recipe? Recipe(ParseResult parsed, string data) =>
        Given(parsed, _from) ? Training.Recipe.ForTransfer(Frozen(parsed, null), data) : null;

    /// <summary>Puts what was given in place of what there is.</summary>
    public TransferSettings? Apply(ParseResult parsed, TransferSettings? settings)
    {
        string? from = parsed.GetValue(_from) is { } given ? Whole(given) : settings?.From;
        if (from == null) return null;
        settings ??= new TransferSettings { From = from };
        return settings with
        {
            From = from,
            Frozen = Frozen(parsed, settings.Frozen),
            Grid = parsed.GetValue(_grid) ?? settings.Grid,
            Copies = parsed.GetValue(_copies) ?? settings.Copies,
            Cache = settings.Cache && !parsed.GetValue(_noCache),
        };
    }

    // A resume may begin in another folder.
    private static string Whole(string from) => Directory.Exists(from) || File.Exists(from) ? Path.GetFullPath(from) : from;

    private int? Frozen(ParseResult parsed, int? settings) => parsed.GetValue(_freeze)?.ToLowerInvariant() switch
    {
        null => settings,
        "all" => null,
        "none" => 0,
        var text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count)
            ? count
            : throw new UsageException($"--freeze is {text}; all, none or a number of layers is expected."),
    };

    private static bool Given(ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    private static void Check(Option<int?> option, int least, int most) => option.Validators.Add(result =>
    {
        if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value)
            && (value < least || value > most))
        {
            result.AddError($"{option.Name} is {value}; {least} to {most} is expected.");
        }
    });
}
