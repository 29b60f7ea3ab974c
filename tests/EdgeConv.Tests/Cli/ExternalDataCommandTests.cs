using System.Security.Cryptography;
using System.Text.Json;
using EdgeConv.Converters.Onnx.Proto;
using EdgeConv.Tests.Converters;
using EdgeConv.Trainer.Transfer;

namespace EdgeConv.Tests.Cli;

/// <summary>Every command that takes an .onnx takes one whose weights are in other files, and says what is wrong with those.</summary>
public sealed class ExternalDataCommandTests(TinyLeNet lenet) : IClassFixture<TinyLeNet>
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Commands_answer_as_for_one_file(bool together)
    {
        string onnx = External($"answers-{together}", together);
        AssertSameFile(onnx, "ecm", "convert", "--calibrate", lenet.Pictures, "--images", "10", "--method", "mse");
        AssertSameFile(onnx, "qdq.onnx", "export", "--to", "onnx", "--calibrate", lenet.Pictures, "--images", "10");
        AssertSameFile(onnx, "html", "visualize", "--data", lenet.Pictures, "--images", "5");

        JsonElement inline = CliRun.Of("verify", lenet.Model, "--data", lenet.Pictures, "--images", "5", "--against", lenet.Onnx, "--json").Json();
        JsonElement external = CliRun.Of("verify", lenet.Model, "--data", lenet.Pictures, "--images", "5", "--against", onnx, "--json").Json();
        Assert.Equal($"{inline.GetProperty("against").GetProperty("layers")}", $"{external.GetProperty("against").GetProperty("layers")}");
        string Confusion(string file) => $"{CliRun.Of("evaluate", file, "--data", lenet.Pictures, "--json").Json().GetProperty("confusion")}";
        Assert.Equal(Confusion(lenet.Onnx), Confusion(onnx));
        JsonElement bench = CliRun.Of("bench", lenet.Model, "--against", onnx, "--seconds", "0.1", "--json").Json();
        Assert.Contains(bench.GetProperty("engines").EnumerateArray(), engine => engine.GetProperty("name").GetString() == "ONNX Runtime, lenet.onnx");
        Assert.Equal(TransferSource.Hash(TransferSource.Open(lenet.Onnx)), TransferSource.Hash(TransferSource.Open(onnx)));
    }

    [Fact]
    public void The_report_and_the_card_have_a_hash_of_the_weights_too()
    {
        string onnx = External("hashes", together: true), output = Path.ChangeExtension(onnx, ".ecm");
        Assert.Equal(0, CliRun.Of("convert", onnx, "-o", output, "--calibrate", lenet.Pictures, "--images", "10", "--no-test").Code);
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(Path.ChangeExtension(onnx, ".report.json")));
        string weights = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes($"{onnx}.data")));
        Assert.Equal(weights, report.RootElement.GetProperty("origin").GetProperty("sourceWeightsSha256").GetString());
        string card = Path.Combine(Path.GetDirectoryName(onnx)!, "card.md");
        CliRun written = CliRun.Of("inspect", output, "--card", "-o", card);
        Assert.True(written.Code == 0, written.Errors);
        Assert.Contains(weights, File.ReadAllText(card));
    }

    [Theory]
    [InlineData("convert")]
    [InlineData("export")]
    [InlineData("visualize")]
    [InlineData("verify")]
    [InlineData("evaluate")]
    [InlineData("bench")]
    public void Commands_say_which_file_is_missing_or_cut_off(string verb)
    {
        string onnx = External($"missing-{verb}", together: true), data = $"{onnx}.data", output = Path.ChangeExtension(onnx, ".out");
        string[] line = verb switch
        {
            "convert" => ["convert", onnx, "-o", Path.ChangeExtension(onnx, ".ecm"), "--calibrate", lenet.Pictures],
            "export" => ["export", onnx, "--to", "onnx", "-o", Path.ChangeExtension(onnx, ".qdq.onnx"), "--calibrate", lenet.Pictures],
            "visualize" => ["visualize", onnx, "--data", lenet.Pictures, "-o", Path.ChangeExtension(onnx, ".html")],
            "verify" => ["verify", lenet.Model, "--data", lenet.Pictures, "--images", "2", "--against", onnx],
            "evaluate" => ["evaluate", onnx, "--data", lenet.Pictures],
            _ => ["bench", lenet.Model, "--against", onnx, "--seconds", "0.1"],
        };
        using (FileStream cut = File.OpenWrite(data))
        {
            cut.SetLength(1000);
        }

        CliRun.Of(line).Failed(1, "lenet.onnx.data, which has 1,000 bytes", "belong together");
        File.Delete(data);
        CliRun.Of(line).Failed(1, "'lenet.onnx.data'", $"there is no {data}", "belong together");
        Assert.Equal(["lenet.onnx"], Directory.GetFiles(Path.GetDirectoryName(onnx)!).Select(Path.GetFileName));
    }

    private string External(string name, bool together)
    {
        string path = lenet.At(Path.Combine(name, "lenet.onnx"));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        ModelProto model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(lenet.Onnx));
        return together ? ExternalForm.WriteTogether(model, path) : ExternalForm.WriteEach(model, path);
    }

    // The same file, byte for byte, as from the network in one file.
    private void AssertSameFile(string onnx, string extension, string verb, params string[] options)
    {
        string[] files = [.. ((string[])[lenet.Onnx, onnx]).Select(source =>
        {
            string output = Path.Combine(Path.GetDirectoryName(onnx)!, $"{(source == onnx ? "external" : "inline")}.{extension}");
            CliRun run = CliRun.Of([verb, source, "-o", output, .. options]);
            Assert.True(run.Code == 0, run.Errors);
            return output;
        })];
        Assert.Equal(File.ReadAllBytes(files[0]), File.ReadAllBytes(files[1]));
    }
}
