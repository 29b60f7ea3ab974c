namespace EdgeConv.Tests.Cli;

/// <summary>Command lines that make no sense: exit code 2, one sentence, the nearest name.</summary>
public sealed class UsageTests
{
    [Theory]
    [InlineData("insepct", "unknown verb 'insepct'", "'inspect'")]
    [InlineData("frobnicate", "unknown verb 'frobnicate'", "--help")]
    [InlineData("inspect model.ecm --jsn", "unknown option '--jsn'", "'--json'")]
    [InlineData("inspect --jsn", "unknown option '--jsn'", "'--json'")]
    [InlineData("convert run --calibrate mnist --out m.ecm", "unknown option '--out'", "'--output'")]
    [InlineData("augment pictures --output more", "unknown option '--output'", "'--out'")]
    [InlineData("run model.ecm --lens 0", "unknown option '--lens'", "--help")]
    [InlineData("inspect", "model", "--help")]
    [InlineData("inspect a.ecm b.ecm", "unknown argument 'b.ecm'", "--help")]
    [InlineData("run model.ecm", "picture", "--raw")]
    [InlineData("run model.ecm a.png --raw in.bin", "picture", "--raw")]
    [InlineData("run model.ecm a.png --raw-out out.bin", "--raw-out", "--raw")]
    [InlineData("run model.ecm a.png --top 0", "--top is 0", "at least 1")]
    [InlineData("run model.ecm a.png --top many", "many", "--help")]
    [InlineData("run model.ecm a.png --path Neno", "Neno", "Reference")]
    [InlineData("evaluate model.ecm", "--data", "--help")]
    [InlineData("evaluate model.onnx --data mnist --path Reference", "--path", "ONNX Runtime")]
    [InlineData("evaluate model.ecm --data mnist --images 0", "--images is 0", "at least 1")]
    [InlineData("evaluate model.ecm --data mnist --limit 0", "--limit is 0", "at least 1")]
    [InlineData("evaluate model.ecm --data mnist --limit 5 --images 5", "--limit is the old name of --images")]
    [InlineData("verify model.ecm --on cortex-a99", "cortex-a99", "cortex-a53")]
    [InlineData("verify model.ecm --images 0", "--images is 0", "at least 1")]
    [InlineData("bench model.ecm --seconds -1", "--seconds", "more than 0")]
    [InlineData("bench model.ecm --threads 0", "--threads is 0", "1 to 64")]
    [InlineData("bench model.ecm --on cortex-m4,cortex-a53", "cortex-a53", "cortex-m4")]
    [InlineData("bench model.ecm --on ,", "no processor", "cortex-m4")]
    [InlineData("bench model.ecm --on cortex-m4 --path all", "--path", "--on")]
    [InlineData("bench model.ecm --on cortex-m4 --optimize most", "--optimize is 'most'", "speed")]
    [InlineData("bench model.ecm --max-ram 4K", "--max-ram", "goes with --on")]
    [InlineData("bench model.ecm --cmsis-nn somewhere", "--cmsis-nn", "goes with --on")]
    [InlineData("run model.ecm a.png --threads 65", "--threads is 65", "1 to 64")]
    [InlineData("convert run -o m.ecm --calibrate mnist --images 0", "--images is 0", "at least 1")]
    [InlineData("convert run -o m.ecm --calibrate mnist --method median", "median", "percentile")]
    [InlineData("convert run -o m.ecm --calibrate mnist --test mnist --no-test", "--no-test", "contradict")]
    [InlineData("convert run -o m.ecm --calibrate mnist --activations skewed", "skewed", "power-of-two")]
    [InlineData("convert run -o m.ecm --calibrate mnist --max-drop -1", "--max-drop is -1", "0 or more")]
    [InlineData("convert run -o m.ecm --calibrate mnist --max-drop 0.5 --no-test", "--max-drop", "--no-test")]
    [InlineData("convert run -o m.ecm --calibrate mnist --max-drop half", "--max-drop is 'half'; it must be a number", "--help")]
    [InlineData("deploy model.ecm --to pi --model-version new", "--model-version is 'new'; it must be a whole number", "--help")]
    [InlineData("verify model.ecm --images few", "--images is 'few'; it must be a whole number", "--help")]
    [InlineData("convert run -o m.ecm --calibrate mnist --mean 1,2", "--mean is '1,2'", "one a channel")]
    [InlineData("convert run -o m.ecm --calibrate mnist --std 0", "--std is '0'", "above 0")]
    [InlineData("convert run -o m.onnx --calibrate mnist", "--output is 'm.onnx'", ".ecm")]
    [InlineData("convert run -o m.ecm --calibrate mnist --report m.pdf", "--report is 'm.pdf'", ".html or .json")]
    [InlineData("export a.onnx --to onnx -o ./a.onnx --calibrate mnist", "--output is './a.onnx'", "is the source")]
    [InlineData("convert run -o m.ecm --calibrate mnist --int4 auto", "--int4 auto", "--max-drop")]
    [InlineData("export run --to tflite -o out --calibrate mnist", "tflite", "onnx")]
    public void BadUsage(string line, params string[] words) => CliRun.Of(line.Split(' ')).Failed(2, words);

    [Fact]
    public void UnknownPathInTheEnvironment()
    {
        CliRun.InChild(("EDGECONV_PATH", "Quantum"), "bench", "model.ecm").Failed(2, "Quantum", "Reference");
        CliRun.InChild(("EDGECONV_PATH", "Quantum"), "inspect", "model.ecm").Failed(2, "Quantum", "Reference");
    }

    [Fact]
    public void HelpShowsNoLimitOfTheTypeAsADefaultAndNoOldName()
    {
        string help = CliRun.Of("evaluate", "--help").Output;
        Assert.Contains("--images", help);
        Assert.DoesNotContain($"{int.MaxValue}", help);
        Assert.DoesNotContain("--limit", help);
    }

    [Fact]
    public void HelpOfTrainShowsNothingThatOnlyTheParserNeeds()
    {
        string help = CliRun.Of("train", "--help").Output;
        Assert.Contains(" train [<options>...] [options]\n", help);
        Assert.DoesNotContain("dditional", help);
    }

    [Theory]
    [InlineData("")]
    [InlineData("quickstart")]
    [InlineData("train")]
    [InlineData("convert")]
    [InlineData("inspect")]
    [InlineData("run")]
    [InlineData("evaluate")]
    [InlineData("verify")]
    [InlineData("bench")]
    [InlineData("export")]
    public void HelpEndsWithAnExample(string verb)
    {
        CliRun run = CliRun.Of(verb.Length == 0 ? ["--help"] : [verb, "--help"]);
        Assert.Equal(0, run.Code);
        Assert.Contains("Example", run.Output);
        Assert.Contains($"  edgeconv {(verb.Length == 0 ? "quickstart" : verb)}", run.Output);
        Assert.Empty(run.Errors);
    }
}
