using System.Diagnostics;
using System.Text.Json;
using EdgeConv.Converters.Boards;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Kernels;

namespace EdgeConv.Tests.Cli;

/// <summary>What the verbs answer on a model that is in order.</summary>
public sealed class VerbTests(TinyLeNet lenet) : IClassFixture<TinyLeNet>
{
    [Fact]
    public void InspectCountsParametersAndMacs()
    {
        JsonElement inspect = CliRun.Of("inspect", lenet.Model, "--json").Json();
        Assert.Equal(61_706, inspect.GetProperty("parameters").GetInt64());
        Assert.Equal(416_520, inspect.GetProperty("macs").GetInt64());
        IEnumerable<long> layers = inspect.GetProperty("layers").EnumerateArray()
            .Select(layer => layer.GetProperty("parameters").GetInt64());
        Assert.Equal([156, 2_416, 48_120, 10_164, 850], layers.Where(parameters => parameters > 0));
        Assert.Equal(new FileInfo(lenet.Model).Length, inspect.GetProperty("flashBytes").GetInt64());
        Assert.All(inspect.GetProperty("arena").EnumerateArray(), slot => Assert.True(
            slot.GetProperty("offset").GetInt32() + slot.GetProperty("bytes").GetInt32() <= inspect.GetProperty("arenaBytes").GetInt32()));

        CliRun text = CliRun.Of("inspect", lenet.Model);
        Assert.Equal(0, text.Code);
        Assert.Contains("61,706", text.Output);
        Assert.Contains("416,520", text.Output);
        Assert.Contains("28x28 grey, crop stretch, resize area", text.Output);
        Assert.Contains("Conv2D, MaxPool 2x2", text.Output);
        Assert.Contains("1x28x28x6 to 1x14x14x6", text.Output);
        JsonElement first = inspect.GetProperty("layers")[0];
        Assert.Equal([1, 28, 28, 6], first.GetProperty("innerShape").EnumerateArray().Select(d => d.GetInt32()));
        Assert.Equal([1, 14, 14, 6], first.GetProperty("outputShape").EnumerateArray().Select(d => d.GetInt32()));
        Assert.Equal(117_600, first.GetProperty("macs").GetInt64());
        Assert.DoesNotContain(inspect.GetProperty("arena").EnumerateArray(), slot => slot.GetProperty("bytes").GetInt32() == 28 * 28 * 6);
    }

    [Fact]
    public void RunClassifiesPicturesFoldersAndTensors()
    {
        JsonElement one = CliRun.Of("run", lenet.Model, lenet.Picture, "--top", "3", "--json").Json();
        JsonElement[] top = [.. one.GetProperty("results")[0].GetProperty("top").EnumerateArray()];
        Assert.Equal(3, top.Length);
        Assert.True(top[0].GetProperty("confidence").GetDouble() >= top[1].GetProperty("confidence").GetDouble());

        string folder = Path.GetDirectoryName(lenet.Picture)!;
        Assert.Equal(3, CliRun.Of("run", lenet.Model, folder, "--json").Json().GetProperty("results").GetArrayLength());

        string input = lenet.At("raw.in"), fast = lenet.At("raw.fast"), plain = lenet.At("raw.plain");
        byte[] tensors = new byte[5 * 784];
        new Random(7).NextBytes(tensors);
        File.WriteAllBytes(input, tensors);
        Assert.Equal(0, CliRun.Of("run", lenet.Model, "--raw", input, "--raw-out", fast).Code);
        Assert.Equal(0, CliRun.Of("run", lenet.Model, "--raw", input, "--raw-out", plain, "--path", "reference").Code);
        Assert.Equal(50, new FileInfo(fast).Length);
        Assert.Equal(File.ReadAllBytes(plain), File.ReadAllBytes(fast));
    }

    [Fact]
    public void EvaluateGivesTheSameForModelAndOnnx()
    {
        JsonElement edge = CliRun.Of("evaluate", lenet.Model, "--data", lenet.Pictures, "--json").Json();
        JsonElement onnx = CliRun.Of("evaluate", lenet.Onnx, "--data", lenet.Pictures, "--json").Json();
        Assert.Equal(30, edge.GetProperty("images").GetInt32());
        Assert.Equal(30, edge.GetProperty("confusion").EnumerateArray().Sum(row => row.EnumerateArray().Sum(cell => cell.GetInt32())));
        Assert.Equal(10, onnx.GetProperty("classes").GetArrayLength());
        foreach (string name in new[] { "--images", "--limit" })
        {
            JsonElement few = CliRun.Of("evaluate", lenet.Model, "--data", lenet.Pictures, name, "7", "--json").Json();
            Assert.Equal(7, few.GetProperty("images").GetInt32());
        }
    }

