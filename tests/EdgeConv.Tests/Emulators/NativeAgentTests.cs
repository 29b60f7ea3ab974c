using System.Diagnostics;
using EdgeConv.Tests.Agent;

namespace EdgeConv.Tests.Emulators;

/// <summary>The agent as it ships: native, on this machine and on the emulated processors of three Raspberry Pis.</summary>
public sealed class NativeAgentTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edgeconv-native-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("host", null)]
    [InlineData("cortex-a53", "Neon")]
    [InlineData("cortex-a72", "Neon")]
    [InlineData("cortex-a76", "NeonDp")]
    public void It_takes_the_best_path_passes_its_self_test_and_answers(string cpu, string? bestPath)
    {
        (int missing, _, string why) = Run(Script("install.sh"), "--check");
        Assert.SkipWhen(missing != 0, why);
        (int failed, string agent, string log) = Run(Script("agent.sh"), cpu == "host" ? "host" : "arm64");
        Assert.True(failed == 0, log);
        string[] command = cpu == "host" ? [agent] : [Script("run-arm64.sh"), cpu, agent];

        (int code, string paths, _) = Run([.. command, "paths"]);
        Assert.Equal(0, code);
        string chosen = Assert.Single(paths.Split('\n'), line => line.EndsWith("default", StringComparison.Ordinal));
        Assert.True(bestPath is null || chosen.Split(' ')[0] == bestPath, paths);

        string model = Write("brightest.ecm", BrightestPixelModel.Write());
        string picture = Write("p.pgm", [.. "P5 2 2 255\n"u8, 10, 204, 30, 255]);
        Assert.Equal(0, Run([.. command, "selftest", model, "--path", "all"]).Code);
        Assert.Equal($"{picture}  right  0.507", Run([.. command, "run", model, picture]).Output);
        (code, _, string error) = Run([.. command, "run", model, picture, "--path", "Cray"]);
        Assert.Equal(2, code);
        Assert.Contains("unknown kernel path 'Cray'", error);
    }

    [Theory]
    [InlineData("agent.sh", "toaster")]
    [InlineData("run-arm64.sh", "cortex-m4", "true")]
    [InlineData("run-arm64.sh", "cortex-a53", "no-such-program")]
    public void The_scripts_refuse_what_they_do_not_know(string script, params string[] arguments)
    {
        (int code, string output, string error) = Run([Script(script), .. arguments]);
        Assert.Equal(2, code);
        Assert.Empty(output);
        Assert.Contains("expected", error);
    }

    private static string Script(string name) => RepositoryFolder.Path("tests", "emulators", name);

    private static (int Code, string Output, string Error) Run(params string[] command)
    {
        ProcessStartInfo start = new(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Remove("EDGECONV_PATH");
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output.TrimEnd('\n'), error.Result.TrimEnd('\n'));
    }

    private string Write(string name, byte[] bytes)
    {
        string path = Path.Combine(_folder.FullName, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
