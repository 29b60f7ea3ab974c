using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using EdgeConv.Converters;
using EdgeConv.Converters.Data;
using EdgeConv.Runtime.Preprocessing;
using EdgeConv.Tests.Cli;

namespace EdgeConv.Tests.Trainer;

/// <summary>A model's card: what train and convert write down, and what inspect --card makes of it.</summary>
public sealed class ModelCardTests
{
    [Fact]
    public void From_training_to_card_every_fact_is_there_and_the_commands_on_it_make_the_same_model_again()
    {
        const string train = "edgeconv train --model lenet-nano --data 'my digits' --epochs 1 --seed 7 --validation 20 --parts 3 --out run";
        const string convert = "edgeconv convert run -o digits.ecm --calibrate 'my digits' --licence 'CC0 <1.0> | mine'";
        using TemporaryFolder folder = new(), fresh = new();
        new TinyDigits(0, 200).WriteTo(folder, "my digits");
        Type(folder, [train, convert]);
        string model = folder.Path("digits.ecm"), data = folder.Path("my digits");

        JsonElement card = CliRun.Of("inspect", model, "--card", "--json").Json();
        byte[] file = File.ReadAllBytes(model);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(file)), card.GetProperty("sha256").GetString());
        Assert.Equal("CC0 <1.0> | mine", card.GetProperty("licence").GetString());
        Assert.Equal(0, card.GetProperty("unknown").GetArrayLength());
        JsonElement origin = card.GetProperty("origin"), training = origin.GetProperty("training");
        Assert.Equal((train, convert), (training.GetProperty("command").GetString(), origin.GetProperty("command").GetString()));
        IDataSet pictures = DataSets.Open(data, Split.Train);
        Assert.Equal((7, 1, pictures.Count - 20), (training.GetProperty("seed").GetInt32(), training.GetProperty("epochs").GetInt32(), training.GetProperty("pictures").GetInt32()));
        using (PictureSamples seen = PictureSamples.Load(pictures, new PictureLayout(28, 28, ColorOrder.Gray, Resize: Resize.Area)))
        {
            Assert.Equal(seen.Digest(), training.GetProperty("dataSha256").GetString());
        }

        JsonElement[] classes = [.. card.GetProperty("classes").EnumerateArray()];
        double right = classes.Sum(one => one.GetProperty("pictures").GetInt32() * one.GetProperty("int8Recall").GetDouble());
        Assert.Equal(card.GetProperty("int8Accuracy").GetDouble(), right / card.GetProperty("testImages").GetInt32(), 9);
        Assert.Contains(card.GetProperty("boards").EnumerateArray(), board => board.GetProperty("id").GetString() == "rpi4" && board.GetProperty("fits").GetBoolean());

        // On a machine with one processor, say, the commands of the card make the same of the same pictures.
        new TinyDigits(0, 200).WriteTo(fresh, "my digits");
        Type(fresh, [.. Commands(CliRun.Of("inspect", model, "--card").Output)], processors: 1);
        Assert.Equal(file, File.ReadAllBytes(fresh.Path("digits.ecm")));
        Assert.Equal(File.ReadAllBytes(folder.Path("digits.report.json")), File.ReadAllBytes(fresh.Path("digits.report.json")));

        Assert.Equal(0, CliRun.Of("keygen", "-o", folder.Path("k.pem")).Code);
        JsonElement manifest = CliRun.Of("sign", model, "--key", folder.Path("k.pem"), "--json").Json().GetProperty("manifest");
        Assert.Equal(training.GetProperty("dataSha256").GetString(), manifest.GetProperty("dataHash").GetString());
        Assert.Equal(training.GetProperty("sha256").GetString(), manifest.GetProperty("trainingHash").GetString());

        string markdown = folder.Path("card.md"), page = folder.Path("card.html");
        Assert.Equal(0, CliRun.Of("inspect", model, "--card", "-o", markdown).Code);
        Assert.Equal(0, CliRun.Of("inspect", model, "--card", "-o", page).Code);
        string text = File.ReadAllText(markdown);
        Assert.Contains("| licence | CC0 &lt;1.0> \\| mine |", text);
        Assert.Contains("--seed 7", text);
        Assert.Matches(@"\| trained by \| EdgeConv \d[^|]*, TorchSharp \d[^|]*, libtorch \d[^|]*, \.NET \d", text);
        Assert.Matches(@"\| converted by \| EdgeConv \d", text);
        Assert.Contains(training.GetProperty("sha256").GetString()!, text);
        Assert.Contains("Nothing that this card has a place for.", text);
        Assert.All(text.Split('\n').Where(line => line.StartsWith("| ---", StringComparison.Ordinal)), line => Assert.EndsWith(" |", line));
        Assert.Contains("CC0 &lt;1.0&gt; | mine", File.ReadAllText(page));
    }

    [Fact]
    public void What_is_unknown_is_said_and_the_report_of_another_model_is_left_out()
    {
        using TinyLeNet lenet = new();
        string alone = lenet.At("alone/model.ecm");
        Directory.CreateDirectory(Path.GetDirectoryName(alone)!);
        File.Copy(lenet.Model, alone);
        string said = CliRun.Of("inspect", alone, "--card").Output;
        Assert.Contains("| licence | not recorded |", said);
        Assert.Contains("- where the network comes from", said);
        Assert.Contains("Not measured.", said);
        Assert.Contains("Nobody recorded how it was made.", said);

        string converted = lenet.At("alone/other.ecm");
        Assert.Equal(0, CliRun.Of("convert", lenet.Onnx, "-o", converted, "--calibrate", lenet.Pictures, "--images", "10").Code);
        string full = CliRun.Of("inspect", converted, "--card").Output;
        Assert.Contains("the training: the network came as a file", full);
        Assert.Contains("edgeconv convert ", full);
        Assert.DoesNotContain("left out", full);

        File.Copy(lenet.At("alone/other.report.json"), lenet.At("alone/model.report.json"));
        string mixed = CliRun.Of("inspect", alone, "--card").Output;
        Assert.Contains("model.report.json is of another model file; it is left out.", mixed);
        Assert.DoesNotContain("edgeconv convert ", mixed[..mixed.IndexOf("## What is not known", StringComparison.Ordinal)]);
        File.WriteAllText(lenet.At("alone/model.report.json"), "{ \"layers\": 3");
        Assert.Contains("cannot be read", CliRun.Of("inspect", alone, "--card").Output);

        CliRun.Of("inspect", alone, "-o", "x.md").Failed(2, "--output goes with --card");
        CliRun.Of("inspect", alone, "--card", "-o", "x.txt").Failed(2, "ends in .md or .html");
        CliRun.Of("inspect", alone, "--card", "--board", "rpi4").Failed(2, "leave out --board");
    }

    private static IEnumerable<string> Commands(string card) =>
        card.Split('\n').Select(line => line.Trim()).Where(line => line.StartsWith("edgeconv ", StringComparison.Ordinal));

    // In a shell that knows `edgeconv`.
    private static void Type(TemporaryFolder folder, string[] commands, int? processors = null)
    {
        string Program(string name) => $"dotnet '{Path.Combine(AppContext.BaseDirectory, name)}' \"$@\"";
        string known = $"edgeconv() {{ if [ \"$1\" = train ]; then {Program("EdgeConv.Trainer.dll")}; else {Program("edgeconv.dll")}; fi; }}";
        ProcessStartInfo start = new("sh", ["-e", "-c", string.Join('\n', commands.Prepend(known))])
        {
            WorkingDirectory = folder.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["XDG_CACHE_HOME"] = folder.Path("cache");
        if (processors is { } count) start.Environment["DOTNET_PROCESSOR_COUNT"] = $"{count}";
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors + output.Result);
    }

    [Fact]
    public void A_command_can_be_typed_again()
    {
        string command = CommandText.Of(["convert", "my run", "-o", "it's.ecm", "--licence", "", "a=b,c"]);
        Assert.Equal("edgeconv convert 'my run' -o 'it'\\''s.ecm' --licence '' a=b,c", command);
    }
}
