using EdgeConv.Tests.Trainer;

namespace EdgeConv.Tests.Cli;

/// <summary>Files that are not what they should be: exit code 1, one sentence with the file's name, nothing half written.</summary>
public sealed class BadInputTests(TinyLeNet lenet) : IClassFixture<TinyLeNet>
{
    [Theory]
    [InlineData("inspect")]
    [InlineData("run")]
    [InlineData("verify")]
    [InlineData("bench")]
    [InlineData("evaluate")]
    public void BrokenModels(string verb)
    {
        byte[] good = File.ReadAllBytes(lenet.Model);
        byte[] flipped = [.. good];
        flipped[good.Length / 2] ^= 0x10;
        (string Name, byte[] Bytes)[] broken =
        [
            ("empty", []), ("truncated", good[..^100]), ("short", good[..20]), ("flipped", flipped),
            ("foreign", File.ReadAllBytes(lenet.Onnx)),
        ];
        foreach ((string name, byte[] bytes) in broken)
        {
            string file = lenet.At($"{verb}-{name}.ecm");
            File.WriteAllBytes(file, bytes);
            Run(verb, file).Failed(1, file, "byte");
        }

        Run(verb, lenet.At("missing.ecm")).Failed(1, "missing.ecm");
        Run(verb, lenet.Folder).Failed(1, lenet.Folder, "folder");
    }

    [Fact]
    public void PicturesThatDoNotDecode()
    {
        string file = lenet.At("broken.png");
        File.WriteAllBytes(file, [0x89, 0x50, 0x4e, 0x47, 1, 2, 3]);
        CliRun.Of("run", lenet.Model, file).Failed(1, file);
        CliRun.Of("run", lenet.Model, lenet.At("missing.png")).Failed(1, "missing.png");
    }

    [Fact]
    public void OnePictureOfManyThatDoesNotDecodeIsLeftOutCountedAndNamed()
    {
        using var folder = new TemporaryFolder();
        new TinyDigits(0, 40).WriteTo(folder, "train");
        new TinyDigits(40, 20).WriteTo(folder, "test");
        folder.Write("train/7/broken.pgm", [1, 2, 3]);
        folder.Write("test/7/empty.pgm", []);

        CliRun evaluated = CliRun.Of("evaluate", lenet.Model, "--data", folder.Root);
        Assert.True(evaluated.Code == 0, evaluated.Errors);
        Assert.Contains("1 picture is left out, 20 used", evaluated.Errors);
        Assert.Contains("empty.pgm", evaluated.Errors);

        CliRun converted = CliRun.Of("convert", lenet.Onnx, "-o", folder.Path("model.ecm"), "--calibrate", folder.Root, "--test", folder.Root);
        Assert.True(converted.Code == 0, converted.Errors);
        Assert.Contains("broken.pgm", converted.Errors + converted.Output);
        Assert.Contains("empty.pgm", converted.Errors + converted.Output);

        CliRun verified = CliRun.Of("verify", lenet.Model, "--data", folder.Root, "--on", "host");
        Assert.True(verified.Code == 0, verified.Errors);
        CliRun shown = CliRun.Of("visualize", lenet.Onnx, "--data", folder.Root, "-o", folder.Path("page.html"));
        Assert.True(shown.Code == 0, shown.Errors);

        foreach (string file in Directory.GetFiles(folder.Path("test"), "*", SearchOption.AllDirectories))
        {
            File.WriteAllBytes(file, []);
        }

        CliRun.Of("evaluate", lenet.Model, "--data", folder.Root).Failed(1, "none of 21 pictures decodes");
        CliRun.Of("verify", lenet.Model, "--data", folder.Root, "--on", "host").Failed(1, "none of the first 21 pictures decodes");
    }

    [Fact]
    public void EmptyFolder()
    {
        string folder = Directory.CreateDirectory(lenet.At("empty-folder")).FullName;
        CliRun.Of("run", lenet.Model, folder).Failed(1, folder, "no pictures");
        CliRun.Of("evaluate", lenet.Model, "--data", folder).Failed(1, folder);
    }

    [Fact]
    public void MissingDataSet()
    {
        CliRun.Of("evaluate", lenet.Model, "--data", "no-such-set").Failed(1, "no-such-set");
        CliRun.Of("verify", lenet.Model, "--data", "no-such-set").Failed(1, "no-such-set");
    }

    [Fact]
    public void MissingNetworks()
    {
        CliRun.Of("convert", lenet.At("no.onnx"), "-o", lenet.At("no.ecm")).Failed(1, $"there is no file '{lenet.At("no.onnx")}'");
        CliRun.Of("convert", lenet.At("no"), "-o", lenet.At("no.ecm")).Failed(1, "no run folder", "edgeconv train");
        Assert.False(File.Exists(lenet.At("no.ecm")));
    }

