using System.Diagnostics;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Cli.Files;

/// <summary>What a program said.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">Its output stream.</param>
/// <param name="Errors">Its error stream.</param>
internal sealed record ChildResult(int ExitCode, string Output, string Errors)
{
    /// <summary>True when it was ended because its time was up.</summary>
    public bool IsCutOff { get; init; }

    /// <summary>The last line that says something, for a message.</summary>
    public string LastWords => (Errors + "\n" + Output).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        .LastOrDefault() ?? $"exit code {ExitCode}";
}

/// <summary>Starts programs; none outlives a cancelled command.</summary>
internal static class ChildProcess
{
    private static readonly TimeSpan _timeToStop = TimeSpan.FromSeconds(20);

    /// <summary>Runs a program and collects what it says. Ctrl-C ends it.</summary>
    /// <param name="program">Name on the PATH, or path.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="cancel">Ends it.</param>
    /// <param name="folder">Where it runs; null for the working directory.</param>
    /// <param name="limit">Ends it as well; null for as long as it takes.</param>
    /// <param name="environment">Variables beside this program's own.</param>
    /// <exception cref="FailureException">It cannot be started.</exception>
    public static ChildResult Capture(string program, IEnumerable<string> arguments, CancellationToken cancel, string? folder = null,
        TimeSpan? limit = null, IEnumerable<KeyValuePair<string, string?>>? environment = null)
    {
        cancel.ThrowIfCancellationRequested();   // what is begun may be done before it is killed
        using Process process = Start(program, arguments, redirect: true, folder, environment);
        Task<string> output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        Task<string> errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        bool isCutOff;
        using (cancel.Register(() => process.Kill(entireProcessTree: true)))
        {
            isCutOff = !process.WaitForExit(limit ?? Timeout.InfiniteTimeSpan);
            if (isCutOff)
            {
                process.Kill(entireProcessTree: true);
            }

            process.WaitForExit();
        }

        cancel.ThrowIfCancellationRequested();
        return new ChildResult(process.ExitCode, output.Result, errors.Result) { IsCutOff = isCutOff };
    }

    /// <summary>Runs a program on this terminal. It sees the same Ctrl-C and is given time to stop by itself.</summary>
    /// <returns>Its exit code.</returns>
    /// <exception cref="FailureException">It cannot be started.</exception>
    public static int Inherit(string program, IEnumerable<string> arguments, CancellationToken cancel)
    {
        using Process process = Start(program, arguments, redirect: false, folder: null, environment: null);
        using (cancel.Register(() => KillAfter(process, _timeToStop)))
        {
            process.WaitForExit();
        }

        return process.ExitCode;
    }

    private static Process Start(string program, IEnumerable<string> arguments, bool redirect, string? folder,
        IEnumerable<KeyValuePair<string, string?>>? environment)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            RedirectStandardOutput = redirect,
            RedirectStandardError = redirect,
            WorkingDirectory = folder ?? "",
        };

        // a path of this processor means nothing to an emulated one, which is told by name
        start.Environment.Remove(KernelPath.EnvironmentVariable);
        foreach ((string name, string? value) in environment ?? [])
        {
            start.Environment[name] = value;
        }

        try
        {
            return Process.Start(start) ?? throw new FailureException($"cannot start '{program}'.");
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            throw new FailureException($"cannot start '{program}': {exception.Message}. Install it or put it on the PATH.", exception);
        }
    }

    private static void KillAfter(Process process, TimeSpan time)
    {
        if (!process.WaitForExit(time))
        {
            process.Kill(entireProcessTree: true);
        }
    }
}
