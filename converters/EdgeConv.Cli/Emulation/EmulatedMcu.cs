using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.InteropServices;
using EdgeConv.Cli.Files;
using EdgeConv.Cli.Verification;
using EdgeConv.Converters.CodeGen;
using EdgeConv.Runtime;

namespace EdgeConv.Cli.Emulation;

/// <summary>An emulated Cortex-M that runs the C generated for a model, without an operating system.</summary>
internal sealed class EmulatedMcu
{
    /// <summary>What the paths' column says of generated C.</summary>
    public const string PathName = "C99";

    private const string Compiler = "arm-none-eabi-gcc", Emulator = "qemu-system-arm";
    private const string Install = "Run tests/emulators/install.sh (Debian: as root or with sudo), then try again.";

    // QEMU's boards: 4 MB of code and of data on the MPS2s, 512 KB each in the fast memories of the MPS3. Clock decides what a tick is.
    private static readonly Machine[] _machines =
    [
        new("cortex-m3", "mps2-an385", "0x00000000", "0x20000000", "0x400000", 25),
        new("cortex-m4", "mps2-an386", "0x00000000", "0x20000000", "0x400000", 25),
        new("cortex-m7", "mps2-an500", "0x00000000", "0x20000000", "0x400000", 25),
        new("cortex-m33", "mps2-an505", "0x10000000", "0x38000000", "0x400000", 20),
        new("cortex-m55", "mps3-an547", "0x00000000", "0x20000000", "0x80000", 32),
    ];

    private readonly Machine _machine;
    private readonly string _root;

    private EmulatedMcu(Machine machine, string root) => (_machine, _root) = (machine, root);

    /// <summary>Processors that can be asked for.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. _machines.Select(machine => machine.Name)];

    /// <summary>Finds the compiler and the emulator.</summary>
    /// <exception cref="FailureException">One of them cannot be had here; the message says what to install.</exception>
    public static EmulatedMcu Open(string name, CancellationToken cancel)
    {
        string root = Repository.Root() ?? throw new FailureException(
            $"{name} is emulated with the start-up code in firmware/cortex-m of the EdgeConv checkout, and this program was not built in one. Run it from a checkout.");
        foreach (string tool in (string[])[Compiler, Emulator])
        {
            try
            {
                ChildProcess.Capture(tool, ["--version"], cancel);
            }
            catch (FailureException)
            {
                throw new FailureException($"{name} cannot be emulated: there is no {tool} here. {Install}");
            }
        }

        return new EmulatedMcu(_machines.First(machine => machine.Name == name), root);
    }

    /// <summary>Generates, compiles, runs on some inputs, and compares every layer's bytes with the reference.</summary>
    /// <param name="model">The model.</param>
    /// <param name="inputs">Inputs to run.</param>
    /// <param name="cancel">Ends compiler and emulator.</param>
    public PathResult Verify(Model model, ParityInputs inputs, CancellationToken cancel)
    {
        Stopwatch watch = Stopwatch.StartNew();
        string? problem;
        long instructions = 0;
        using TemporaryFolder folder = new();
        try
        {
            McuRun[] runs = Run(model, inputs, folder, cancel);
            problem = Enumerable.Range(0, inputs.Count).Select(i => Difference(model, inputs, runs, i)).FirstOrDefault(found => found is not null);
            instructions = runs.Length > 0 ? (long)runs.Average(run => run.Ticks.Sum(ticks => (double)ticks) * 1000 / _machine.MegaHertz) : 0;
        }
        catch (CodeGenException exception)
        {
            problem = exception.Message;
        }

        return new PathResult(_machine.Name, PathName, inputs.Count, problem, watch.Elapsed.TotalSeconds) { Instructions = instructions };
    }

