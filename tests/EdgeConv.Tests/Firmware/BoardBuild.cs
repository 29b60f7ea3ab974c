using System.Diagnostics;
using EdgeConv.Tests.Cli;

namespace EdgeConv.Tests.Firmware;

/// <summary>Firmware of a model for a real board, as firmware/cortex-m/build.sh makes it.</summary>
internal static class BoardBuild
{
    /// <summary>Exports and builds; a warning is a failure.</summary>
    /// <param name="folder">For the model's C and the result.</param>
    /// <param name="model">The .ecm file.</param>
    /// <param name="board">As build.sh names it.</param>
    /// <param name="sources">Of the program, none for boards/main.c.</param>
    /// <returns>The folder with firmware.elf and so on, and what was printed.</returns>
    public static (string Output, string Said) Run(TemporaryFolder folder, string model, string board, params string[] sources)
    {
        string code = folder.Path("model"), output = folder.Path("out");
        CliRun export = CliRun.Of("export", model, "--to", "c", "-o", code);
        Assert.True(export.Code == 0, export.Errors);
        using Process build = Process.Start(new ProcessStartInfo(
            RepositoryFolder.Path("firmware", "cortex-m", "build.sh"), [board, code, "-o", output, .. sources])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> errors = build.StandardError.ReadToEndAsync();
        string said = build.StandardOutput.ReadToEnd();
        build.WaitForExit();
        Assert.Equal("", errors.Result);
        Assert.Equal(0, build.ExitCode);
        return (output, said);
    }
}
