using System.Diagnostics;
using EdgeConv.Fuzz.Loaders;

namespace EdgeConv.Fuzz;

/// <summary>Writes the seeds, instruments a copy of the program, and runs workers until the count is reached, whatever ends them.</summary>
internal sealed class Supervisor(Loader loader, Job job, string? moreSeeds, TimeSpan limit)
{
    private static readonly TimeSpan _stuck = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan _between = TimeSpan.FromSeconds(30);
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    public int Run()
    {
        DirectoryInfo temporary = Directory.CreateTempSubdirectory("edgeconv-fuzz-");
        try
        {
            return Run(temporary.FullName);
        }
        finally
        {
            temporary.Delete(recursive: true);
        }
    }

    private int Run(string temporary)
    {
        string corpus = Directory.CreateDirectory(job.Corpus ?? Path.Combine(temporary, "corpus")).FullName;
        int seeds = WriteSeeds(corpus);
        string program = Instrumentation.Copy(Path.Combine(temporary, "program"), loader.Instrumented);
        using var state = new WorkerState(Path.Combine(temporary, "state"));
        Console.WriteLine($"{loader.Name}: {seeds} seeds, seed {job.Seed}, {job.Count:N0} files");
        int died = 0;
        while (state.Done < job.Count && _clock.Elapsed < limit)
        {
            string? end = Work(program, corpus, Path.Combine(temporary, "state"), state);
            if (end is not null)
            {
                died++;
                Finding.Write(job.Findings, loader.Name, state.Current, end);
            }
        }

        Console.WriteLine(Line(state));
        Console.WriteLine($"{loader.Name}: {state.Done:N0} files, {state.Loaded:N0} loaded, {state.Broken + died:N0} broke the contract, {died} of these ended the process");
        return state.Broken + died == 0 && state.Done > 0 ? 0 : 1;
    }

    private int WriteSeeds(string corpus)
    {
        int count = 0;
        IEnumerable<byte[]> more = moreSeeds is null ? [] : Directory.GetFiles(moreSeeds, $"*.{loader.Name}").Order(StringComparer.Ordinal).Select(File.ReadAllBytes);
        foreach (byte[] file in loader.Seeds().Concat(more))
        {
            File.WriteAllBytes(Path.Combine(corpus, $"a-seed-{count++:D4}.{loader.Name}"), file);
        }

        return count;
    }

    /// <summary>One worker, from where the last one ended.</summary>
    /// <returns>How it ended, when it should not have.</returns>
    private string? Work(string program, string corpus, string statePath, WorkerState state)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            ArgumentList =
            {
                program, "--worker", statePath, "--loader", loader.Name, "--count", $"{job.Count}", "--seed", $"{job.Seed}",
                "--corpus", corpus, "--findings", job.Findings,
            },
            RedirectStandardInput = true,
        };
        start.Environment["DOTNET_TieredPGO"] = "0";   // steadier, and its own counting costs more than it brings here
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        using Process worker = Process.Start(start) ?? throw new InvalidOperationException("dotnet does not start");
        (long done, TimeSpan since, TimeSpan said) = (state.Done, _clock.Elapsed, _clock.Elapsed);
        while (!worker.WaitForExit(100))
        {
            if (state.Done != done)
            {
                (done, since) = (state.Done, _clock.Elapsed);
            }

            if (_clock.Elapsed - said > _between)
            {
                said = _clock.Elapsed;
                Console.WriteLine(Line(state));
            }

            bool isStuck = _clock.Elapsed - since > _stuck;
            if (isStuck || _clock.Elapsed > limit)
            {
                worker.Kill();
                worker.WaitForExit();
                return isStuck ? $"no end after {_stuck.TotalSeconds} s" : null;
            }
        }

        return worker.ExitCode == 0 ? null : $"the process ended with code {worker.ExitCode}";
    }

    private string Line(WorkerState state) =>
        $"{loader.Name}: {state.Done:N0} in {_clock.Elapsed.TotalSeconds:F0} s, {state.Loaded:N0} loaded, corpus {state.Corpus:N0}, {state.Edges:N0} branches, "
        + $"at most {state.Seconds * 1000:F0} ms and {Math.Max(0, state.Memory):F2} lengths + {loader.SpareBytes / 1024} KB, {state.Broken} findings";
}
