using EdgeConv.Cli;
using EdgeConv.Cli.Emulation;
using EdgeConv.Cli.Quickstart;
using EdgeConv.Cli.Reports;
using EdgeConv.Cli.Screen;
using EdgeConv.Cli.Verification;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Tests.Cli;

/// <summary>Parts of the command that no good input reaches from outside.</summary>
public sealed class PartsTests(TinyLeNet lenet) : IClassFixture<TinyLeNet>
{
    private readonly Terminal _terminal = new(TextWriter.Null, TextWriter.Null);

    [Fact]
    public void ProbeModelNamesTheLayerThatLeavesItsGoldenVector()
    {
        using Model model = Model.Open(lenet.Model);
        GoldenVector golden = SelfTest.Record(model, new sbyte[model.Input.Length]);
        using Model same = Model.Load(ProbeModel.Write(model, golden));
        Assert.Null(SelfTest.Run(same, KernelPath.Default));

        uint[] hashes = [.. golden.LayerHashes];
        hashes[1] ^= 1;
        using Model other = Model.Load(ProbeModel.Write(model, golden with { LayerHashes = hashes }));
        Assert.Equal(new Divergence(0, 1, "conv2"), SelfTest.Run(other, KernelPath.Default));
    }

    [Theory]
    [InlineData(1.284e-4, "130 us")]
    [InlineData(6.46e-6, "6.5 us")]
    [InlineData(9.999e-4, "1 ms")]
    [InlineData(0.5778, "580 ms")]
    [InlineData(0.9999, "1 s")]
    [InlineData(1234, "1200 s")]
    [InlineData(0, "0 us")]
    public void AnEstimateHasTwoDigits(double seconds, string expected) => Assert.Equal(expected, Units.Estimate(seconds));

    [Fact]
    public void ParityFindsTheInputWhoseBytesDiffer()
    {
        using Model model = Model.Open(lenet.Model);
        ParityInputs inputs = ParityInputs.For(model, lenet.Pictures, 12, _terminal, TestContext.Current.CancellationToken);
        HostParity parity = new(model, inputs, _terminal, TestContext.Current.CancellationToken);
        sbyte[] outputs = [.. parity.Expected];
        Assert.Equal(12, inputs.Count);
        Assert.Null(parity.FirstDifference(outputs));
        outputs[7 * model.Output.Length + 3] ^= 1;
        Assert.Equal(7, parity.FirstDifference(outputs));
        Assert.Null(parity.FirstDifference(outputs.AsSpan(0, 7 * model.Output.Length)));
    }

    [Fact]
    public void FinishedRunIsTakenAndABrokenOneIsNamed()
    {
        string run = Directory.CreateDirectory(lenet.At("run")).FullName;
        File.Copy(lenet.Onnx, Path.Combine(run, "model.onnx"));
        string metrics = Path.Combine(run, "metrics.json");
        File.WriteAllText(metrics, """{ "epochs": [{}, {}], "testAccuracy": 0.75 }""");
        TrainingRun finished = TrainingRun.EnsureFinished(run, fresh: false, _terminal, TestContext.Current.CancellationToken);
        Assert.Equal(new TrainingRun(run, 2, 0.75), finished);

        File.WriteAllText(metrics, """{ "epochs": [{}, {}""");
        FailureException broken = Assert.Throws<FailureException>(
            () => TrainingRun.EnsureFinished(run, fresh: false, _terminal, TestContext.Current.CancellationToken));
        Assert.Contains(metrics, broken.Message);
    }

    [Fact]
    public void ACurveOfOneEpochIsSeen()
    {
        string chart = LineChart.Draw("loss", [("validation", [0.25]), ("training", [0.75])], value => $"{value}");
        Assert.Contains("points=\"0.0,160.0 400.0,160.0\"", chart);
        Assert.Contains("points=\"0.0,0.0 400.0,0.0\"", chart);
    }

    [Fact]
    public void PagesEscapeNamesAndNeedNothingElse()
    {
        string page = new Html("a <b> & c", "")
            .Section("matrix", Html.Matrix(["<script>", "b"], [[3, 1], [0, 4]]))
            .Section("paragraph", Html.Paragraph("`run <b>` does"))
            .Section("table", Html.Table(["name", ">n"], [["<img>", "1"]]))
            .ToString();
        Assert.DoesNotContain("<script", page);
        Assert.DoesNotContain("<img>", page);
        Assert.DoesNotContain("http", page);
        Assert.Contains("&lt;script&gt;", page);
        Assert.Contains("<p><code>run &lt;b&gt;</code> does</p>", page);
        Assert.Contains("prefers-color-scheme: dark", page);
    }

    [Theory]
    [InlineData("insepct", "inspect")]
    [InlineData("ran", "run")]
    [InlineData("xyz", null)]
    public void NearestName(string typed, string? expected) =>
        Assert.Equal(expected, EdgeConv.Cli.Commands.UsageErrors.Nearest(typed, ["inspect", "run", "verify"]));
}
