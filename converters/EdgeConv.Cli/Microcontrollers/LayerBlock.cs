using System.Globalization;
using EdgeConv.Cli.Emulation;
using EdgeConv.Cli.Files;

namespace EdgeConv.Cli.Microcontrollers;

/// <summary>A block of instructions that ran in a layer, as the emulator's plugin saw it.</summary>
/// <param name="Layer">Index of the layer.</param>
/// <param name="Runs">How often it ran.</param>
/// <param name="Code">Its instructions, four or eight hexadecimal digits each.</param>
internal sealed record LayerBlock(int Layer, long Runs, string Code)
{
    /// <summary>Instructions of all runs.</summary>
    public long Instructions => Runs * (Code.Count(c => c == ' ') + 1);

    /// <summary>Runs a program once more, with the plugin.</summary>
    /// <param name="mcu">The processor.</param>
    /// <param name="layers">How many layers there are; what runs behind the last one is no layer.</param>
    /// <param name="folder">Has program.elf, as <see cref="EmulatedMcu.Run"/> left it, with one input.</param>
    /// <param name="cancel">Ends compiler and emulator.</param>
    /// <exception cref="FailureException">The plugin does not compile here, or saw nothing.</exception>
    public static IReadOnlyList<LayerBlock> Count(EmulatedMcu mcu, int layers, TemporaryFolder folder, CancellationToken cancel)
    {
        string plugin = folder.File("blocks.so"), counts = folder.File("blocks.txt"), program = folder.File("program.elf");
        string source = Path.Combine(mcu.Firmware, "..", "..", "tests", "arm64-bench", "plugin", "blocks.c");
        ChildResult compiled = ChildProcess.Capture("gcc", ["-O2", "-shared", "-fPIC", "-fvisibility=hidden", source, "-o", plugin], cancel);
        if (compiled.ExitCode != 0)
        {
            throw new FailureException($"the emulator's plugin does not compile: {compiled.LastWords}");
        }

        string symbols = ChildProcess.Capture("arm-none-eabi-nm", [program], cancel).Output;
        mcu.Emulate(program, ["-plugin", $"{plugin},out={counts},begin=0x{Address(symbols, "layer_begins")},end=0x{Address(symbols, "layer_ends")}"], cancel);
        LayerBlock[] blocks = [.. File.ReadLines(counts).Select(Parse).Where(block => block.Layer < layers)];
        return blocks.Length > 0 ? blocks : throw new FailureException($"{mcu.Name}: the emulator's plugin saw no layer.");
    }

    private static LayerBlock Parse(string line)
    {
        string[] words = line.Split(' ', 3);
        return new LayerBlock(int.Parse(words[0].TrimEnd(':'), CultureInfo.InvariantCulture) - 1, long.Parse(words[1], CultureInfo.InvariantCulture), words[2]);
    }

    private static string Address(string symbols, string name) => symbols.Split('\n').Select(line => line.Split(' '))
        .FirstOrDefault(words => words.Length == 3 && words[2] == name)?[0] ?? throw new FailureException($"the program has no function '{name}'.");
}