    [Fact]
    public void ConvertSaysWhatItTakesPixelsForUnlessItIsTold()
    {
        string onnx = RepositoryFolder.Path("tests", "EdgeConv.Tests", "Converters", "PyTorch", "lenet.onnx"), ecm = lenet.At("pixels.ecm");
        string[] line = ["convert", onnx, "-o", ecm, "--calibrate", lenet.Pictures, "--no-test"];
        Assert.Contains("Pixels are taken to go from 0 to 1, since the file does not say", CliRun.Of(line).Output);
        Assert.Contains("real = 0.00392157 * (q + 128)", CliRun.Of("inspect", ecm).Output);

        CliRun told = CliRun.Of([.. line, "--mean", "0.5", "--std", "0.25"]);
        Assert.True(told.Code == 0, told.Errors);
        Assert.DoesNotContain("Pixels are taken", told.Output);
        Assert.Contains("real = 0.0156863 * (q", CliRun.Of("inspect", ecm).Output);
        CliRun.Of([.. line, "--mean", "0.5,0.5,0.5"]).Failed(2, "--mean has 3 numbers", "1 channels");
    }

    [Fact]
    public void VerifyFindsTheSameBytesAndComparesWithFloat()
    {
        JsonElement verify = CliRun.Of("verify", lenet.Model, "--data", lenet.Pictures, "--against", lenet.Onnx, "--json").Json();
        JsonElement[] results = [.. verify.GetProperty("results").EnumerateArray()];
        Assert.Contains(results, result => result.GetProperty("path").GetString() == "Reference");
        Assert.All(results, result => Assert.True(result.GetProperty("identical").GetBoolean()));
        JsonElement[] layers = [.. verify.GetProperty("against").GetProperty("layers").EnumerateArray()];
        Assert.NotEmpty(layers);
        Assert.All(layers, layer => Assert.True(layer.GetProperty("sqnrDecibels").GetDouble() > 20, layer.ToString()));
    }

    [Fact]
    public void VerifyOnOnePathRunsThatOneAlone()
    {
        JsonElement verify = CliRun.Of("verify", lenet.Model, "--path", "vector128", "--data", lenet.Pictures, "--images", "3", "--json").Json();
        JsonElement result = Assert.Single(verify.GetProperty("results").EnumerateArray());
        Assert.Equal(("Vector128", 3, true), (result.GetProperty("path").GetString(), result.GetProperty("inputs").GetInt32(), result.GetProperty("identical").GetBoolean()));
        CliRun.Of("verify", lenet.Model, "--path", "avx3").Failed(2, "no kernel path 'avx3'", "Vector128");
        string elsewhere = KernelPath.All.First(path => !path.IsSupported).Name;
        CliRun.Of("verify", lenet.Model, "--path", elsewhere, "--data", lenet.Pictures).Failed(1, elsewhere, "none of the targets host");
    }

    [Fact]
    public void VerifyNamesTheFirstLayerThatIsWrong()
    {
        // fc1's int4 weights are far coarser than what stands before them
        string model = lenet.At("coarse.ecm");
        CliRun convert = CliRun.Of("convert", lenet.Onnx, "-o", model, "--calibrate", lenet.Pictures, "--no-test", "--int4", "fc1");
        Assert.True(convert.Code == 0, convert.Errors);
        CliRun wrong = CliRun.Of("verify", model, "--data", lenet.Pictures, "--against", lenet.Onnx, "--least-sqnr", "34");
        Assert.Equal(1, wrong.Code);
        Assert.Contains("int8 goes wrong first in layer 'fc1'", wrong.Errors);
        Assert.Equal(0, CliRun.Of("verify", model, "--data", lenet.Pictures, "--against", lenet.Onnx).Code);
    }

    [Fact]
    public void VerifyRunsTheModelOnAnEmulatedPi()
    {
        using Process check = Process.Start(RepositoryFolder.Path("tests", "emulators", "install.sh"), "--check");
        check.WaitForExit();
        Assert.SkipWhen(check.ExitCode != 0, "no emulators here; tests/emulators/install.sh installs them");
        JsonElement verify = CliRun.Of("verify", lenet.Model, "--on", "cortex-a53", "--data", lenet.Pictures, "--json").Json();
        JsonElement[] results = [.. verify.GetProperty("results").EnumerateArray()];
        Assert.Equal(["Neon", "Vector128", "Reference"], results.Select(result => result.GetProperty("path").GetString()));
        Assert.All(results, result => Assert.Equal(30, result.GetProperty("inputs").GetInt32()));
    }

