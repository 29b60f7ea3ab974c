using EdgeConv.Arm64Bench;
using EdgeConv.BenchNetworks;

namespace EdgeConv.Tests.Bench;

/// <summary>What pages say of speed on the Pis is what was measured and committed.</summary>
public class ResultsTableTests
{
    private const string HowTo = "run tests/arm64-bench/run.sh --table PAGE";

    private static string Results => RepositoryFolder.Path("tests", "arm64-bench", "results");

    [Theory]
    [InlineData("README.md")]
    [InlineData("tests/arm64-bench/README.md")]
    public void A_pages_table_is_that_of_the_committed_results(string page)
    {
        string text = File.ReadAllText(RepositoryFolder.Path(page.Split('/')));
        Assert.True(text.Contains(ResultsTable.Begin + "\n"), $"{page} has no table between {ResultsTable.Begin} and {ResultsTable.End}; add both lines, then {HowTo}");
        string expected = ResultsTable.Render([.. PiCpu.All.Select(c => BenchResults.Read(Results, c.Name)!)]);
        Assert.True(expected == ResultsTable.In(text), $"{page} differs from tests/arm64-bench/results; {HowTo}\n{expected}");
    }

    [Theory]
    [InlineData("a53")]
    [InlineData("a72")]
    [InlineData("a76")]
    public void Every_layer_was_measured_for_both_engines_with_versions_and_commit(string cpu)
    {
        BenchResults results = Assert.IsType<BenchResults>(BenchResults.Read(Results, cpu));
        Assert.Equal(cpu, results.Cpu);
        Assert.All(["qemu-aarch64", "Microsoft.ML.OnnxRuntime", "models"], v => Assert.NotEmpty(results.Versions[v]));
        foreach (BenchNetwork network in BenchNetwork.All.Where(n => n.IsLayer || n.Name == "lenet5"))
        {
            Assert.NotNull(results.Ours(network.Name));
            Assert.NotNull(results.OnnxRuntime(network.Name));
        }

        Assert.All(results.Rows, row =>
        {
            Assert.NotEmpty(row.Commit);
            Assert.InRange(row.Covered, 0.9, 1.001);
            Assert.InRange(row.FewestCycles, 1, row.MostCycles);
        });
        string ours = results.Ours("lenet5")!.Said.Split(' ')[1];
        Assert.All(PiCpu.All, c => Assert.EndsWith(ours, BenchResults.Read(Results, c.Name)!.Ours("lenet5")!.Said));
    }

    [Fact]
    public void A_table_is_replaced_between_its_markers_only()
    {
        string page = $"before\n{ResultsTable.Begin}\nold\n{ResultsTable.End}\nafter\n";
        string renewed = ResultsTable.Replace(page, "new\n");
        Assert.Equal($"before\n{ResultsTable.Begin}\nnew\n{ResultsTable.End}\nafter\n", renewed);
        Assert.Equal("new\n", ResultsTable.In(renewed));
        Assert.Contains(ResultsTable.End, Assert.Throws<FormatException>(() => ResultsTable.Replace("nothing here", "new\n")).Message);
    }

    [Fact]
    public void Rows_of_other_versions_do_not_stay_beside_a_new_one()
    {
        using var folder = new TemporaryFolder();
        Dictionary<string, string> now = new() { ["qemu"] = "7" }, later = new() { ["qemu"] = "8" };
        Assert.Empty(BenchResults.Add(folder.Root, "a53", now, Row("lenet5", 5)));
        Assert.Empty(BenchResults.Add(folder.Root, "a53", now, Row("conv3x3-64-28", 7)));
        Assert.Empty(BenchResults.Add(folder.Root, "a53", now, Row("lenet5", 6)));
        Assert.Equal([("conv3x3-64-28", 7), ("lenet5", 6)], BenchResults.Read(folder.Root, "a53")!.Rows.Select(r => (r.Network, r.Instructions)));
        Assert.Equal(2, BenchResults.Add(folder.Root, "a53", later, Row("lenet5", 9)).Count);
        Assert.Equal(9, Assert.Single(BenchResults.Read(folder.Root, "a53")!.Rows).Instructions);
    }

    [Fact]
    public void The_faster_form_of_onnx_runtime_stands_in_the_table()
    {
        Measurement slow = Row("dw3x3-64-56", 10_000) with
        {
            Engine = "ONNX Runtime s8",
            MultiplyAccumulates = 5_000_000,
            MostCycles = 500_000,
            FewestCycles = 400_000,
        };
        Measurement fast = slow with { Engine = "ONNX Runtime u8", MostCycles = 250_000, FewestCycles = 200_000 };
        string table = ResultsTable.Render([new BenchResults("a53", new Dictionary<string, string>(), "", [slow, fast])]);
        Assert.Contains("| depthwise 3x3 64, 56x56 | - | 20.0-25.0 (.002) |", table);
    }

    private static Measurement Row(string network, long instructions) =>
        new(network, Engine.Ours, "Neon 0", 5000, 1, instructions, 100, 100, 1, 1000, 10, "2026-01-01", "abc");
}
