using System.Diagnostics;

namespace EdgeConv.Arm64Bench;

/// <summary>A program that could not be run, or that failed.</summary>
internal sealed class ToolException(string message) : Exception(message);

/// <summary>What a program left behind.</summary>
/// <param name="Code">Exit code.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
internal sealed record ToolRun(int Code, string Output, string Error);

/// <summary>Other programs.</summary>
internal static class Tool
{
    /// <summary>Runs a program to its end.</summary>
    /// <exception cref="ToolException">There is no such program.</exception>
    public static ToolRun Try(string input, params string[] command)
    {
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using Process process = Process.Start(start)!;
            Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
            using (StreamWriter writer = process.StandardInput)
            {
                writer.Write(input);
            }

            process.WaitForExit();
            return new ToolRun(process.ExitCode, output.Result, error.Result);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new ToolException($"{command[0]} cannot be started ({e.Message}); tests/arm64-bench/run.sh installs what the bench needs.");
        }
    }

    /// <summary>Runs a program that must succeed.</summary>
    /// <returns>What it printed.</returns>
    /// <exception cref="ToolException">It is not there, or failed; the message has the end of what it said.</exception>
    public static string Run(params string[] command)
    {
        ToolRun run = Try("", command);
        string said = (run.Error + run.Output).Trim();
        return run.Code == 0
            ? run.Output.Trim()
            : throw new ToolException($"{string.Join(' ', command)} ended with code {run.Code}: {said[Math.Max(0, said.Length - 500)..]}");
    }
}
