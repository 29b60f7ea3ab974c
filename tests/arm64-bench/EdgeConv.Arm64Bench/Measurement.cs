using EdgeConv.BenchNetworks;

namespace EdgeConv.Arm64Bench;

/// <summary>What one engine does for one network on one processor.</summary>
/// <param name="Network">Its name.</param>
/// <param name="Engine">The engine's.</param>
/// <param name="Said">What its program printed: path or version, and a checksum of the answer.</param>
/// <param name="MultiplyAccumulates">Of one inference.</param>
/// <param name="Runs">N: the run of N inferences was subtracted from that of 2N.</param>
/// <param name="Instructions">Of one inference.</param>
/// <param name="FewestCycles">Of one inference, modelled.</param>
/// <param name="MostCycles">The same on the slower of two models, or the same number.</param>
/// <param name="Covered">Share of the instructions that were modelled.</param>
/// <param name="StartInstructions">From process start to the first result.</param>
/// <param name="ArenaBytes">EdgeConv's activations; null for other engines.</param>
/// <param name="Date">When it was measured.</param>
/// <param name="Commit">Of this checkout; with a + where it had changes.</param>
internal sealed record Measurement(
    string Network, string Engine, string Said, long MultiplyAccumulates, int Runs, long Instructions, long FewestCycles, long MostCycles,
    double Covered, long StartInstructions, int? ArenaBytes, string Date, string Commit)
{
    // ONNX Runtime's start differs by up to 1.5 million instructions from run to run: one in a hundred of these.
    private const long EnoughMultiplyAccumulates = 400_000_000;

    // Spinning on a busy machine adds up to some ten million instructions to a run: nothing beside this many.
    private const long BeyondNoise = 2_000_000_000;
    private const double Agreement = 0.001;
    private const int MostTries = 6;

    /// <summary>Instructions a multiply-accumulate.</summary>
    public double PerMac => (double)Instructions / MultiplyAccumulates;

    /// <summary>Multiply-accumulates a cycle on the slower model.</summary>
    public double LeastMacsPerCycle => (double)MultiplyAccumulates / MostCycles;

    /// <summary>Multiply-accumulates a cycle on the faster model.</summary>
    public double MostMacsPerCycle => (double)MultiplyAccumulates / FewestCycles;

    /// <summary>Enough inferences to stand out of the start, and few enough to emulate.</summary>
    public static int SomeRuns(long multiplyAccumulates) => (int)Math.Clamp(EnoughMultiplyAccumulates / multiplyAccumulates, 1, 50);

    /// <summary>Runs N and 2N inferences and models what the second did more.</summary>
    public static (Measurement Measurement, ModelledCycles Model) Take(
        Emulator emulator, PiCpu cpu, Engine engine, NetworkFiles files, int runs, string commit)
    {
        (BlockCounts once, string said) = Steady(() => emulator.Run(cpu, engine.Command(files, runs)));
        (BlockCounts twice, string saidAgain) = Steady(() => emulator.Run(cpu, engine.Command(files, 2 * runs)));
        if (said != saidAgain)
        {
            throw new ToolException($"{engine.Name} said '{said}' after {runs} inferences and '{saidAgain}' after {2 * runs}.");
        }

        BlockCounts counts = twice.Minus(once);
        if (counts.Total <= 0)
        {
            throw new ToolException($"{engine.Name} runs no more instructions in {2 * runs} inferences than in {runs}; is {{runs}} read?");
        }

        var model = ModelledCycles.Of(counts, runs, cpu.Models);
        long instructions = counts.Total / runs;
        return (new Measurement(
            files.Network.Name, engine.Name, said, files.MultiplyAccumulates, runs, instructions, (long)model.Cycles.Min(),
            (long)model.Cycles.Max(), Math.Round(model.Covered, 4), once.Total - ((runs - 1) * instructions),
            engine.Name.StartsWith(Arm64Bench.Engine.Ours, StringComparison.Ordinal) ? files.ArenaBytes : null,
            DateTime.UtcNow.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture), commit), model);
    }

    /// <summary>Threads that wait for one another spin for longer on a busy machine, which only adds: runs until the two smallest agree.</summary>
    /// <exception cref="ToolException">They never do.</exception>
    internal static (BlockCounts Counts, string Said) Steady(Func<(BlockCounts Counts, string Said)> run)
    {
        List<(BlockCounts Counts, string Said)> taken = [run()];
        while (taken[0].Counts.Total < BeyondNoise)
        {
            taken.Add(run());
            taken.Sort((a, b) => a.Counts.Total.CompareTo(b.Counts.Total));
            (long least, long next) = (taken[0].Counts.Total, taken[1].Counts.Total);
            if (next - least <= least * Agreement)
            {
                break;
            }

            if (taken.Count == MostTries)
            {
                throw new ToolException($"{MostTries} runs took {string.Join(", ", taken.Select(t => t.Counts.Total))} instructions; "
                    + "no two agree to a thousandth. Try again on a machine with less to do.");
            }
        }

        return taken[0];
    }
}
