using System.CommandLine;
using System.Globalization;
using EdgeConv.BenchNetworks;

namespace EdgeConv.Arm64Bench;

/// <summary>The command line of the bench.</summary>
internal static class BenchCommand
{
    private const string OnnxRuntime = "onnxruntime";

    /// <summary>All options.</summary>
    public static RootCommand Create()
    {
        Option<string> work = new("--work") { Description = "Folder of programs and models (set by run.sh).", Hidden = true, Required = true };
        Option<string> root = new("--root") { Description = "The checkout (set by run.sh).", Hidden = true, Required = true };
        Option<string> cpu = new("--cpu") { Description = "a53, a72, a76, or several with commas.", DefaultValueFactory = _ => "a53,a72,a76" };
        Option<string> networks = new("--network", "--shape")
        {
            Description = "Layers and networks with commas: " + string.Join(", ", BenchNetwork.All.Select(n => n.Name)) + ".",
            DefaultValueFactory = _ => string.Join(',', BenchNetwork.All.Where(n => n.IsLayer).Select(n => n.Name)),
        };
        Option<string[]> against = new("--against")
        {
            Description = "'onnxruntime', or any ARM64 program: NAME=COMMAND with {runs} and {network} or {onnx} in it.",
        };
        Option<string?> path = new("--path") { Description = "A kernel path of EdgeConv instead of the processor's best." };
        Option<bool> only = new("--only-others") { Description = "Leaves EdgeConv out: only what --against names." };
        Option<int?> runs = new("--runs") { Description = "N: counts are those of 2N inferences less those of N." };
        Option<int> explain = new("--explain") { Description = "Shows this many blocks with the most modelled cycles." };
        Option<bool> save = new("--save") { Description = "Writes the rows into results/CPU.json." };
        Option<string?> table = new("--table") { Description = "Measures nothing; puts the table of the results between the markers of this page ('-': prints it)." };
        RootCommand command = new("Counts instructions and models cycles of EdgeConv on the processors of Raspberry Pis, under emulation.")
        {
            work, root, cpu, networks, against, path, only, runs, explain, save, table,
        };
        command.SetAction(parsed =>
        {
            string checkout = parsed.GetRequiredValue(root), results = Path.Combine(checkout, "tests", "arm64-bench", "results");
            try
            {
                if (parsed.GetValue(table) is { } page)
                {
                    Show(results, page);
                    return 0;
                }

                PiCpu[] cpus = [.. parsed.GetRequiredValue(cpu).Split(',').Select(PiCpu.Parse)];
                BenchNetwork[] chosen = [.. parsed.GetRequiredValue(networks).Split(',').Select(BenchNetwork.Parse)];
                string folder = parsed.GetRequiredValue(work);
                Engine[] engines =
                [
                    .. parsed.GetValue(only) ? [] : (Engine[])[Engine.EdgeConv(folder, parsed.GetValue(path))],
                    .. (parsed.GetValue(against) ?? []).SelectMany(a => a == OnnxRuntime ? Engine.Onnx(folder) : [Engine.Other(a)]),
                ];
                Measure(new Emulator(folder), cpus, chosen, engines, new Settings(
                    checkout, parsed.GetValue(save) ? results : null, parsed.GetValue(runs), parsed.GetValue(explain)));
                return 0;
            }
            catch (Exception e) when (e is ToolException or ArgumentException or FormatException or IOException)
            {
                Console.Error.WriteLine($"arm64-bench: {e.Message}");
                return e is ArgumentException ? 2 : 1;
            }
        });
        return command;
    }

    private sealed record Settings(string Root, string? Results, int? Runs, int Explain);

    private static void Show(string results, string page)
    {
        string table = ResultsTable.Render([.. PiCpu.All.Select(c => BenchResults.Read(results, c.Name)).OfType<BenchResults>()]);
        if (page == "-")
        {
            Console.Write($"{ResultsTable.Begin}\n{table}{ResultsTable.End}\n");
        }
        else
        {
            File.WriteAllText(page, ResultsTable.Replace(File.ReadAllText(page), table));
        }
    }

    private static void Measure(Emulator emulator, PiCpu[] cpus, BenchNetwork[] networks, Engine[] engines, Settings settings)
    {
        string commit = Versions.Commit(settings.Root), onnxRuntime = OnnxRuntimeVersion(settings.Root);
        foreach (BenchNetwork network in networks)
        {
            NetworkFiles files = NetworkFiles.Write(network, Path.Combine(emulator.Folder, "models"));
            int runs = settings.Runs ?? Measurement.SomeRuns(files.MultiplyAccumulates);
            foreach (PiCpu cpu in cpus)
            {
                foreach (Engine engine in engines)
                {
                    (Measurement row, ModelledCycles model) = Measurement.Take(emulator, cpu, engine, files, runs, commit);
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{network.Name,-15} {cpu.Name} {engine.Name,-15} "
                        + $"{row.Instructions,13:N0} instructions {row.PerMac,6:F4} a MAC, modelled MAC/cycle {row.LeastMacsPerCycle:F2}-"
                        + $"{row.MostMacsPerCycle:F2} ({row.Covered:P1} covered), start {row.StartInstructions:N0}  [{row.Said}]"));
                    foreach (HotBlock block in model.Blocks.Take(settings.Explain))
                    {
                        Explain(block, model);
                    }

                    if (settings.Results is { } results
                        && BenchResults.Add(results, cpu.Name, Versions.Here(cpu, onnxRuntime), row) is { Count: > 0 } gone)
                    {
                        Console.Error.WriteLine($"{gone.Count} rows of {cpu.Name} were measured with other versions and are gone: measure again.");
                    }
                }
            }
        }
    }

    private static void Explain(HotBlock block, ModelledCycles model)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {block.Runs * block.Cycles[0] / model.Cycles[0]:P1} of the cycles: "
            + $"{block.Runs:N0} times {block.Instructions.Count} instructions in {string.Join(" or ", block.Cycles)} cycles"));
        foreach (string instruction in block.Instructions)
        {
            Console.WriteLine("      " + instruction);
        }
    }

    // Where the version of every package is kept.
    private static string OnnxRuntimeVersion(string root) =>
        System.Xml.Linq.XDocument.Load(Path.Combine(root, "Directory.Packages.props")).Descendants("PackageVersion")
            .First(p => (string?)p.Attribute("Include") == "Microsoft.ML.OnnxRuntime").Attribute("Version")!.Value;
}
