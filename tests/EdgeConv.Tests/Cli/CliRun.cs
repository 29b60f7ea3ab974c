using System.Diagnostics;
using System.Text.Json;
using EdgeConv.Cli;
using EdgeConv.Cli.Screen;

namespace EdgeConv.Tests.Cli;

/// <summary>One command line and what it said.</summary>
internal sealed record CliRun(int Code, string Output, string Errors)
{
    /// <summary>In this process.</summary>
    public static CliRun Of(params string[] args) => Of(TestContext.Current.CancellationToken, args);

    /// <summary>In this process, with a way to press Ctrl-C.</summary>
    public static CliRun Of(CancellationToken cancel, params string[] args)
    {
        StringWriter output = new(), errors = new();
        int code = App.Run(args, new Terminal(TextWriter.Synchronized(output), TextWriter.Synchronized(errors)), cancel);
        return new CliRun(code, output.ToString(), errors.ToString());
    }

    /// <summary>In a process of its own, with an environment variable, and without those that say where this machine has a nanoCLR.</summary>
    public static CliRun InChild((string Name, string Value) variable, params string[] args)
    {
        ProcessStartInfo start = new("dotnet", [Path.Combine(AppContext.BaseDirectory, "edgeconv.dll"), .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("EDGECONV_NANOCLR", StringComparison.Ordinal)).ToArray())
        {
            start.Environment.Remove(name);
        }

        start.Environment[variable.Name] = variable.Value;
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new CliRun(process.ExitCode, output, errors.Result);
    }

    /// <summary>Asserts success; the output parsed.</summary>
    public JsonElement Json()
    {
        Assert.True(Code == 0, Errors);
        return JsonDocument.Parse(Output).RootElement;
    }

    /// <summary>Asserts a failure that reads like one: an exit code, one sentence with these words, no stack trace, no results.</summary>
    public void Failed(int code, params string[] words)
    {
        Assert.True(Code == code, $"exit code {Code}, expected {code}: {Errors}{Output}");
        Assert.Contains("edgeconv: error: ", Errors);
        Assert.DoesNotContain("   at ", Errors);
        Assert.DoesNotContain("Exception", Errors);
        Assert.Empty(Output);
        Assert.All(words, word => Assert.Contains(word, Errors));
    }
}
