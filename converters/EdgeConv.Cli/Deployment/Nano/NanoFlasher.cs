using EdgeConv.Cli.Files;

namespace EdgeConv.Cli.Deployment.Nano;

/// <summary>nanoff, nanoFramework's own tool, which writes firmware and applications to boards.</summary>
/// <param name="port">The board's serial port.</param>
internal sealed class NanoFlasher(string port)
{
    private const string Program = "nanoff";
    private const string Advice = "Install it: dotnet tool install -g nanoff";

    // What a target's name says about how its firmware gets there; all others are ESP32 boards.
    private static readonly (string Prefix, string[] Arguments)[] _ways =
    [
        ("ST_", ["--jtag"]), ("NETDUINO", ["--dfu"]), ("ORGPAL", ["--dfu"]), ("GHI_", ["--dfu"]), ("TI_", []), ("SL_", []),
    ];

    /// <summary>Looks whether the tool is there.</summary>
    /// <exception cref="FailureException">It is not.</exception>
    public static void Need()
    {
        if (SearchPath.Find(Program, Environment.GetEnvironmentVariable("PATH")) is null)
        {
            throw new FailureException($"'{Program}' is not on the PATH; it writes to nanoFramework boards. {Advice}");
        }
    }

    /// <summary>The arguments that write nanoFramework's firmware.</summary>
    /// <param name="target">nanoff's name of the board, such as ESP32_PSRAM_REV0.</param>
    public string[] FirmwareArguments(string target) =>
        ["--update", "--target", target, .. _ways.FirstOrDefault(way => target.StartsWith(way.Prefix, StringComparison.OrdinalIgnoreCase)).Arguments ?? ["--serialport", port]];

    /// <summary>The arguments that write an application.</summary>
    /// <param name="image">The image's file.</param>
    public string[] ImageArguments(string image) => ["--nanodevice", "--deploy", "--serialport", port, "--image", image];

    /// <summary>Runs it.</summary>
    /// <param name="arguments">One of the above.</param>
    /// <param name="what">What it does, for the message.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="FailureException">It fails.</exception>
    public static void Run(string[] arguments, string what, CancellationToken cancel)
    {
        ChildResult result = ChildProcess.Capture(Program, arguments, cancel);
        if (result.ExitCode != 0)
        {
            throw new FailureException($"{Program} cannot {what}: {result.LastWords} (exit code {result.ExitCode} of `{Program} {string.Join(' ', arguments)}`).");
        }
    }
}
