using EdgeConv.Arm64Bench;
using EdgeConv.BenchNetworks;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Format;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Tests.Bench;

/// <summary>The bench counts what the emulated A53 really runs.</summary>
public sealed class CountingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Two_counts_of_one_layer_agree_and_scale_with_the_work()
    {
        Emulator emulator = Ready();
        PiCpu a53 = PiCpu.Parse("a53");
        Measurement Take(int size, int runs)
        {
            var layer = BenchNetwork.Layer($"conv3x3-16-{size}", "a small layer", size, 16, 16, 3);
            return Measurement.Take(
                emulator, a53, Engine.EdgeConv(emulator.Folder, "Neon"), NetworkFiles.Write(layer, _folder.Root), runs, "").Measurement;
        }

        Measurement first = Take(8, 20), second = Take(8, 30), four = Take(16, 20);
        Assert.InRange(second.Instructions, first.Instructions * 0.99, first.Instructions * 1.01);
        Assert.Equal(8 * 8 * 16 * 16 * 9, first.MultiplyAccumulates);
        Assert.InRange(four.Instructions / (double)first.Instructions, 3, 4.2);

        // Eight multiply-accumulates an instruction and 16 a cycle are beyond any kernel there.
        Assert.InRange(first.PerMac, 0.06, 2);
        Assert.InRange(first.FewestCycles, first.MultiplyAccumulates / 16, 50 * first.Instructions);
        Assert.InRange(first.Covered, 0.9, 1);
        Assert.True(first.StartInstructions > first.Instructions, $"{first.StartInstructions} from process start");
    }

    [Fact]
    public void What_is_counted_is_the_right_answer()
    {
        Emulator emulator = Ready();
        NetworkFiles files = NetworkFiles.Write(BenchNetwork.Layer("conv3x3-16-8", "a small layer", 8, 16, 16, 3), _folder.Root);
        using Model model = Model.Open(files.Ecm);
        using var net = new Interpreter(model, KernelPath.Reference);
        sbyte[] input = new sbyte[model.Input.Length], output = new sbyte[model.Output.Length];
        new Random(1).NextBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(input.AsSpan()));
        net.Invoke(input, output);
        uint sum = Crc32C.Compute(System.Runtime.InteropServices.MemoryMarshal.AsBytes(output.AsSpan()), 0);
        Assert.True(output.Distinct().Count() > 50, "the layer's answer is not worth comparing");
        Engine engine = Engine.EdgeConv(emulator.Folder, path: null);
        Assert.Equal($"Neon {sum:x8}", emulator.Run(PiCpu.Parse("a53"), engine.Command(files, 1)).Said);
        Assert.Equal($"NeonDp {sum:x8}", emulator.Run(PiCpu.Parse("a76"), engine.Command(files, 1)).Said);
    }

    [Fact]
    public void Another_program_of_the_users_is_counted_as_well()
    {
        Emulator emulator = Ready();
        NetworkFiles files = NetworkFiles.Write(BenchNetwork.Layer("conv3x3-16-8", "a small layer", 8, 16, 16, 3), _folder.Root);
        string program = Path.Combine(emulator.Folder, "edgeconv", "bench-edgeconv");
        Engine mine = Engine.Other($"mine={program} {files.Ecm} {{runs}} Vector128");
        (Measurement row, _) = Measurement.Take(emulator, PiCpu.Parse("a53"), mine, files, 20, "");
        Assert.Equal("mine", row.Engine);
        Assert.Null(row.ArenaBytes);
        Assert.StartsWith("Vector128 ", row.Said);
        Engine still = Engine.Other($"still={program} {files.Ecm} 7 Neon {{runs}}");
        Assert.Contains("usage", Assert.Throws<ToolException>(() => Measurement.Take(emulator, PiCpu.Parse("a53"), still, files, 1, "")).Message);
    }

    [Theory]
    [InlineData("ncnn")]
    [InlineData("=program {runs}")]
    [InlineData("ncnn=program {network}")]
    public void An_engine_without_a_name_or_a_number_of_runs_is_refused(string text) =>
        Assert.Contains("NAME=COMMAND", Assert.Throws<ArgumentException>(() => Engine.Other(text)).Message);

    // Builds the native programs where they are not there; a minute, once.
    private static Emulator Ready()
    {
        ToolRun installed = Tool.Try("", RepositoryFolder.Path("tests", "emulators", "install.sh"), "--check");
        Assert.SkipWhen(installed.Code != 0, installed.Error);
        string[] missing = [.. new[] { "llvm-mca-14", "llvm-mca-19", "llvm-mc-19", "gcc" }.Where(p => !IsOnPath(p))];
        Assert.SkipWhen(missing.Length > 0, $"not installed: {string.Join(", ", missing)}; tests/arm64-bench/run.sh installs them as root");
        ToolRun built = Tool.Try("", RepositoryFolder.Path("tests", "arm64-bench", "run.sh"), "--build");
        Assert.True(built.Code == 0, built.Error);
        return new Emulator(built.Output.Trim());
    }

    private static bool IsOnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));
}
