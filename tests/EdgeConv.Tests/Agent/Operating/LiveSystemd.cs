using System.Diagnostics;
using System.Text;

namespace EdgeConv.Tests.Agent.Operating;

/// <summary>A systemd of its own in namespaces, which runs a script: tests/systemd/run.sh.</summary>
internal static class LiveSystemd
{
    private static readonly string _program = RepositoryFolder.Path("tests", "systemd", "run.sh");

    /// <summary>Skips the test where there is none.</summary>
    public static void Need()
    {
        (int missing, string why) = Run(_program, "--check");
        Assert.SkipWhen(missing != 0, why);
    }

    /// <summary>Runs a script in a folder that it sees, and returns what it said, nothing of which is a line that begins with @NEVER.</summary>
    public static string Run(TemporaryFolder folder, string script)
    {
        folder.Write("script", Encoding.UTF8.GetBytes(script));
        (int code, string errors) = Run("timeout", "--kill-after=5", "300", _program, folder.Root);
        Assert.True(code == 0, $"{code} {errors}");
        string said = File.ReadAllText(folder.Path("said"));
        TestContext.Current.TestOutputHelper?.WriteLine(said);
        Assert.DoesNotContain(said.Split('\n'), line => line.StartsWith("@NEVER", StringComparison.Ordinal));
        return said;
    }

    /// <summary>Runs a program; what it printed, or its errors where it failed.</summary>
    public static (int Code, string Output) Run(params string[] command)
    {
        ProcessStartInfo start = new(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, process.ExitCode == 0 ? output.TrimEnd() : errors.Result.TrimEnd());
    }
}
