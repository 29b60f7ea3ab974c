namespace EdgeConv.Cli.Files;

/// <summary>
/// What this program needs beside itself: the emulators' scripts, start-up code for Cortex-M, the board's program. A checkout has them where they
/// belong; the packaged command has the same tree in its folder kit/, with the board's program built.
/// </summary>
internal static class Kit
{
    private const string Agent = "edgeconv-agent";

    private const UnixFileMode Executable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private static readonly string _packaged = Path.Combine(AppContext.BaseDirectory, "kit");

    /// <summary>Whether this is the packaged command.</summary>
    public static bool IsPackaged { get; } = Directory.Exists(_packaged);

    /// <summary>The folder above tests/emulators and firmware; null where there is neither a checkout nor a package.</summary>
    public static string? Root() => Repository.Root() ?? (IsPackaged ? _packaged : null);

    /// <summary>What to do where an emulator or a compiler is missing.</summary>
    public static string InstallAdvice { get; } = IsPackaged
        ? $"Run `bash {Path.Combine(_packaged, "tests", "emulators", "install.sh")}` (Debian: as root or with sudo), then try again."
        : "Run tests/emulators/install.sh (Debian: as root or with sudo), then try again.";

    /// <summary>Runs one of the emulators' scripts.</summary>
    /// <param name="root">From <see cref="Root"/>.</param>
    /// <param name="name">In tests/emulators.</param>
    /// <param name="arguments">For it.</param>
    /// <param name="cancel">Ends it.</param>
    /// <param name="folder">Where it works; null for where this program does.</param>
    public static ChildResult Script(string root, string name, IEnumerable<string> arguments, CancellationToken cancel, string? folder = null) =>
        // By its shell: files of a package have no leave to be executed.
        ChildProcess.Capture("bash", [Path.Combine(root, "tests", "emulators", name), .. arguments], cancel, folder);

    /// <summary>The board's program: the packaged one, or one that is built where its sources have changed.</summary>
    /// <param name="root">From <see cref="Root"/>.</param>
    /// <param name="runtime">linux-arm64 or linux-x64.</param>
    /// <param name="cancel">Ends the build.</param>
    /// <returns>Its path, or null and what was said instead.</returns>
    public static (string? Path, string Problem) BoardProgram(string root, string runtime, CancellationToken cancel)
    {
        string packaged = Path.Combine(root, "agents", runtime, Agent);
        if (File.Exists(packaged))
        {
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(packaged) & UnixFileMode.UserExecute) == 0)
            {
                File.SetUnixFileMode(packaged, Executable);
            }

            return (packaged, "");
        }

        bool isHost = runtime.EndsWith("x64", StringComparison.Ordinal)
            == (System.Runtime.InteropServices.RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.X64);
        ChildResult built = Script(root, "agent.sh", [isHost ? "host" : "arm64"], cancel, root);
        string program = built.Output.Trim().Split('\n')[^1];
        return built.ExitCode == 0 && File.Exists(program) ? (program, "") : (null, built.LastWords);
    }
}
