using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using EdgeConv.Agent.Configuring;

namespace EdgeConv.Cli.Commands;

/// <summary>Turns what the parser could not place into one sentence, with the nearest name that exists.</summary>
internal static class UsageErrors
{
    private const int ShortestBeginning = 4;

    /// <summary>Nothing when the line is good or asks for help.</summary>
    /// <exception cref="UsageException">The first thing that is wrong.</exception>
    public static void Check(ParseResult parsed)
    {
        if (parsed.Action is { ClearsParseErrors: true } or HelpAction || parsed.Action is null && parsed.Errors.Count == 0)
        {
            return;
        }

        Command command = parsed.CommandResult.Command;
        string verb = command is RootCommand ? "edgeconv" : $"edgeconv {command.Name}";
        string? stray = OptionReadAsArgument(parsed) ?? parsed.UnmatchedTokens.FirstOrDefault();
        if (stray is not null)
        {
            bool isOption = stray.StartsWith('-');
            string kind = isOption ? "option" : command is RootCommand ? "verb" : "argument";
            IEnumerable<string> names = isOption
                ? command.Options.Where(option => !option.Hidden).SelectMany(option => option.Aliases.Append(option.Name))
                : command.Subcommands.Select(sub => sub.Name);
            string hint = Nearest(stray, names) is { } near ? $" Did you mean '{near}'?" : "";
            throw new UsageException($"unknown {kind} '{stray}'.{hint} `{verb} --help` lists what there is.");
        }

        if (parsed.Errors.Count > 0)
        {
            throw new UsageException($"{Sentence(parsed.Errors[0])}. `{verb} --help` shows how it is used.");
        }
    }

    /// <summary>
    /// The name that is fewest edits away, if that is at most a third of its letters and at least one; else one that goes on where the text ends, as --output
    /// does behind --out, or the other way about.
    /// </summary>
    public static string? Nearest(string text, IEnumerable<string> names)
    {
        string[] all = [.. names];
        return all.Select(name => (Name: name, Edits: WordDistance.Between(text, name)))
            .Where(pair => pair.Edits <= Math.Max(1, pair.Name.Length / 3))
            .OrderBy(pair => pair.Edits)
            .Select(pair => pair.Name)
            .FirstOrDefault()
            ?? all.FirstOrDefault(name => Math.Min(name.Length, text.Length) >= ShortestBeginning
                && (name.StartsWith(text, StringComparison.Ordinal) || text.StartsWith(name, StringComparison.Ordinal)));
    }

    // The parser's own sentence for a number that is none names the type in .NET.
    private static string Sentence(ParseError error)
    {
        OptionResult? option = error.SymbolResult as OptionResult ?? error.SymbolResult?.Parent as OptionResult;
        Type? type = option is null ? null : Nullable.GetUnderlyingType(option.Option.ValueType) ?? option.Option.ValueType;
        string? kind = type == typeof(double) ? "a number" : type == typeof(int) || type == typeof(long) ? "a whole number" : type == typeof(uint) ? "a whole number, not negative" : null;
        return kind is not null && option is { Tokens: [{ Value: var text }] }
            ? $"{option.Option.Name} is '{text}'; it must be {kind}"
            : error.Message.TrimEnd('.');
    }

    // An unknown option is taken for the value of an argument that is still free; behind -- it is meant as one.
    private static string? OptionReadAsArgument(ParseResult parsed) => parsed.Tokens.All(token => token.Type != TokenType.DoubleDash)
        ? parsed.CommandResult.Tokens.Select(token => token.Value).FirstOrDefault(value => value.Length > 1 && value.StartsWith('-'))
        : null;
}
