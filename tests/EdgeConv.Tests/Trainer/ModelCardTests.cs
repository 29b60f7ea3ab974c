using System.Security.Cryptography;
using System.Text.Json;
using EdgeConv.Converters;
using EdgeConv.Converters.Data;
using EdgeConv.Runtime.Preprocessing;
using EdgeConv.Tests.Cli;
using Result = EdgeConv.Tests.Trainer.TrainCommandTests.Result;

namespace EdgeConv.Tests.Trainer;

/// <summary>A model's card: what train and convert write down, and what inspect --card makes of it.</summary>
public sealed class ModelCardTests
{
    [Fact]
    public void From_training_to_card_every_fact_is_there_and_the_commands_on_it_make_the_same_model_again()
    {
        using TemporaryFolder folder = new();
        new TinyDigits(0, 200).WriteTo(folder, "my digits");
        string[] train = ["train", "--model", "lenet-nano", "--data", "my digits", "--epochs", "1", "--seed", "7", "--validation", "20", "--out"];
        Result trained = TrainCommandTests.Trainer.Run(folder, [.. train, "run"]);
        Assert.True(trained.Code == 0, trained.Errors);
        string model = folder.Path("digits.ecm"), run = folder.Path("run"), data = folder.Path("my digits");
        string[] convert = ["convert", run, "-o", model, "--calibrate", data, "--licence", "CC0 <1.0> | mine"];
        CliRun converted = CliRun.Of(convert);
        Assert.True(converted.Code == 0, converted.Errors);

        JsonElement card = CliRun.Of("inspect", model, "--card", "--json").Json();
        byte[] file = File.ReadAllBytes(model);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(file)), card.GetProperty("sha256").GetString());
        Assert.Equal("CC0 <1.0> | mine", card.GetProperty("licence").GetString());
        Assert.Equal(0, card.GetProperty("unknown").GetArrayLength());
        JsonElement origin = card.GetProperty("origin"), training = origin.GetProperty("training");
        Assert.Equal($"edgeconv {string.Join(' ', train).Replace("my digits", "'my digits'", StringComparison.Ordinal)} run", training.GetProperty("command").GetString());
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

        Result again = TrainCommandTests.Trainer.Run(folder, [.. train, "run2"]);
        Assert.True(again.Code == 0, again.Errors);
        convert[1] = folder.Path("run2");
        convert[3] = folder.Path("again.ecm");
        Assert.Equal(0, CliRun.Of(convert).Code);
        JsonElement second = CliRun.Of("inspect", convert[3], "--card", "--json").Json().GetProperty("origin");
        Assert.Equal(origin.GetProperty("sourceSha256").GetString(), second.GetProperty("sourceSha256").GetString());
        Assert.Equal(training.GetProperty("dataSha256").GetString(), second.GetProperty("training").GetProperty("dataSha256").GetString());

        string markdown = folder.Path("card.md"), page = folder.Path("card.html");
        Assert.Equal(0, CliRun.Of("inspect", model, "--card", "-o", markdown).Code);
        Assert.Equal(0, CliRun.Of("inspect", model, "--card", "-o", page).Code);
        string text = File.ReadAllText(markdown);
        Assert.Contains("| licence | CC0 &lt;1.0> \\| mine |", text);
        Assert.Contains("--seed 7", text);
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

    [Fact]
    public void A_command_can_be_typed_again()
    {
        string command = CommandText.Of(["convert", "my run", "-o", "it's.ecm", "--licence", "", "a=b,c"]);
        Assert.Equal("edgeconv convert 'my run' -o 'it'\\''s.ecm' --licence '' a=b,c", command);
    }
}
