using System.Diagnostics;
using EdgeConv.Cli.Screen;
using EdgeConv.Runtime;

namespace EdgeConv.Cli.Yardstick;

/// <summary>Time of one engine.</summary>
/// <param name="Name">The engine.</param>
/// <param name="MedianMilliseconds">Median over the rounds of the mean time in a round.</param>
/// <param name="BestMilliseconds">Of the fastest round.</param>
/// <param name="Rounds">Number of rounds.</param>
/// <param name="Ratio">Median against that of the first engine: above 1 is slower than it.</param>
public sealed record Timing(string Name, double MedianMilliseconds, double BestMilliseconds, int Rounds, double Ratio);

/// <summary>Time of one layer.</summary>
/// <param name="Name">The layer.</param>
/// <param name="Microseconds">Median; the operator alone, so that what `Invoke` fuses across layers does not show.</param>
/// <param name="Explanation">How it is computed; null where nobody asked.</param>
public sealed record LayerTiming(string Name, double Microseconds, LayerExplanation? Explanation = null);

/// <summary>Times engines beside each other in the same run.</summary>
internal static class Benchmark
{
    // Shorter than a time slice, so that most rounds are not interrupted on a busy machine.
    private const double RoundSeconds = 0.0005;
    private const double WarmUpSeconds = 0.4;
    private const int FewestRounds = 11;

    /// <summary>Rounds in turn, so that a slow moment of the machine hits every engine.</summary>
    /// <param name="engines">The first is what the others are compared with.</param>
    /// <param name="seconds">For all engines together, warm-up not counted.</param>
    /// <param name="terminal">For the progress.</param>
    /// <param name="cancel">Stops between two rounds.</param>
    public static IReadOnlyList<Timing> Run(IReadOnlyList<IEngine> engines, double seconds, Terminal terminal, CancellationToken cancel)
    {
        int[] repeats = [.. engines.Select(engine => WarmUp(engine, cancel))];
        List<double>[] rounds = [.. engines.Select(_ => new List<double>())];
        Stopwatch watch = Stopwatch.StartNew();
        terminal.Progress($"timing {engines.Count} engines", (long)(seconds * 1000), report =>
        {
            while (watch.Elapsed.TotalSeconds < seconds || rounds[0].Count < FewestRounds)
            {
                cancel.ThrowIfCancellationRequested();
                for (int i = 0; i < engines.Count; i++)
                {
                    // The first run brings the engine's weights back into the cache.
                    engines[i].Run();
                    rounds[i].Add(Time(engines[i].Run, repeats[i]));
                }

                report(watch.ElapsedMilliseconds);
            }
        });

        double[] medians = [.. rounds.Select(Units.Median)];
        return [.. engines.Select((engine, i) =>
            new Timing(engine.Name, medians[i] * 1e3, rounds[i].Min() * 1e3, rounds[i].Count, medians[i] / medians[0]))];
    }

    /// <summary>Each layer by itself, in the order in which they run.</summary>
    /// <param name="interpreter">Runs them.</param>
    /// <param name="ceilings">To explain them by; null for the times alone.</param>
    /// <param name="cancel">Stops between two rounds.</param>
    public static IReadOnlyList<LayerTiming> Layers(Interpreter interpreter, Ceilings? ceilings, CancellationToken cancel)
    {
        const int rounds = 301;
        Model model = interpreter.Model;
        sbyte[] input = EdgeEngine.SomeInput(model);
        List<double>[] times = [.. model.Operators.Select(_ => new List<double>())];
        for (int round = 0; round < rounds; round++)
        {
            cancel.ThrowIfCancellationRequested();
            interpreter.SetInput(input);
            for (int step = 0; step < times.Length; step++)
            {
                long start = Stopwatch.GetTimestamp();
                interpreter.RunOperator(step);
                times[step].Add((Stopwatch.GetTimestamp() - start) * 1e6 / Stopwatch.Frequency);   // a TimeSpan knows no less than 0.1 us
            }
        }

        double[] medians = [.. times.Select(Units.Median)];
        return [.. model.Operators.Select((step, i) => new LayerTiming(step.Name, medians[i], ceilings?.Explain(interpreter, i, medians[i])))];
    }

    // Long enough for the just-in-time compiler's last tier; then as many inferences a round as fill it.
    private static int WarmUp(IEngine engine, CancellationToken cancel)
    {
        Stopwatch watch = Stopwatch.StartNew();
        int runs = 0;
        while (watch.Elapsed.TotalSeconds < WarmUpSeconds || runs < 3)
        {
            cancel.ThrowIfCancellationRequested();
            engine.Run();
            runs++;
        }

        double one = Units.Median(Enumerable.Range(0, 5).Select(_ => Time(engine.Run, 1)));
        return Math.Max(1, (int)(RoundSeconds / Math.Max(one, 1e-7)));
    }

    private static double Time(Action run, int repeats)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < repeats; i++)
        {
            run();
        }

        return Stopwatch.GetElapsedTime(start).TotalSeconds / repeats;
    }
}
