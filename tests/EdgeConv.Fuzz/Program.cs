using System.CommandLine;
using EdgeConv.Fuzz;
using EdgeConv.Fuzz.Loaders;

// Feeds mutated files to a loader and holds it to its contract: the typed exception or a model, within a second, within four times
// the file's size of memory. See CONTRIBUTING.md.
Option<string> loader = new("--loader") { Description = $"One of {string.Join(", ", Loader.Names)}.", Required = true };
Option<string?> seeds = new("--seeds") { Description = "A folder with more files to start from." };
Option<int> count = new("--count") { Description = "Mutated files.", DefaultValueFactory = _ => 1_000_000 };
Option<int> seed = new("--seed") { Description = "Of all that is random.", DefaultValueFactory = _ => 1 };
Option<double> minutes = new("--minutes") { Description = "Stop after so long, however many files that was.", DefaultValueFactory = _ => 600 };
Option<string?> corpus = new("--corpus") { Description = "Keep the files that reached something new here, and go on from those that are there." };
Option<string> findings = new("--findings") { Description = "Where files that break the contract go.", DefaultValueFactory = _ => "fuzz-findings" };
Option<string?> file = new("--file") { Description = "Only judge this one file, to look into a finding." };
Option<string?> worker = new("--worker") { Hidden = true };
RootCommand root = new("Fuzzes a loader, guided by coverage.") { loader, seeds, count, seed, minutes, corpus, findings, file, worker };
root.SetAction(parsed =>
{
    Loader target = Loader.Named(parsed.GetRequiredValue(loader));
    if (parsed.GetValue(file) is { } path)
    {
        Verdict verdict = new Judge(target).Run(File.ReadAllBytes(path), new Random(1));
        Console.WriteLine(verdict);
        return verdict.Problem is null ? 0 : 1;
    }

    Job job = new(parsed.GetRequiredValue(loader), parsed.GetValue(count), parsed.GetValue(seed), parsed.GetValue(corpus),
        Path.GetFullPath(parsed.GetRequiredValue(findings)));
    return parsed.GetValue(worker) is { } state
        ? new Worker(target, job, state).Run()
        : new Supervisor(target, job, parsed.GetValue(seeds), TimeSpan.FromMinutes(parsed.GetValue(minutes))).Run();
});
return root.Parse(args).Invoke();
