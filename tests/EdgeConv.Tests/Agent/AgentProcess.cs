using System.Diagnostics;

namespace EdgeConv.Tests.Agent;

/// <summary>The agent as a process of its own, for as long as a test needs it.</summary>
internal sealed class AgentProcess : IDisposable
{
    private readonly Process _process;

    public AgentProcess(params string[] arguments)
    {
        _process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "edgeconv-agent.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _process.OutputDataReceived += (_, line) => Hear(Said, line.Data);
        _process.ErrorDataReceived += (_, line) => Hear(Errors, line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>What it has said so far.</summary>
    public SharedLog Said { get; } = new();

    /// <summary>What it has complained of so far.</summary>
    public SharedLog Errors { get; } = new();

    /// <summary>Whether it has ended by itself.</summary>
    public bool HasEnded => _process.HasExited;

    /// <summary>Ends it as systemd does.</summary>
    /// <returns>Its exit code, when all that it said is there.</returns>
    public int Stop()
    {
        using Process kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        kill.WaitForExit();
        _process.WaitForExit();
        return _process.ExitCode;
    }

    /// <summary>Ends it as a crash does, and waits until it is gone, so that it writes into no folder that the test removes.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }

    private static void Hear(SharedLog log, string? line)
    {
        if (line is not null)
        {
            log.WriteLine(line);
        }
    }
}
