using System.Diagnostics;
using System.Runtime.InteropServices;
using EdgeConv.Cli.Files;
using EdgeConv.Cli.Verification;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Cli.Emulation;

/// <summary>An emulated ARM64 processor that runs the board's own program, edgeconv-agent.</summary>
internal sealed class EmulatedCpu
{
    private readonly string _root;
    private readonly string _agent;

    private EmulatedCpu(string name, string root, string agent)
    {
        Name = name;
        _root = root;
        _agent = agent;
    }

    /// <summary>CPUs that can be asked for, as the emulator calls them.</summary>
    public static IReadOnlyList<string> Names { get; } = ["cortex-a53", "cortex-a72", "cortex-a76"];

    /// <summary>As the emulator calls it.</summary>
    public string Name { get; }

    /// <summary>Builds the agent where it is missing and starts it once on that CPU.</summary>
    /// <exception cref="FailureException">Emulator or agent cannot be had here; the message says what to install.</exception>
    public static EmulatedCpu Open(string name, CancellationToken cancel)
    {
        string root = Kit.Root() ?? throw new FailureException(
            $"{name} is emulated with the scripts in tests/emulators of the EdgeConv checkout, and this program was not built in one. "
            + "Run it from a checkout, or copy edgeconv-agent to a board and run `edgeconv-agent selftest MODEL` there.");
        (string? binary, string problem) = Kit.BoardProgram(root, "linux-arm64", cancel);
        if (binary is null)
        {
            throw new FailureException($"{name}: the agent for arm64 cannot be built: {problem}. "
                + Kit.InstallAdvice);
        }

        EmulatedCpu cpu = new(name, root, binary);
        ChildResult start = cpu.Agent(["paths"], cancel);
        return start.ExitCode == 0
            ? cpu
            : throw new FailureException($"{name} cannot be emulated: {start.LastWords}. "
                + Kit.InstallAdvice);
    }

    /// <summary>Installs emulators and cross compiler, on the user's terminal.</summary>
    /// <returns>Whether that worked.</returns>
    public static bool TryInstall(CancellationToken cancel) =>
        Kit.Root() is { } root && Kit.Script(root, "install.sh", [], cancel).ExitCode == 0;

    /// <summary>Has the board's program classify pictures.</summary>
    /// <param name="model">The model file.</param>
    /// <param name="pictures">A picture or a folder.</param>
    /// <param name="path">One kernel path, or null for that processor's best.</param>
    /// <param name="cancel">Ends the emulator.</param>
    /// <returns>Its lines: file, class, confidence.</returns>
    /// <exception cref="FailureException">What it said instead.</exception>
    public string Classify(string model, string pictures, string? path, CancellationToken cancel)
    {
        ChildResult run = Agent(["run", model, pictures, .. path is null ? Array.Empty<string>() : ["--path", path]], cancel);
        return run.ExitCode == 0 ? run.Output.TrimEnd() : throw new FailureException($"{Name}: {run.LastWords}");
    }

    /// <summary>Self-test and comparison of each path that this CPU supports.</summary>
    /// <param name="modelPath">The model file.</param>
    /// <param name="model">The same, opened.</param>
    /// <param name="only">Name of the one path that is asked for, or null.</param>
    /// <param name="inputs">Inputs to run.</param>
    /// <param name="host">Has the reference's answers to at least these inputs.</param>
    /// <param name="cancel">Ends the emulator.</param>
    public IEnumerable<PathResult> Verify(
        string modelPath, Model model, string? only, ParityInputs inputs, HostParity host, CancellationToken cancel)
    {
        using TemporaryFolder folder = new();
        string inputFile = folder.File("inputs.bin");
        File.WriteAllBytes(inputFile, MemoryMarshal.AsBytes(inputs.Bytes.AsSpan()));
        foreach (string path in SupportedPaths(cancel).Where(path => (only ?? path) == path))
        {
            Stopwatch watch = Stopwatch.StartNew();
            string? problem = Compare(path);
            yield return new PathResult(Name, path, inputs.Count, problem, watch.Elapsed.TotalSeconds);
        }

        string? Compare(string path)
        {
            if (model.GoldenVectors.Count > 0 && Agent(["selftest", modelPath, "--path", path], cancel) is { ExitCode: not 0 } failed)
            {
                return failed.LastWords;
            }

            string outputFile = folder.File($"{path}.bin");
            ChildResult run = Agent(["run", modelPath, "--raw", inputFile, "--raw-out", outputFile, "--path", path], cancel);
            if (run.ExitCode != 0)
            {
                return run.LastWords;
            }

            byte[] bytes = File.ReadAllBytes(outputFile);
            int expected = inputs.Count * model.Output.ByteLength;
            return bytes.Length != expected
                ? $"{bytes.Length} bytes came back, {expected} were expected"
                : host.FirstDifference(MemoryMarshal.Cast<byte, sbyte>(bytes)) is { } index
                    ? NameLayer(folder, model, inputs[index], path, index, cancel)
                    : null;
        }
    }

    // The agent's self-test names layers, so it is given the same model with this one input as its golden vector.
    private string NameLayer(
        TemporaryFolder folder, Model model, ReadOnlySpan<sbyte> input, string path, int index, CancellationToken cancel)
    {
        string probe = folder.File("probe.ecm");
        File.WriteAllBytes(probe, ProbeModel.Write(model, SelfTest.Record(model, input)));
        return $"input {index}: {Agent(["selftest", probe, "--path", path], cancel).LastWords}";
    }

    private IEnumerable<string> SupportedPaths(CancellationToken cancel)
    {
        string[][] lines = [.. Agent(["paths"], cancel).Output.Split('\n')
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];
        string[] names = [.. KernelPath.All.Select(path => path.Name)
            .Where(name => lines.Any(line => line is [var first, not "no", ..] && first == name))];

        // without a path nothing would be compared, and nothing found wrong
        return names.Length > 0 ? names : throw new FailureException($"{Name}: the agent names no kernel path.");
    }

    private ChildResult Agent(IEnumerable<string> arguments, CancellationToken cancel) =>
        Kit.Script(_root, "run-arm64.sh", [Name, _agent, .. arguments], cancel);
}
