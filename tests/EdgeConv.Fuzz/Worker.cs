using EdgeConv.Fuzz.Loaders;

namespace EdgeConv.Fuzz;

/// <summary>Mutates files of the corpus and judges them, in a process that may die of it.</summary>
internal sealed class Worker(Loader loader, Job job, string statePath)
{
    private const int MostExamples = 3;
    private readonly List<byte[]> _corpus = [];
    private readonly Dictionary<string, int> _found = [];

    /// <summary>Goes on from where the state says, to the job's count.</summary>
    public int Run()
    {
        using var coverage = new Coverage();
        using var state = new WorkerState(statePath);
        var judge = new Judge(loader);
        var random = new Random(HashCode(job.Seed, state.Done));
        foreach (string path in Directory.GetFiles(job.Corpus!).Order(StringComparer.Ordinal))
        {
            byte[] file = File.ReadAllBytes(path);
            _corpus.Add(file);
            coverage.Clear();
            state.Current = file;
            judge.Run(file, random);
            coverage.Merge();
        }

        while (state.Done < job.Count)
        {
            byte[] file = loader.Mutate(Pick(random), Pick(random), random);
            state.Current = file;
            state.Done++;
            coverage.Clear();
            Verdict verdict = judge.Run(file, random);
            if (verdict.Problem is not null)
            {
                state.Broken++;
                Keep(file, verdict);
            }
            else if (coverage.Merge())
            {
                _corpus.Add(file);
                state.Added++;
                File.WriteAllBytes(Path.Combine(job.Corpus!, $"found-{job.Seed}-{state.Done:D9}.{loader.Name}"), file);
            }

            state.Loaded += verdict.Loaded ? 1 : 0;
            state.Seconds = Math.Max(state.Seconds, verdict.Seconds);
            state.Memory = Math.Max(state.Memory, (verdict.Bytes - loader.SpareBytes) / (double)Math.Max(1, file.Length));
            (state.Edges, state.Corpus) = (state.Done % 1000 == 0 || state.Done == job.Count ? coverage.Edges : state.Edges, _corpus.Count);
        }

        return 0;
    }

    // What was found last, and small files, are mutated more often.
    private byte[] Pick(Random random)
    {
        int newest = Math.Max(0, _corpus.Count - 100);
        byte[] a = _corpus[random.Next(4) == 0 ? random.Next(newest, _corpus.Count) : random.Next(_corpus.Count)];
        byte[] b = _corpus[random.Next(_corpus.Count)];
        return a.Length <= b.Length || random.Next(4) == 0 ? a : b;
    }

    private void Keep(byte[] file, Verdict verdict)
    {
        int before = _found.GetValueOrDefault(verdict.Key);
        _found[verdict.Key] = before + 1;
        if (before < MostExamples)
        {
            Finding.Write(job.Findings, loader.Name, file, verdict.Problem!);
        }
    }

    private static int HashCode(int seed, long done) => (int)((((ulong)seed * 0x9E3779B97F4A7C15) ^ ((ulong)done * 0xC2B2AE3D27D4EB4F)) >> 33);
}
