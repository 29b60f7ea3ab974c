using System.Diagnostics;
using EdgeConv.Fuzz.Loaders;

namespace EdgeConv.Fuzz;

/// <summary>Loads a file and measures: which exception, how long, how much memory; then runs what was loaded.</summary>
internal sealed class Judge(Loader loader)
{
    private const double MostSeconds = 1;
    private const int Repeats = 3;

    /// <summary>Judges one file.</summary>
    public Verdict Run(byte[] file, Random random)
    {
        (Exception? thrown, IDisposable? loaded, double seconds, long bytes) = Measure(file);
        bool isLoaded = thrown is null;
        using (loaded)
        {
            if (thrown is not null && !loader.IsDocumented(thrown))
            {
                return new Verdict(thrown.ToString(), $"{thrown.GetType().Name} {Place(thrown)}", isLoaded, seconds, bytes);
            }

            // On a busy machine a second passes quickly: what counts is processor time, and the best of a few.
            for (int i = 0; i < Repeats && seconds > MostSeconds / 4; i++)
            {
                (_, IDisposable? again, double time, _) = Measure(file);
                again?.Dispose();
                seconds = Math.Min(seconds, time);
            }

            if (seconds > MostSeconds)
            {
                return new Verdict($"it took {seconds:F2} s", "time", isLoaded, seconds, bytes);
            }

            if (bytes > (4L * file.Length) + loader.SpareBytes && bytes > loader.Limit(file))
            {
                return new Verdict($"it took {bytes:N0} bytes for a file of {file.Length:N0}", $"memory {thrown?.GetType().Name}", isLoaded, seconds, bytes);
            }

            return loaded is null ? new Verdict(null, "", isLoaded, seconds, bytes) : Use(loaded, random) with { Seconds = seconds, Bytes = bytes };
        }
    }

    private (Exception? Thrown, IDisposable? Loaded, double Seconds, long Bytes) Measure(byte[] file)
    {
        long clock = Stopwatch.GetTimestamp(), before = GC.GetAllocatedBytesForCurrentThread();
        TimeSpan processor = Environment.CpuUsage.TotalTime;
        Exception? thrown = null;
        IDisposable? loaded = null;
        try
        {
            loaded = loader.Load(file);
        }
        catch (Exception e)
        {
            thrown = e;
        }

        long bytes = GC.GetAllocatedBytesForCurrentThread() - before + loader.NativeBytes(file.Length);
        double seconds = Stopwatch.GetElapsedTime(clock).TotalSeconds;
        return (thrown, loaded, Math.Min(seconds, (Environment.CpuUsage.TotalTime - processor).TotalSeconds), bytes);
    }

    private Verdict Use(IDisposable loaded, Random random)
    {
        try
        {
            string? problem = loader.Use(loaded, random);
            return new Verdict(problem, "bytes", true, 0, 0);
        }
        catch (Exception e)
        {
            return new Verdict($"it loads, and then: {e}", $"run {e.GetType().Name} {Place(e)}", true, 0, 0);
        }
    }

    private static string Place(Exception e) => new StackTrace(e).GetFrame(0)?.GetMethod() is { } method ? $"{method.DeclaringType?.Name}.{method.Name}" : "";
}
