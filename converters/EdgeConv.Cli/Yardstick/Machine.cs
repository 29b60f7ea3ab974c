using System.Runtime.InteropServices;

namespace EdgeConv.Cli.Yardstick;

/// <summary>Where a time was measured.</summary>
/// <param name="Cpu">As the operating system names it.</param>
/// <param name="Cores">Logical processors.</param>
/// <param name="System">Operating system and architecture.</param>
/// <param name="Dotnet">Version of .NET.</param>
/// <param name="OnnxRuntime">Version of ONNX Runtime.</param>
public sealed record Machine(string Cpu, int Cores, string System, string Dotnet, string OnnxRuntime)
{
    /// <summary>This machine.</summary>
    public static Machine Here() => new(
        CpuName(),
        Environment.ProcessorCount,
        $"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}",
        RuntimeInformation.FrameworkDescription,
        OnnxSession.Version);

    private static string CpuName()
    {
        const string list = "/proc/cpuinfo";
        string? line = File.Exists(list)
            ? File.ReadLines(list).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))
            : Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER");
        return line is null ? "unknown CPU" : line[(line.IndexOf(':') + 1)..].Trim();
    }
}
