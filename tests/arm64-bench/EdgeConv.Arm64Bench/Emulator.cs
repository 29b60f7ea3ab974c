namespace EdgeConv.Arm64Bench;

/// <summary>qemu-aarch64 as one of the processors, with the plugin that counts blocks.</summary>
/// <param name="Folder">Holds the plugin, and a root folder a processor.</param>
internal sealed record Emulator(string Folder)
{
    private const string CrossLibraries = "/usr/aarch64-linux-gnu/lib";

    private string Plugin => Path.Combine(Folder, "blocks.so");

    /// <summary>Runs a program to its end.</summary>
    /// <returns>The blocks it ran, and the last line that it printed.</returns>
    /// <exception cref="ToolException">It failed.</exception>
    public (BlockCounts Counts, string Said) Run(PiCpu cpu, IReadOnlyList<string> command)
    {
        string counts = Path.Combine(Folder, $"blocks.{Environment.ProcessId}.txt");
        try
        {
            string said = Tool.Run(
                ["qemu-aarch64", "-cpu", cpu.Emulated, "-L", Root(cpu), "-plugin", $"{Plugin},out={counts}", .. command]);
            using StreamReader text = File.OpenText(counts);
            return (BlockCounts.Parse(text), said.Split('\n')[^1].Trim());
        }
        finally
        {
            File.Delete(counts);
        }
    }

    // ONNX Runtime looks at /proc/cpuinfo and crashes on that of another architecture; QEMU shows files below its -L prefix first.
    private string Root(PiCpu cpu)
    {
        string root = Path.Combine(Folder, "roots", cpu.Name), libraries = Path.Combine(root, "lib"), list = Path.Combine(root, "proc", "cpuinfo");
        Directory.CreateDirectory(Path.GetDirectoryName(list)!);
        if (!Path.Exists(libraries))
        {
            Directory.CreateSymbolicLink(libraries, CrossLibraries);
        }

        File.WriteAllText(list, string.Concat(Enumerable.Range(0, Environment.ProcessorCount).Select(i =>
            $"processor\t: {i}\nBogoMIPS\t: 108.00\nFeatures\t: {cpu.Features}\nCPU implementer\t: 0x41\nCPU architecture: 8\n"
            + $"CPU variant\t: 0x0\nCPU part\t: {cpu.Part}\nCPU revision\t: 4\n\n")));
        return root;
    }
}