    [Fact]
    public void ConvertWritesModelAndReports()
    {
        string output = lenet.At("converted/model.ecm"), page = lenet.At("converted/page.html");
        CliRun run = CliRun.Of(
            "convert", lenet.Onnx, "-o", output, "--calibrate", lenet.Pictures, "--images", "10",
            "--method", "percentile", "--report", page);
        Assert.True(run.Code == 0, run.Errors);
        Assert.Contains("accuracy float", run.Output);
        IEnumerable<string?> files = Directory.GetFiles(lenet.At("converted")).Select(Path.GetFileName).Order();
        Assert.Equal(["model.ecm", "model.report.json", "page.html"], files);
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(lenet.At("converted/model.report.json")));
        Assert.Contains("</html>", File.ReadAllText(page));
        Assert.Equal(0, CliRun.Of("inspect", output).Code);
    }

    [Fact]
    public void ConvertSaysWhatEachLayerCostsAndDrawsIt()
    {
        string output = lenet.At("precise/model.ecm"), page = lenet.At("precise/page.html");
        CliRun run = CliRun.Of(
            "convert", lenet.Onnx, "-o", output, "--calibrate", lenet.Pictures, "--images", "10", "--method", "entropy",
            "--equalize", "--correct-bias", "--sensitivity", "--max-drop", "100", "--int4", "auto", "--report", page);
        Assert.True(run.Code == 0, run.Errors);
        Assert.Contains("int4 weights for fc1, fc2, conv2, fc3, conv1", run.Output);
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(lenet.At("precise/model.report.json")));
        Assert.Equal(5, report.RootElement.GetProperty("sensitivity").GetArrayLength());
        Assert.Equal(6, report.RootElement.GetProperty("mixedPrecision").GetProperty("steps").GetArrayLength());
        Assert.Equal("8x4", report.RootElement.GetProperty("layers")[0].GetProperty("precision").GetString());
        string html = File.ReadAllText(page);
        Assert.Equal(12, html.Split("<svg").Length - 1); // two of bars, a histogram for each of eight layers, two confusions
        Assert.DoesNotContain("http", html);
        Assert.DoesNotContain("NaN", html);
    }

    [Theory]
    [InlineData("convert", "-o", "without.ecm")]
    [InlineData("export", "--to", "onnx", "-o", "without.onnx")]
    public void AFloatNetworkNeedsCalibrationPictures(string verb, params string[] options) => CliRun.Of(
        [verb, lenet.Onnx, .. options[..^1], lenet.At(options[^1])]).Failed(2, "--calibrate", "float network");

    [Fact]
    public void ALayerThatIsNotThereIsNamed() => CliRun.Of(
        "convert", lenet.Onnx, "-o", lenet.At("none.ecm"), "--calibrate", lenet.Pictures, "--no-test", "--wide", "fc7")
        .Failed(1, "'fc7'", "conv1, conv2, fc1");

    [Fact]
    public void ExportedModelRunsInOnnxRuntime()
    {
        string file = lenet.At("lenet.qdq.onnx");
        CliRun export = CliRun.Of("export", lenet.Onnx, "--to", "onnx", "-o", file, "--calibrate", lenet.Pictures, "--images", "10");
        Assert.True(export.Code == 0, export.Errors);
        JsonElement bench = CliRun.Of(
            "bench", lenet.Model, "--against", lenet.Onnx, "--against", file, "--path", "all", "--seconds", "0.2", "--json").Json();
        Assert.True(bench.GetProperty("engines").GetArrayLength() >= 4);
        Assert.All(
            bench.GetProperty("engines").EnumerateArray(), engine => Assert.True(engine.GetProperty("medianMilliseconds").GetDouble() > 0));
        Assert.Equal(30, CliRun.Of("evaluate", file, "--data", lenet.Pictures, "--json").Json().GetProperty("images").GetInt32());
    }

    [Fact]
    public void BenchExplainsEachLayer()
    {
        JsonElement bench = CliRun.Of("bench", lenet.Model, "--explain", "--seconds", "0.1", "--json").Json();
        Assert.True(bench.GetProperty("ceilings").GetProperty("gigaMacsPerSecond").GetDouble() > 0);
        Assert.True(bench.GetProperty("ceilings").GetProperty("gigabytesPerSecond").GetDouble() > 0);
        using Model model = Model.Open(lenet.Model);
        JsonElement[] layers = [.. bench.GetProperty("layers").EnumerateArray()];
        Assert.Equal(model.Operators.Count, layers.Length);
        for (int i = 0; i < layers.Length; i++)
        {
            JsonElement explanation = layers[i].GetProperty("explanation");
            Assert.Equal(bench.GetProperty("path").GetString(), explanation.GetProperty("path").GetString());
            Assert.NotEmpty(explanation.GetProperty("algorithm").GetString()!);
            Assert.NotEmpty(explanation.GetProperty("why").GetString()!);
            Assert.Equal(LayerCost.Of(model, model.Operators[i]).Macs, explanation.GetProperty("multiplyAccumulates").GetInt64());
            int ends = model.Tensors[model.Operators[i].Input].ByteLength + model.Tensors[model.Operators[i].Output].ByteLength;
            Assert.True(explanation.GetProperty("bytesMoved").GetInt64() >= ends);
            Assert.True(explanation.GetProperty("shareOfBound").GetDouble() >= 0);
        }

        CliRun text = CliRun.Of("bench", lenet.Model, "--explain", "--seconds", "0.1", "--threads", "2");
        Assert.True(text.Code == 0, text.Errors);
        Assert.Contains("2 threads", text.Output);
        Assert.Contains("bounds: ", text.Output);
        Assert.DoesNotContain("bounds: ", CliRun.Of("bench", lenet.Model, "--seconds", "0.1").Output);
    }

    [Fact]
    public void SeveralThreadsGiveTheSameOutput()
    {
        string input = lenet.At("threads.bin"), one = lenet.At("one.bin"), three = lenet.At("three.bin");
        using (Model model = Model.Open(lenet.Model))
        {
            byte[] bytes = new byte[3 * model.Input.ByteLength];
            new Random(3).NextBytes(bytes);
            File.WriteAllBytes(input, bytes);
        }

        Assert.Equal(0, CliRun.Of("run", lenet.Model, "--raw", input, "--raw-out", one).Code);
        Assert.Equal(0, CliRun.Of("run", lenet.Model, "--raw", input, "--raw-out", three, "--threads", "3").Code);
        Assert.Equal(File.ReadAllBytes(one), File.ReadAllBytes(three));
    }

    [Fact]
    public void AQuantizedNetworkIsTakenOverWithoutCalibration()
    {
        string qdq = lenet.At("taken/lenet.qdq.onnx"), model = lenet.At("taken/model.ecm"), again = lenet.At("taken/again.onnx");
        CliRun export = CliRun.Of("export", lenet.Onnx, "--to", "onnx", "-o", qdq, "--calibrate", lenet.Pictures, "--images", "10");
        Assert.True(export.Code == 0, export.Errors);
        CliRun plain = CliRun.Of("convert", qdq, "-o", model);
        Assert.True(plain.Code == 0, plain.Errors);
        Assert.Contains("accuracy not measured", plain.Output);
        CliRun.Of("convert", qdq, "-o", model, "--equalize").Failed(2, "arrives quantized", "--equalize");

        string page = lenet.At("taken/page.html"), shown = lenet.At("taken/shown.ecm");
        CliRun tested = CliRun.Of("convert", qdq, "-o", shown, "--calibrate", lenet.Pictures, "--report", page);
        Assert.True(tested.Code == 0, tested.Errors);
        Assert.Contains("accuracy float", tested.Output);
        Assert.Contains("arrived quantized", File.ReadAllText(page));
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(lenet.At("taken/shown.report.json")));
        Assert.True(report.RootElement.GetProperty("takenOver").GetBoolean());
        Assert.True(report.RootElement.GetProperty("layers")[0].GetProperty("sqnrDecibels").GetDouble() > 20);

        // The same network as from float, and the same file again from the quantized one.
        Assert.Equal(0, CliRun.Of("export", qdq, "--to", "onnx", "-o", again).Code);
        Assert.Equal(File.ReadAllBytes(qdq), File.ReadAllBytes(again));
        using Model first = Model.Open(model), float8 = Model.Open(lenet.Model);
        Assert.Equal(float8.Operators.Select(o => o.Name), first.Operators.Select(o => o.Name));
        Assert.Equal(2, first.GoldenVectors.Count);
        foreach (FullyConnectedOp op in float8.Operators.OfType<FullyConnectedOp>())
        {
            var same = (FullyConnectedOp)first.Operators.First(o => o.Name == op.Name);
            Assert.True(float8.Weights(op.Weights).SequenceEqual(first.Weights(same.Weights)));
            Assert.True(float8.Int32Data(op.Bias).SequenceEqual(first.Int32Data(same.Bias)));
        }
    }

    [Fact]
    public void CancelledWorkLeavesNothing()
    {
        string output = lenet.At("cancelled.ecm");
        CliRun run = CliRun.Of(new CancellationToken(canceled: true), "convert", lenet.Onnx, "-o", output, "--calibrate", lenet.Pictures);
        Assert.Equal(130, run.Code);
        Assert.Empty(Directory.GetFiles(lenet.Folder, "cancelled*"));
    }
}
