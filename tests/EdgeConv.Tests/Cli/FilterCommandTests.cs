using System.Text.Json;
using EdgeConv.Converters.Data;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Tests.Cli;

/// <summary>`filter` from the outside.</summary>
public sealed class FilterCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void The_lecture_s_edge_is_printed_with_its_size_rule_and_written()
    {
        string output = _folder.Path("edge.png");
        CliRun run = CliRun.Of("filter", Lecture(), "--kernel", "vertical", "-o", output);
        Assert.True(run.Code == 0, run.Errors);
        Assert.Equal(4, run.Output.Split('\n').Count(line => line.Trim() == "0  30  30   0"));
        Assert.Contains("width   (6 - 3) / 1 + 1 = 4", run.Output);
        Assert.Contains("nothing clipped", run.Output);
        Assert.Contains("white 30, black -30", run.Output);
        Picture picture = PictureFile.Load(output);
        Assert.Equal((4, 4, PixelFormat.Gray8), (picture.Width, picture.Height, picture.Format));
        Assert.Equal([128, 255, 255, 128], picture.Pixels[..4].ToArray());
    }

    [Fact]
    public void Programs_get_the_numbers()
    {
        string kernel = _folder.Write("sum.txt", "1 1\n1 1\n"u8.ToArray()), output = _folder.Path("sum.png");
        JsonElement json = CliRun.Of("filter", Lecture(), "--kernel", kernel, "-o", output, "--stride", "2", "--padding", "same", "--json").Json();
        Assert.Equal((3, 3), (json.GetProperty("width").GetInt32(), json.GetProperty("height").GetInt32()));
        float[] responses = [.. json.GetProperty("responses").EnumerateArray().Select(value => value.GetSingle())];
        Assert.All(Enumerable.Range(0, 9), i => Assert.Equal(i % 3 == 0 ? 40 : i % 3 == 1 ? 20 : 0, responses[i], 0.1f));
        Assert.Equal(0, json.GetProperty("saturated").GetInt32());
        Assert.Equal("sum", json.GetProperty("kernel").GetProperty("name").GetString());
    }

    [Fact]
    public void Each_colour_can_go_through_alone()
    {
        byte[] header = [.. "P6 4 3 255\n"u8];
        byte[] pixels = [.. Enumerable.Range(0, 12).SelectMany(i => new byte[] { (byte)(i % 4 < 2 ? 90 : 0), 50, (byte)(i % 4 < 2 ? 0 : 90) })];
        string picture = _folder.Write("rgb.ppm", [.. header, .. pixels]), output = _folder.Path("rgb.png");
        JsonElement json = CliRun.Of("filter", picture, "--kernel", "vertical", "-o", output, "--each-color", "--json").Json();
        Assert.Equal(3, json.GetProperty("channels").GetInt32());
        Assert.Equal(PixelFormat.Rgb24, PictureFile.Load(output).Format);
        float[] responses = [.. json.GetProperty("responses").EnumerateArray().Select(value => value.GetSingle())];
        float[] expected = [270, 0, -270, 270, 0, -270];
        Assert.All(expected.Zip(responses), pair => Assert.Equal(pair.First, pair.Second, 1.1f));
    }

    [Fact]
    public void Mistakes_are_named_and_nothing_is_written()
    {
        string output = _folder.Path("none.png"), kernel = _folder.Write("bad.txt", "1 2\n3 four\n"u8.ToArray());
        CliRun.Of("filter", Lecture(), "--kernel", "vertcal", "-o", output).Failed(2, "'vertcal'", "Did you mean 'vertical'?");
        CliRun.Of("filter", Lecture(), "--kernel", kernel, "-o", output).Failed(1, "bad.txt", "line 2, column 3", "'four'");
        CliRun.Of("filter", Lecture(), "--kernel", "sobel", "-o", output, "--padding", "full").Failed(2, "--padding is 'full'", "same and valid");
        CliRun.Of("filter", Lecture(), "--kernel", "sobel", "-o", output, "--stride", "0").Failed(2, "--stride is 0");
        CliRun.Of("filter", _folder.Path("missing.png"), "--kernel", "sobel", "-o", output).Failed(1, "missing.png");
        CliRun.Of("filter", kernel, "--kernel", "sobel", "-o", output).Failed(1, "bad.txt", "does not decode");
        Assert.Equal(["bad.txt", "lecture.pgm"], Directory.GetFiles(_folder.Root).Select(Path.GetFileName).Order());
    }

    public void Dispose() => _folder.Dispose();

    private string Lecture() => _folder.Write(
        "lecture.pgm", [.. "P5 6 6 255\n"u8, .. Enumerable.Range(0, 36).Select(i => (byte)(i % 6 < 3 ? 10 : 0))]);
}