    private static string? Difference(Model model, ParityInputs inputs, McuRun[] runs, int index)
    {
        if (index >= runs.Length)
        {
            return $"it ended after {runs.Length} of {inputs.Count} inputs";
        }

        IReadOnlyList<uint> expected = SelfTest.Record(model, inputs[index]).LayerHashes;
        int layer = Enumerable.Range(0, expected.Count).FirstOrDefault(i => expected[i] != runs[index].Hashes[i], -1);
        return layer < 0 ? null : $"input {index}, layer {layer} ({model.Operators[layer].Name}): other bytes than the reference";
    }

    private McuRun[] Run(Model model, ParityInputs inputs, TemporaryFolder folder, CancellationToken cancel)
    {
        string sources = folder.File("src");
        Directory.CreateDirectory(sources);
        foreach (CodeFile file in CExport.Write(model, goal: new CGoal(_machine.Name)).Where(file => Path.GetDirectoryName(file.Path) == "src"))
        {
            File.WriteAllText(folder.File(file.Path), file.Text);
        }

        string program = folder.File("program.elf");
        ChildResult compiled = ChildProcess.Capture(Compiler, [.. Options(sources), "-o", program], cancel);
        if (compiled.ExitCode != 0)
        {
            string[] lines = compiled.Errors.Split('\n');
            throw new FailureException($"{_machine.Name}: {lines.FirstOrDefault(line => line.Contains("overflowed", StringComparison.Ordinal) || line.Contains("error", StringComparison.Ordinal)) ?? compiled.LastWords}");
        }

        File.WriteAllBytes(folder.File("inputs.bin"), MemoryMarshal.AsBytes(inputs.Bytes.AsSpan(0, inputs.Count * inputs.Length)));
        ChildResult run = ChildProcess.Capture(
            Emulator,
            ["-M", _machine.Qemu, "-display", "none", "-monitor", "none", "-serial", "null", "-semihosting-config", "enable=on,target=native",
                "-icount", "shift=0", "-kernel", program],
            cancel, Path.GetDirectoryName(program));
        return run.ExitCode == 0
            ? McuRun.Read(File.ReadAllBytes(folder.File("outputs.bin")), model)
            : throw new FailureException($"{_machine.Name}: the program ended with {run.ExitCode}{(run.ExitCode == 99 ? ", a fault" : "")}: {run.LastWords}");
    }

    private IEnumerable<string> Options(string sources)
    {
        string firmware = Path.Combine(_root, "firmware", "cortex-m"), board = Path.Combine(firmware, "qemu");
        return
        [
            $"-mcpu={_machine.Name}", "-mthumb", _machine.Name == "cortex-m55" ? "-mfloat-abi=hard" : "-mfloat-abi=soft", "-O2", "-std=c99", "-ffreestanding", "-ffunction-sections", "-fdata-sections", "-nostdlib",
            $"-I{sources}", $"-I{board}", "-T", Path.Combine(board, "mps.ld"), $"-L{firmware}", "-Wl,--gc-sections",
            $"-Wl,--defsym=FLASH_ORIGIN={_machine.Flash},--defsym=FLASH_LENGTH={_machine.Bytes},--defsym=RAM_ORIGIN={_machine.Ram},--defsym=RAM_LENGTH={_machine.Bytes}",
            Path.Combine(firmware, "startup.c"), Path.Combine(board, "semihosting.c"), Path.Combine(board, "main.c"), "-lgcc",
        ];
    }

    private sealed record Machine(string Name, string Qemu, string Flash, string Ram, string Bytes, int MegaHertz);

    /// <summary>What one input gave: a hash and the ticks of each layer, as main.c writes them behind the output.</summary>
    private sealed record McuRun(uint[] Hashes, uint[] Ticks)
    {
        public static McuRun[] Read(byte[] bytes, Model model)
        {
            int layers = model.Operators.Count, output = model.Output.ByteLength, length = output + layers * 2 * sizeof(uint);
            return [.. Enumerable.Range(0, bytes.Length / length).Select(i => new McuRun(
                [.. Enumerable.Range(0, layers).Select(k => Word(i * length + output + 8 * k))],
                [.. Enumerable.Range(0, layers).Select(k => Word(i * length + output + 8 * k + 4))]))];

            uint Word(int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));
        }
    }
}
