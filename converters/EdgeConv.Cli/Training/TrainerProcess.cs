using EdgeConv.Cli.Files;
using EdgeConv.Cli.Screen;

namespace EdgeConv.Cli.Training;

/// <summary>Starts the trainer, which is a program of its own: that is where libtorch is.</summary>
internal static class TrainerProcess
{
    private const string Override = "EDGECONV_TRAINER";

    /// <summary>Runs the trainer on this terminal.</summary>
    /// <param name="arguments">Verb first, as the trainer reads them.</param>
    /// <param name="terminal">For the note that it is being built.</param>
    /// <param name="cancel">The trainer sees the same Ctrl-C and is given time to save.</param>
    /// <returns>Its exit code.</returns>
    /// <exception cref="FailureException">There is no trainer, it does not build, or it cannot be fetched.</exception>
    public static int Run(IReadOnlyList<string> arguments, Terminal terminal, CancellationToken cancel)
    {
        string program = Find(terminal, cancel);
        return program.EndsWith(".dll", StringComparison.OrdinalIgnoreCase)
            ? ChildProcess.Inherit(DotnetHost.Program, [program, .. arguments], cancel)
            : ChildProcess.Inherit(program, arguments, cancel);
    }

    private static string Find(Terminal terminal, CancellationToken cancel)
    {
        if (Environment.GetEnvironmentVariable(Override) is { Length: > 0 } chosen)
        {
            return File.Exists(chosen)
                ? chosen
                : throw new FailureException(
                    $"{Override} names '{chosen}', and there is no such file. It should name EdgeConv.Trainer.dll.");
        }

        if (Repository.Root() is not { } root)
        {
            return TrainerPackage.Ensure(terminal, cancel);
        }

        string project = Path.Combine(root, "trainer", "EdgeConv.Trainer");
        string built = Path.Combine(project, "bin", "Release", "net10.0", "EdgeConv.Trainer.dll");
        if (!File.Exists(built))
        {
            terminal.Note("building the trainer (the first time it fetches libtorch, 130 MB)");
            ChildResult build = ChildProcess.Capture(DotnetHost.Program, ["build", project, "-c", "Release", "-v", "q", "-nologo"], cancel);
            if (build.ExitCode != 0)
            {
                throw new FailureException($"the trainer does not build; `dotnet build {project} -c Release` says why.");
            }
        }

        return built;
    }
}
