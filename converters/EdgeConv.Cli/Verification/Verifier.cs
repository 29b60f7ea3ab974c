using EdgeConv.Cli.Emulation;
using EdgeConv.Cli.Screen;
using EdgeConv.Converters.CodeGen;
using EdgeConv.Converters.CodeGen.Nano;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Cli.Verification;

/// <summary>Compares a model's bytes on every target that was asked for.</summary>
internal static class Verifier
{
    /// <summary>The target that is this machine.</summary>
    public const string Host = "host";

    /// <summary>Whether a target runs code that is generated for the model.</summary>
    public static bool IsGenerated(string target) => target == NanoClr.Name || EmulatedMcu.Names.Contains(target);

    /// <summary>Targets from a list with commas.</summary>
    /// <exception cref="UsageException">One of them does not exist.</exception>
    public static IReadOnlyList<string> ParseTargets(string list)
    {
        string[] known = [Host, .. EmulatedCpu.Names, .. EmulatedMcu.Names, NanoClr.Name];
        string[] targets = [.. list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct()];
        return Array.Find(targets, target => !known.Contains(target)) is { } unknown
            ? throw new UsageException($"there is no target '{unknown}'. There are {string.Join(", ", known)}.")
            : targets;
    }

    /// <summary>The name of a kernel path as the table has it; null where none is asked for.</summary>
    /// <exception cref="UsageException">There is no such path on any processor.</exception>
    public static string? ParsePath(string? name) =>
        name is null ? null
        : KernelPath.All.Select(path => path.Name).Append(EmulatedMcu.PathName).Append(NanoClr.PathName).FirstOrDefault(path => path.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? throw new UsageException($"there is no kernel path '{name}'. There are {string.Join(", ", KernelPath.All)}, {EmulatedMcu.PathName}, {NanoClr.PathName}.");

    /// <summary>Runs all comparisons; a target that cannot run here is a result with a problem.</summary>
    /// <param name="modelPath">The model file.</param>
    /// <param name="model">The same, opened.</param>
    /// <param name="targets">From <see cref="ParseTargets"/>.</param>
    /// <param name="only">Name of the one kernel path that is asked for, or null for all that a target has.</param>
    /// <param name="inputs">For the host; emulated CPUs take the first few.</param>
    /// <param name="optimize">What generated code is to be best at.</param>
    /// <param name="terminal">For the progress.</param>
    /// <param name="cancel">Stops and removes temporary files.</param>
    /// <exception cref="FailureException">No target has that path, so that nothing would be compared.</exception>
    /// <exception cref="UsageException">nanoclr is asked for, and there is none.</exception>
    public static IReadOnlyList<PathResult> Run(
        string modelPath, Model model, IReadOnlyList<string> targets, string? only, ParityInputs inputs, COptimize optimize, Terminal terminal, CancellationToken cancel)
    {
        bool host = targets.Contains(Host);
        NanoClr? clr = targets.Contains(NanoClr.Name) ? NanoClr.Open() : null;   // said before anything runs
        ParityInputs few = inputs.Few(model);
        HostParity parity = new(model, host ? inputs : few, terminal, cancel);
        List<PathResult> results = host ? [.. parity.Run(only)] : [];
        string[] emulated = [.. targets.Where(target => target != Host)];
        terminal.Progress($"emulating {string.Join(", ", emulated)}", emulated.Length, report =>
        {
            int done = 0;
            IEnumerable<PathResult>[] found = new IEnumerable<PathResult>[emulated.Length];
            Parallel.For(0, emulated.Length, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, i =>
            {
                found[i] = Emulate(emulated[i]);
                report(Interlocked.Increment(ref done));
            });
            results.AddRange(found.SelectMany(cpu => cpu));
        });
        return results.Count > 0 ? results : throw new FailureException($"kernel path {only} is on none of the targets {string.Join(", ", targets)}.");

        IEnumerable<PathResult> Emulate(string name)
        {
            try
            {
                return name == NanoClr.Name
                    ? only is null or NanoClr.PathName ? [clr!.Verify(model, inputs.FewOnClr(model), parity, cancel, new NanoGoal(optimize))] : []
                    : IsGenerated(name)
                    ? only is null or EmulatedMcu.PathName ? [EmulatedMcu.Open(name, cancel).Verify(model, inputs.FewOnMcu(model), optimize, cancel)] : []
                    : [.. EmulatedCpu.Open(name, cancel).Verify(modelPath, model, only, few, parity, cancel)];
            }
            catch (FailureException exception)
            {
                return [new PathResult(name, null, 0, exception.Message, 0)];
            }
        }
    }
}
