using System.CommandLine;
using System.Globalization;
using System.Text.RegularExpressions;
using EdgeConv.Converters.CodeGen;

namespace EdgeConv.Cli.Commands;

/// <summary>What generated C is for, as `export --to c` and `bench --on` ask for it.</summary>
/// <param name="with">Before each description: what the options go with.</param>
/// <param name="withCpu">The same for the processor.</param>
/// <param name="ram">What --max-ram limits.</param>
internal sealed partial class CodeSymbols(string with, string withCpu, string ram)
{
    private readonly Option<string?> _cpu = new("--cpu")
    {
        Description = $"{withCpu}: the processor, cortex-m0 to cortex-m85, for which alone it is then written. By default for all: the compiler decides.",
        HelpName = "cortex-m4",
    };

    private readonly Option<string?> _optimize = Optimize(with);

    private readonly Option<string?> _maxRam = new("--max-ram") { Description = $"{with}: {ram} at most, such as 4K. Refused if the model does not fit.", HelpName = "bytes" };
    private readonly Option<string?> _maxFlash = new("--max-flash") { Description = $"{with}: flash at most, code estimated, such as 80K.", HelpName = "bytes" };

    /// <summary>All of them.</summary>
    public IEnumerable<Option> All => [_cpu, .. Limits];

    /// <summary>All but the processor, for commands that name it otherwise.</summary>
    public IEnumerable<Option> Limits => [_optimize, _maxRam, _maxFlash];

    /// <summary>Whether one of them was given.</summary>
    public bool IsGiven(ParseResult parsed) => All.Any(option => parsed.GetResult(option) is { Implicit: false });

    /// <summary>Whether a processor was named.</summary>
    public bool HasCpu(ParseResult parsed) => parsed.GetValue(_cpu) is not null;

    /// <summary>What the code is to be best at; null when not given.</summary>
    /// <param name="with">What it goes with.</param>
    public static Option<string?> Optimize(string with) => new("--optimize")
    {
        Description = $"{with}: size, speed or balanced (default: faster where it costs a quarter more flash and RAM at most, or a few KB).",
        HelpName = "goal",
    };

    /// <summary>What a word of --optimize means; balanced where there is none.</summary>
    /// <exception cref="UsageException">It means nothing.</exception>
    public static COptimize Optimize(ParseResult parsed, Option<string?> option)
    {
        string word = parsed.GetValue(option) ?? nameof(COptimize.Balanced);
        return Enum.GetNames<COptimize>().Contains(word, StringComparer.OrdinalIgnoreCase) ? Enum.Parse<COptimize>(word, ignoreCase: true)
            : throw new UsageException($"--optimize is '{word}'; size, speed or balanced was expected.");
    }

    /// <summary>The goal.</summary>
    /// <exception cref="UsageException">A word or number that none of them takes.</exception>
    public CGoal Of(ParseResult parsed)
    {
        string? cpu = parsed.GetValue(_cpu)?.ToLowerInvariant();
        if (cpu is not null && !CGoal.Cpus.Contains(cpu))
        {
            throw new UsageException($"'{cpu}' is no processor that C is generated for. There are {string.Join(", ", CGoal.Cpus)}.");
        }

        return new CGoal(cpu, Optimize(parsed, _optimize), Bytes(parsed, _maxRam), Bytes(parsed, _maxFlash));
    }

    private static int? Bytes(ParseResult parsed, Option<string?> option)
    {
        if (parsed.GetValue(option) is not { } text)
        {
            return null;
        }

        Match match = Size().Match(text);
        long factor = match.Groups[2].Value.ToUpperInvariant() switch { "K" => 1024, "M" => 1024 * 1024, _ => 1 };
        return match.Success && double.TryParse(match.Groups[1].Value, CultureInfo.InvariantCulture, out double number) && number * factor is >= 1 and <= int.MaxValue
            ? (int)(number * factor)
            : throw new UsageException($"{option.Name} is '{text}'; a number of bytes was expected, such as 4096, 4K or 1.5M.");
    }

    [GeneratedRegex("^([0-9]+(?:[.][0-9]+)?)(?:([KkMm])[Bb]?)?$")]
    private static partial Regex Size();
}
