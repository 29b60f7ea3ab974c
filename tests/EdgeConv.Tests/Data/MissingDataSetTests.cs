using System.Diagnostics;

namespace EdgeConv.Tests.Data;

/// <summary>The programs on a machine that has neither the data set nor a network.</summary>
public sealed class MissingDataSetTests
{
    private static readonly string[] _augment = ["edgeconv.dll", "augment", "cifar10", "--preview", "sheet.png"];
    private static readonly string[] _train = ["EdgeConv.Trainer.dll", "train", "--model", "conv7-cifar", "--data", "cifar10", "--out", "run"];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Offline_they_say_what_they_looked_for_and_where_to_put_it(bool trainer)
    {
        using var folder = new TemporaryFolder();
        (int code, string output) = Run(folder, trainer ? _train : _augment, ("EDGECONV_OFFLINE", "1"));
        AssertOneError(code, output);
        Assert.Contains("EDGECONV_OFFLINE is set, so it is not downloaded from https://www.cs.toronto.edu/", output);
        Assert.Contains(folder.Path("cache", "edgeconv", "datasets", "cifar10.zip"), output);
        Assert.Contains($"Put cifar-10-binary.tar.gz into {folder.Path("cache", "edgeconv", "datasets", "cifar10")}", output);
        Assert.DoesNotContain("downloading 170 MB", output);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Root));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Without_a_network_they_say_so_after_the_notice(bool trainer)
    {
        using var folder = new TemporaryFolder();
        using ReservedPort nobody = new();
        (int code, string output) = Run(folder, trainer ? _train : _augment, ("HTTPS_PROXY", $"http://127.0.0.1:{nobody.Number}"));
        AssertOneError(code, output);
        Assert.Contains("data set cifar10 is not on this machine; downloading 170 MB from https://www.cs.toronto.edu/~kriz/ to ", output);
        Assert.Contains("cannot be downloaded from https://www.cs.toronto.edu/~kriz/: ", output);
        Assert.Contains("Put cifar-10-binary.tar.gz into ", output);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Ctrl_C_stops_a_download_in_a_line(bool trainer)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "kill sends the signal");
        using var folder = new TemporaryFolder();
        using LocalServer server = new() { Silent = true };
        (int code, string output) = Run(folder, trainer ? _train : _augment, ("HTTPS_PROXY", server.Address.GetLeftPart(UriPartial.Authority)), process =>
        {
            Assert.True(SpinWait.SpinUntil(() => server.Requests.Count > 0, TimeSpan.FromMinutes(1)));
            Process.Start("kill", ["-INT", $"{process.Id}"]).WaitForExit();
        });
        Assert.Equal(130, code);
        Assert.Contains("stopped", output, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("   at ", output);
    }

    private static void AssertOneError(int code, string output)
    {
        Assert.True(code == 1, $"exit code {code}: {output}");
        Assert.DoesNotContain("   at ", output);
        Assert.DoesNotContain("Exception", output);
    }

    private static (int Code, string Output) Run(
        TemporaryFolder folder, string[] program, (string Name, string Value) variable, Action<Process>? meanwhile = null)
    {
        ProcessStartInfo start = new("dotnet", [Path.Combine(AppContext.BaseDirectory, program[0]), .. program[1..]])
        {
            WorkingDirectory = folder.Root, // no shared/datasets above it
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string name in (string[])["EDGECONV_DATA", "EDGECONV_OFFLINE", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"])
            start.Environment.Remove(name);
        start.Environment["XDG_CACHE_HOME"] = folder.Path("cache");
        start.Environment[variable.Name] = variable.Value;
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync(), output = process.StandardOutput.ReadToEndAsync();
        meanwhile?.Invoke(process);
        if (!process.WaitForExit(TimeSpan.FromMinutes(1))) process.Kill(entireProcessTree: true);
        process.WaitForExit();
        return (process.ExitCode, errors.Result + output.Result);
    }
}
