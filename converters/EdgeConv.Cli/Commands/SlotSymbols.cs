using System.CommandLine;
using EdgeConv.Cli.Files;

namespace EdgeConv.Cli.Commands;

/// <summary>Weights apart from the program, as `export --to c` and `--to nanoframework` ask for them.</summary>
internal sealed class SlotSymbols
{
    private readonly Option<string?> _weights = new("--weights")
    {
        Description = "With c and --cpu, and with nanoframework: slot puts the weights into model.weights, for one of two places in flash of which the program takes the newer sound one.",
        HelpName = "slot",
    };

    private readonly Option<uint?> _version = new("--weights-version") { Description = "With --weights slot: of two sound slots the higher one is taken [default: 1; with --weights-for one above that of the model.weights there].", HelpName = "n" };

    private readonly Option<string?> _for = new("--weights-for")
    {
        Description = "The folder of a program that the board runs, exported with --weights slot before. The weights alone are written, and refused if they do not fit its code.",
        HelpName = "folder",
    };

    /// <summary>All of them.</summary>
    public IEnumerable<Option> All => [_weights, _version, _for];

    /// <summary>The version; null for weights in the program.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="hasCode">Whether the form is one that has slots.</param>
    /// <param name="image">Name of the image's file.</param>
    /// <exception cref="UsageException">What does not go together.</exception>
    /// <exception cref="FailureException">Not above that of the program's image.</exception>
    public uint? Version(ParseResult parsed, bool hasCode, string image)
    {
        (string? weights, uint? version, string? of) = (parsed.GetValue(_weights), parsed.GetValue(_version), parsed.GetValue(_for));
        return (weights ?? (of is null ? null : "slot"), hasCode) switch
        {
            (null, _) when version is null => null,
            (null, _) => throw new UsageException($"{_version.Name} goes with --weights slot."),
            (_, false) => throw new UsageException("weights for a slot go with --to c and --to nanoframework."),
            ("slot", _) => of is null ? version ?? 1 : SlotFit.Version(of, image, version),
            _ => throw new UsageException($"--weights is '{weights}'; slot was expected. Without it the weights are in the program."),
        };
    }

    /// <summary>The program that the weights are for; null for a new one.</summary>
    public string? For(ParseResult parsed) => parsed.GetValue(_for);
}
