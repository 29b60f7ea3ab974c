using System.Text.Json;
using EdgeConv.Converters.Boards;
using EdgeConv.Tests.Cli;

namespace EdgeConv.Tests.Boards;

/// <summary>`boards`, `inspect --board` and `convert --board`.</summary>
public sealed class BoardCommandTests(TinyLeNet lenet) : IClassFixture<TinyLeNet>
{
    [Fact]
    public void Boards_lists_all_of_them()
    {
        CliRun run = CliRun.Of("boards");
        Assert.Equal(0, run.Code);
        Assert.All(KnownBoards.All, board => Assert.Contains(board.Id, run.Output));
        Assert.All(KnownBoards.All, board => Assert.Contains(run.Output.Split('\n'),
            line => line.Contains($" {board.Id} ") && line.Contains(board.Name) && line.Contains(board.Processor)));
        Assert.Contains("4.0 GB", run.Output);
        JsonElement json = CliRun.Of("boards", "--json").Json();
        Assert.Equal(KnownBoards.All.Count, json.GetArrayLength());
        Assert.Equal("agent", json[0].GetProperty("target").GetString());
    }

    [Fact]
    public void Inspect_shows_what_a_model_takes_of_a_board()
    {
        CliRun run = CliRun.Of("inspect", lenet.Model, "--board", "esp32");
        Assert.Equal(0, run.Code);
        Assert.Contains("fits esp32", run.Output);
        Assert.Contains("Estimate from ", run.Output);
        JsonElement fit = CliRun.Of("inspect", lenet.Model, "--board", "rpi5", "--json").Json().GetProperty("fit");
        Assert.True(fit.GetProperty("fits").GetBoolean());
        Assert.Equal(1_968, fit.GetProperty("memory")[0].GetProperty("bytes").GetInt64());
        Assert.Equal("rpi5", fit.GetProperty("board").GetProperty("id").GetString());
        Assert.True(fit.GetProperty("time").GetProperty("lowSeconds").GetDouble() > 0);
    }

    [Fact]
    public void Inspect_fails_where_the_model_does_not_fit()
    {
        string path = lenet.At("large.ecm");
        File.WriteAllBytes(path, new BoardModels(1, 2048).Full("heavy", 1024).Write());
        CliRun run = CliRun.Of("inspect", path, "--board", "esp32");
        Assert.Equal(1, run.Code);
        Assert.Contains("does not fit esp32", run.Errors);
        Assert.Contains("'heavy'", run.Errors);
        CliRun json = CliRun.Of("inspect", path, "--board", "esp32", "--json");
        Assert.Equal(1, json.Code);
        JsonElement fit = JsonDocument.Parse(json.Output).RootElement.GetProperty("fit");
        Assert.False(fit.GetProperty("fits").GetBoolean());
        Assert.Contains("'heavy'", fit.GetProperty("problems")[0].GetString());
    }

    [Fact]
    public void An_unknown_board_is_bad_usage_and_the_known_ones_are_listed() =>
        CliRun.Of("inspect", lenet.Model, "--board", "esp8266").Failed(2, "'esp8266'", "esp32-s3", "rpi5");

    [Fact]
    public void Convert_writes_a_model_that_fits()
    {
        string output = lenet.At("fits.ecm");
        CliRun run = CliRun.Of("convert", lenet.Onnx, "-o", output, "--calibrate", lenet.Pictures, "--no-test", "--board", "pico");
        Assert.True(run.Code == 0, run.Errors);
        Assert.Contains("fits pico", run.Output);
        Assert.True(File.Exists(output));
    }

    [Fact]
    public void Convert_writes_nothing_when_it_does_not_fit()
    {
        using TemporaryFolder folder = new();
        string onnx = BigNetwork.Write(folder.Path("big.onnx"));
        string output = folder.Path("out", "big.ecm");
        CliRun.Of("convert", onnx, "-o", output, "--calibrate", lenet.Pictures, "--no-test", "--images", "10", "--board", "nano-33-ble")
            .Failed(1, "does not fit nano-33-ble", "'fc1'", "Nothing was written");
        Assert.Empty(Directory.GetFiles(folder.Path("out")));
    }
}