    [Fact]
    public void AnotherNetworkToCompareWith() => CliRun.Of("verify", lenet.Model, "--data", lenet.Pictures, "--images", "5",
        "--against", RepositoryFolder.Path("tests", "EdgeConv.Tests", "Converters", "PyTorch", "lenet.onnx"))
            .Failed(1, "no layer in common", "/conv1/Conv", "conv1");

    [Fact]
    public void StrictRefusesWhatWouldBeConverted()
    {
        CliRun.Of("run", lenet.ColorModel, lenet.Picture, "--strict").Failed(1, lenet.Picture, "grey", "--strict");
        CliRun converted = CliRun.Of("run", lenet.ColorModel, lenet.Picture);
        Assert.Equal(0, converted.Code);
        Assert.Contains("converted", converted.Errors);

        string large = lenet.At("large.pgm");
        File.WriteAllBytes(large, [.. "P5 56 30 255\n"u8, .. new byte[56 * 30]]);
        CliRun.Of("run", lenet.Model, large, "--strict").Failed(1, large, "56x30", "28x28");
        CliRun fitting = CliRun.Of("run", lenet.Model, lenet.Picture, "--strict");
        Assert.Equal(0, fitting.Code);
        Assert.Empty(fitting.Errors);
    }

    [Fact]
    public void RawTensorsOfAnotherLength()
    {
        string input = lenet.At("short.bin"), output = lenet.At("short.out");
        File.WriteAllBytes(input, new byte[783]);
        CliRun.Of("run", lenet.Model, "--raw", input, "--raw-out", output).Failed(1, input, "783", "784");
        Assert.False(File.Exists(output));
        CliRun.Of("run", lenet.Model, "--raw", lenet.At("missing.bin")).Failed(1, "missing.bin");
    }

    [Fact]
    public void OutputThatCannotBeWritten()
    {
        string output = Path.Combine(lenet.Picture, "model.ecm");
        CliRun.Of("convert", lenet.Onnx, "-o", output, "--calibrate", lenet.Pictures).Failed(1, output);
        CliRun.Of("convert", lenet.Onnx, "-o", lenet.Folder, "--calibrate", lenet.Pictures).Failed(1, lenet.Folder);
        string onnx = Path.Combine(lenet.Picture, "m.onnx");
        CliRun.Of("export", lenet.Onnx, "--to", "onnx", "-o", onnx, "--calibrate", lenet.Pictures).Failed(1, onnx);
        CliRun.Of("quickstart", "--out", lenet.Picture).Failed(1, "report.html");
        CliRun.Of("convert", lenet.Onnx, "-o", "", "--calibrate", lenet.Pictures).Failed(1, "without a name");
    }

    [Fact]
    public void SourcesThatCannotBeConverted()
    {
        string output = lenet.At("never.ecm");
        string text = lenet.At("text.onnx");
        File.WriteAllText(text, "this is not a network");
        CliRun Convert(string source, string data) => CliRun.Of("convert", source, "-o", output, "--calibrate", data);
        Convert(text, lenet.Pictures).Failed(1, "text.onnx");
        Convert(lenet.Pictures, lenet.Pictures).Failed(1, "model.onnx");
        Convert(lenet.Picture, lenet.Pictures).Failed(1, ".onnx");
        Convert(lenet.At("nowhere"), lenet.Pictures).Failed(1, "nowhere");
        Convert(lenet.Onnx, lenet.At("nothing")).Failed(1, "nothing");
        Assert.Empty(Directory.GetFiles(lenet.Folder, "never*"));
    }

    [Fact]
    public void OnnxOperatorThatIsNotSupported()
    {
        byte[] bytes = File.ReadAllBytes(lenet.Onnx);
        byte[] known = "Relu"u8.ToArray();
        int at = bytes.AsSpan().IndexOf((ReadOnlySpan<byte>)[0x22, 4, .. known]) + 2;
        "Ceil"u8.CopyTo(bytes.AsSpan(at));
        string source = lenet.At("ceil.onnx"), output = lenet.At("ceil.ecm");
        File.WriteAllBytes(source, bytes);
        CliRun.Of("convert", source, "-o", output, "--calibrate", lenet.Pictures).Failed(1, "Ceil", "relu1");
        Assert.Empty(Directory.GetFiles(lenet.Folder, "ceil.ecm*"));
    }

    private CliRun Run(string verb, string file) => CliRun.Of(verb switch
    {
        "run" => [verb, file, lenet.Picture],
        "evaluate" => [verb, file, "--data", lenet.Pictures],
        _ => [verb, file],
    });

    [Fact]
    public void Bench_against_what_is_no_ONNX_says_what_was_expected() =>
        CliRun.Of("bench", lenet.Model, "--against", lenet.Model).Failed(1, $"'{lenet.Model}' is not a network that ONNX Runtime runs; expected an .onnx file. It says: ");
}
