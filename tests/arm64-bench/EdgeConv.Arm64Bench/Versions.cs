namespace EdgeConv.Arm64Bench;

/// <summary>What a number depends on beside our own sources.</summary>
internal static class Versions
{
    private static readonly string[] _ours =
    [
        "edge-runtime", "converters/EdgeConv.Converters", "tests/arm64-bench", "tests/EdgeConv.BenchNetworks", "Directory.Packages.props",
        ":!tests/arm64-bench/results", ":!*.md",
    ];

    /// <summary>Of emulator, models, compiler and the engine beside ours.</summary>
    public static IReadOnlyDictionary<string, string> Here(PiCpu cpu, string onnxRuntime)
    {
        SortedDictionary<string, string> versions = new(StringComparer.Ordinal)
        {
            ["qemu-aarch64"] = Line(Tool.Run("qemu-aarch64", "--version"), "version"),
            [".NET SDK (NativeAOT)"] = Tool.Run("dotnet", "--version"),
            ["Microsoft.ML.OnnxRuntime"] = onnxRuntime,
        };
        foreach (string program in cpu.Models.Select(m => m.Program).Distinct())
        {
            versions[program] = Line(Tool.Run(program, "--version"), "version");
        }

        versions["models"] = string.Join("; ", cpu.Models);
        return versions;
    }

    /// <summary>The commit of a checkout, with a + where sources that matter have changes.</summary>
    public static string Commit(string root)
    {
        ToolRun commit = Tool.Try("", "git", "-C", root, "rev-parse", "--short=10", "HEAD");
        ToolRun changes = Tool.Try("", ["git", "-C", root, "status", "--porcelain", "--", .. _ours]);
        return commit.Code == 0 ? commit.Output.Trim() + (changes.Output.Length > 0 ? "+" : "") : "unknown";
    }

    private static string Line(string text, string word) =>
        text.Split('\n').FirstOrDefault(l => l.Contains(word, StringComparison.OrdinalIgnoreCase))?.Trim() ?? text.Split('\n')[0];
}
