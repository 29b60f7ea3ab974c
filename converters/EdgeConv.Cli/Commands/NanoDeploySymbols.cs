using System.CommandLine;
using EdgeConv.Cli.Deployment.Nano;
using EdgeConv.Cli.Screen;
using EdgeConv.Converters.Boards;

namespace EdgeConv.Cli.Commands;

/// <summary>The options of `deploy --to nanodevice:PORT`.</summary>
internal sealed class NanoDeploySymbols
{
    private const string Kind = "nanodevice", Prefix = Kind + ":";

    private readonly Option<string?> _board = new("--board") { Description = "nanodevice: first write nanoFramework's firmware for this target of nanoff, such as ESP32_REV0.", HelpName = "target" };
    private readonly Option<int?> _baud = new("--baud") { Description = "nanodevice: speed of the serial port [default: 921600].", HelpName = "rate" };
    private readonly Option<double?> _timeout = new("--timeout") { Description = "nanodevice: wait so long for the board's check, 0 for not at all [default: 30].", HelpName = "seconds" };

    /// <summary>In the order of the help.</summary>
    public Symbol[] All => [_board, _baud, _timeout];

    /// <summary>Whether --to names a nanoFramework board.</summary>
    public static bool IsFor(string to) => to.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) || to.Equals(Kind, StringComparison.OrdinalIgnoreCase);

    /// <summary>Says which option is for the other kind of board.</summary>
    /// <exception cref="UsageException">One is given.</exception>
    public static void Refuse(ParseResult parsed, IEnumerable<Symbol> others, string kind)
    {
        if (others.OfType<Option>().FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false }) is { } given)
        {
            throw new UsageException($"{given.Name} is for {kind}.");
        }
    }

    /// <summary>Deploys.</summary>
    /// <param name="app">The application's folder, or a model file.</param>
    /// <param name="to">--to.</param>
    /// <param name="parsed">The command line.</param>
    /// <param name="json">Whether the answer is for a program.</param>
    /// <param name="terminal">Where it goes.</param>
    /// <param name="cancel">Ends it.</param>
    public int Run(string? app, string to, ParseResult parsed, bool json, Terminal terminal, CancellationToken cancel)
    {
        string port = to[Math.Min(Prefix.Length, to.Length)..];
        double timeout = parsed.GetValue(_timeout) ?? 30;
        int baud = parsed.GetValue(_baud) ?? 921600;
        if (app is null || port.Length == 0)
        {
            throw new UsageException("expected --to nanodevice:PORT: name the application's folder or a model file, and the board's port, such as `edgeconv deploy app --to nanodevice:COM3`.");
        }

        if (!Directory.Exists(app) && !File.Exists(app))
        {
            throw new FailureException($"{app}: no such file or folder.");
        }

        if (timeout is not (>= 0 and <= 3600) || baud is < 300 or > 10_000_000)
        {
            throw new UsageException($"--timeout {timeout} --baud {baud}: expected 0 to 3600 seconds and 300 to 10000000 baud.");
        }

        NanoDeployOptions options = new(app, port) { Board = Target(parsed.GetValue(_board)), Baud = baud, Timeout = TimeSpan.FromSeconds(timeout) };
        NanoDeployResult result = NanoDeploy.Run(options, terminal, cancel);
        if (json)
        {
            terminal.Json(result);
            return ExitCode.Done;
        }

        terminal.Line($"{result.Port}: {string.Join(", ", result.Assemblies)} ({Units.Bytes(result.ImageBytes)})");
        terminal.Line(result.Golden is { } crc ? $"golden ok {crc}: the board computes the PC's bytes" : timeout > 0 ? "the model has no golden vector" : "not checked");
        return ExitCode.Done;
    }

    // An id of edgeconv's boards says nothing about PSRAM, by which nanoff's targets differ: the owner has to choose.
    private static string? Target(string? board) => board is null || !KnownBoards.All.Any(known => known.Id.Equals(board, StringComparison.OrdinalIgnoreCase))
        ? board
        : throw new UsageException(
            $"--board {board}: that is what `edgeconv export --board` calls it. deploy takes nanoff's name of the firmware's target, such as ESP32_REV0, "
            + "ESP32_PSRAM_REV0, ESP32_S3 or ST_STM32F769I_DISCOVERY; `nanoff --listtargets` names all.");
}
