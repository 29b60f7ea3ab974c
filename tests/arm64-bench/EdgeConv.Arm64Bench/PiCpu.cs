namespace EdgeConv.Arm64Bench;

/// <summary>A processor of a Raspberry Pi.</summary>
/// <param name="Name">As the command line takes it.</param>
/// <param name="Title">As tables show it.</param>
/// <param name="Emulated">As QEMU calls it.</param>
/// <param name="Features">What Linux says of it in /proc/cpuinfo.</param>
/// <param name="Part">Its number there.</param>
/// <param name="Models">What stands for its pipeline; where there are two, the truth is taken to lie between them.</param>
internal sealed record PiCpu(
    string Name, string Title, string Emulated, string Features, string Part, IReadOnlyList<CycleModel> Models)
{
    private const string OldFeatures = "fp asimd evtstrm crc32 cpuid";
    private const string NewFeatures =
        "fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp";

    /// <summary>
    /// All of them. LLVM 14 has an A53 and an A72 of its own, but charges the latency of a load to the pointer that it moves on: that is
    /// stripped on the A72, and gives the other end of the A53's range. Its A76 is an A57; Neoverse N1 is the A76's core, and LLVM 19 has it.
    /// </summary>
    public static IReadOnlyList<PiCpu> All { get; } =
    [
        new("a53", "A53 (Pi 3, Zero 2 W)", "cortex-a53", OldFeatures, "0xd03",
            [new("llvm-mca-14", "cortex-a53", IgnoresWriteBack: false), new("llvm-mca-14", "cortex-a53", IgnoresWriteBack: true)]),
        new("a72", "A72 (Pi 4)", "cortex-a72", OldFeatures, "0xd08", [new("llvm-mca-14", "cortex-a72", IgnoresWriteBack: true)]),
        new("a76", "A76 (Pi 5)", "cortex-a76", NewFeatures, "0xd0b", [new("llvm-mca-19", "neoverse-n1", IgnoresWriteBack: false)]),
    ];

    /// <summary>A processor by name.</summary>
    /// <exception cref="ArgumentException">Unknown.</exception>
    public static PiCpu Parse(string name) => All.FirstOrDefault(c => c.Name == name)
        ?? throw new ArgumentException($"'{name}' is no processor of the bench; there are {string.Join(", ", All.Select(c => c.Name))}.");
}
