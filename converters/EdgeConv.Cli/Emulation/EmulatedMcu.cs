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

    // QEMU's boards: 4 MB of code and of data on the MPS2s, 512 KB each in the fast memories of the MPS3. Clock decides what a tick is.
    private static readonly Machine[] _machines =
    [
        new("cortex-m3", "mps2-an385", "0x00000000", "0x20000000", "0x400000", 25),
        new("cortex-m4", "mps2-an386", "0x00000000", "0x20000000", "0x400000", 25),
        new("cortex-m7", "mps2-an500", "0x00000000", "0x20000000", "0x400000", 25),
        new("cortex-m33", "mps2-an505", "0x10000000", "0x38000000", "0x400000", 20),
        new("cortex-m55", "mps3-an547", "0x00000000", "0x20000000", "0x80000", 32),
    ];

    // What a line of the compiler or the linker has that says why.
    private static readonly string[] _complaints = ["overflowed", "error", "undefined reference", "cannot find"];

    private readonly Machine _machine;
    private readonly string _root;

    private EmulatedMcu(Machine machine, string root) => (_machine, _root) = (machine, root);

    /// <summary>Processors that can be asked for.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. _machines.Select(machine => machine.Name)];

    /// <summary>Finds the compiler and the emulator.</summary>
    /// <exception cref="FailureException">One of them cannot be had here; the message says what to install.</exception>
    public static EmulatedMcu Open(string name, CancellationToken cancel)
    {
        string root = Kit.Root() ?? throw new FailureException(
            $"{name} is emulated with the start-up code in firmware/cortex-m of the EdgeConv checkout, and this program was not built in one. Run it from a checkout.");
        foreach (string tool in (string[])[Compiler, Emulator])
        {
            try
            {
                ChildProcess.Capture(tool, ["--version"], cancel);
            }
            catch (FailureException)
            {
                throw new FailureException($"{name} cannot be emulated: there is no {tool} here. {Kit.InstallAdvice}");
            }
        }

        return new EmulatedMcu(_machines.First(machine => machine.Name == name), root);
    }

    /// <summary>Generates, compiles, runs on some inputs, and compares every layer's bytes with the reference.</summary>
    /// <param name="model">The model.</param>
    /// <param name="inputs">Inputs to run.</param>
    /// <param name="optimize">What the code is to be best at.</param>
    /// <param name="cancel">Ends compiler and emulator.</param>
    public PathResult Verify(Model model, ParityInputs inputs, COptimize optimize, CancellationToken cancel)
    {
        Stopwatch watch = Stopwatch.StartNew();
        string? problem;
        long instructions = 0;
        using TemporaryFolder folder = new();
        try
        {
            McuRun[] runs = Run(model, CExport.Create(model, goal: new CGoal(Name, optimize)), inputs, folder, cancel);
            problem = Difference(model, inputs, runs);
            instructions = runs.Length > 0 ? (long)runs.Average(run => run.Ticks.Sum(ticks => (double)ticks) * InstructionsATick) : 0;
        }
        catch (CodeGenException exception)
        {
            problem = exception.Message;
        }

        return new PathResult(_machine.Name, PathName, inputs.Count, problem, watch.Elapsed.TotalSeconds) { Instructions = instructions };
    }

    /// <summary>As the emulator calls it.</summary>
    public string Name => _machine.Name;

    /// <summary>Folder of start-up code and linker scripts.</summary>
    public string Firmware => Path.Combine(_root, "firmware", "cortex-m");

    /// <summary>How many instructions a tick of SysTick stands for.</summary>
    public double InstructionsATick => 1000.0 / _machine.MegaHertz;

    /// <summary>What the compiler is told of the processor, for sources of a model and others.</summary>
    public IReadOnlyList<string> CompilerFlags =>
        [$"-mcpu={Name}", "-mthumb", Name == "cortex-m55" ? "-mfloat-abi=hard" : "-mfloat-abi=soft", "-ffunction-sections", "-fdata-sections"];

    /// <summary>What the compiler is told of generated C beside that.</summary>
    public static IReadOnlyList<string> ModelFlags { get; } = ["-O2", "-std=c99", "-ffreestanding"];

    /// <summary>Writes the C of a model, its self-test's main around it, and runs that: hashes and ticks of each layer.</summary>
    /// <param name="model">The model.</param>
    /// <param name="project">Its C.</param>
    /// <param name="inputs">Inputs to run.</param>
    /// <param name="folder">Gets src/ with the C, the program and its files.</param>
    /// <param name="cancel">Ends compiler and emulator.</param>
    /// <exception cref="FailureException">It does not compile, does not fit, or ends with a fault.</exception>
    public McuRun[] Run(Model model, CProject project, ParityInputs inputs, TemporaryFolder folder, CancellationToken cancel)
    {
        string sources = folder.File("src");
        Directory.CreateDirectory(sources);
        foreach (CodeFile file in project.Files.Where(file => Path.GetDirectoryName(file.Path) == "src"))
        {
            File.WriteAllText(folder.File(file.Path), file.Text);
        }

        string program = folder.File("program.elf");
        Link([Path.Combine(Firmware, "qemu", "main.c"), "-nostdlib", .. ModelFlags, $"-I{sources}"], program, cancel);
        File.WriteAllBytes(folder.File("inputs.bin"), MemoryMarshal.AsBytes(inputs.Bytes.AsSpan(0, inputs.Count * inputs.Length)));
        Emulate(program, ["-icount", "shift=0"], cancel);
        return McuRun.Read(File.ReadAllBytes(folder.File("outputs.bin")), model);
    }

    /// <summary>The first layer whose bytes are not the reference's, in words; null where there is none.</summary>
    public static string? Difference(Model model, ParityInputs inputs, McuRun[] runs) =>
        Enumerable.Range(0, inputs.Count).Select(i => Difference(model, inputs, runs, i)).FirstOrDefault(found => found is not null);

    /// <summary>Compiles sources together with start-up code and links them for the board.</summary>
    /// <param name="arguments">Sources, objects, options.</param>
    /// <param name="program">The file that is written.</param>
    /// <param name="cancel">Ends the compiler.</param>
    /// <exception cref="FailureException">With the first error.</exception>
    public void Link(IEnumerable<string> arguments, string program, CancellationToken cancel)
    {
        string board = Path.Combine(Firmware, "qemu");
        Compile(
            [
                Path.Combine(Firmware, "startup.c"), Path.Combine(board, "semihosting.c"), .. arguments, $"-I{board}", "-T", Path.Combine(board, "mps.ld"), $"-L{Firmware}", "-Wl,--gc-sections", "-lgcc",
                $"-Wl,--defsym=FLASH_ORIGIN={_machine.Flash},--defsym=FLASH_LENGTH={_machine.Bytes},--defsym=RAM_ORIGIN={_machine.Ram},--defsym=RAM_LENGTH={_machine.Bytes}",
            ],
            program, cancel);
    }

    /// <summary>Runs the compiler.</summary>
    /// <param name="arguments">Sources and options beside <see cref="CompilerFlags"/>.</param>
    /// <param name="output">The file that is written.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="FailureException">With the first error.</exception>
    public void Compile(IEnumerable<string> arguments, string output, CancellationToken cancel)
    {
        ChildResult compiled = ChildProcess.Capture(Compiler, [.. CompilerFlags, .. arguments, "-o", output], cancel, Path.GetDirectoryName(output));
        if (compiled.ExitCode != 0)
        {
            string? first = compiled.Errors.Split('\n').FirstOrDefault(line =>
                _complaints.Any(word => line.Contains(word, StringComparison.Ordinal)) && !line.StartsWith("collect2", StringComparison.Ordinal));
            throw new FailureException($"{Name}: {first ?? compiled.LastWords}");
        }
    }

    /// <summary>Runs a program in its folder, to its end.</summary>
    /// <param name="program">The ELF file.</param>
    /// <param name="options">Of the emulator, beside the board.</param>
    /// <param name="cancel">Ends the emulator.</param>
    /// <exception cref="FailureException">It ended with a fault.</exception>
    public void Emulate(string program, IEnumerable<string> options, CancellationToken cancel)
    {
        ChildResult run = ChildProcess.Capture(
            Emulator,
            ["-M", _machine.Qemu, "-display", "none", "-monitor", "none", "-serial", "null", "-semihosting-config", "enable=on,target=native", .. options, "-kernel", program],
            cancel, Path.GetDirectoryName(program));
        if (run.ExitCode != 0)
        {
            throw new FailureException($"{Name}: the program ended with {run.ExitCode}{(run.ExitCode == 99 ? ", a fault" : "")}: {run.LastWords}");
        }
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

    private sealed record Machine(string Name, string Qemu, string Flash, string Ram, string Bytes, int MegaHertz);
}
