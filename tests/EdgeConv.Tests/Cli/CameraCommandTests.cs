using System.Text.Json;
using EdgeConv.Converters.Data;

namespace EdgeConv.Tests.Cli;

/// <summary>`run --camera`: classes of live frames, and frames that land where the trainer looks.</summary>
public sealed class CameraCommandTests(TinyLeNet lenet) : IClassFixture<TinyLeNet>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Saved_frames_are_a_data_set_of_the_frames_that_were_played()
    {
        List<byte[]> cups = Play("cups", 12, seed: 1), keys = Play("keys", 8, seed: 2);
        string photos = _folder.Path("photos");
        CliRun first = CliRun.Of("run", lenet.Model, "--camera", $"folder:{_folder.Path("cups")}", "--save-as", "cup", "--to", photos);
        Assert.True(first.Code == 0, first.Errors);
        Assert.Equal(12, first.Output.TrimEnd().Split('\n').Length);
        Assert.Contains($"saved 12 frames in {Path.Combine(photos, "cup")}", first.Errors);
        CliRun second = CliRun.Of("run", "--camera", $"folder:{_folder.Path("keys")}?fps=50&loop=1", "--save-as", "key", "--to", photos, "--save-every", "0", "--frames", "20");
        Assert.True(second.Code == 0, second.Errors);

        IDataSet[] parts = [DataSets.Open(photos, Split.Train), DataSets.Open(photos, Split.Test)];
        Assert.All(parts, part => Assert.Equal(["cup", "key"], part.Classes));
        List<byte[]>[] found = [[], []];
        foreach (IDataSet part in parts)
        {
            for (int i = 0; i < part.Count; i++)
            {
                found[part.Label(i)].Add(part.Load(i).Pixels.ToArray());
            }
        }

        Assert.Equal(cups.Order(_bytes), found[0].Order(_bytes));
        Assert.Equal(20, found[1].Count);
        Assert.All(found[1], frame => Assert.Contains(keys, key => key.AsSpan().SequenceEqual(frame)));
    }

    [Fact]
    public void Frames_are_classified_as_pictures_are()
    {
        string digits = _folder.Path("digits");
        Directory.CreateDirectory(digits);
        File.Copy(lenet.Picture, Path.Combine(digits, "1.pgm"));
        JsonElement picture = CliRun.Of("run", lenet.Model, lenet.Picture, "--top", "3", "--json").Json().GetProperty("results")[0];
        CliRun run = CliRun.Of("run", lenet.Model, "--camera", $"folder:{digits}?fps=100&loop=1", "--top", "3", "--json", "--frames", "5");
        Assert.True(run.Code == 0, run.Errors);
        string[] lines = run.Output.TrimEnd().Split('\n');
        Assert.Equal(5, lines.Length);
        Assert.All(lines, line => Assert.Equal(Answers(picture), Answers(JsonDocument.Parse(line).RootElement)));
        string label = picture.GetProperty("top")[0].GetProperty("label").GetString()!;
        CliRun text = CliRun.Of("run", lenet.Model, "--camera", digits);
        Assert.Matches($@"1\.pgm  {label} [\d.]+ %  [\d.]+ ms", text.Output);
    }

    [Fact]
    public async Task Ctrl_C_ends_a_live_camera_and_keeps_what_was_saved()
    {
        Play("cups", 3, seed: 3);
        using CancellationTokenSource cancel = new();
        // Waits at the end for a press that is under way: the folder, and what it cancels, go after it.
        await using Timer press = new(_ => PressWhenSaved(cancel), null, 50, 50);
        CliRun run = CliRun.Of(cancel.Token, "run", "--camera", $"folder:{_folder.Path("cups")}?fps=30&loop=1", "--save-as", "cup", "--to", _folder.Path("photos"), "--save-every", "0.1");
        Assert.Equal(0, run.Code);
        string[] files = Directory.GetFiles(_folder.Path("photos", "cup"));
        Assert.True(files.Length >= 2);
        Assert.All(files, file => Assert.Equal(640 * 2, PictureFile.Load(file).Pixels.Length));
    }

    [Fact]
    public void A_broken_file_is_told_of_and_left_out()
    {
        Play("cups", 2, seed: 4);
        _folder.Write("cups/0a.png", [1, 2, 3]);
        CliRun run = CliRun.Of("run", lenet.Model, "--camera", _folder.Path("cups"));
        Assert.Equal((0, 2), (run.Code, run.Output.TrimEnd().Split('\n').Length));
        Assert.Contains("0a.png", run.Errors);
    }

    [Theory]
    [InlineData(2, "neither a path nor a URI", "--camera", "usb:0")]
    [InlineData(2, "--save-as CLASS and --to FOLDER", "--camera", "HERE", "--save-as", "cup")]
    [InlineData(2, "--save-as CLASS and --to FOLDER", "--camera", "HERE", "--to", "HERE")]
    [InlineData(2, "--save-as CLASS and --to FOLDER", "--camera", "HERE", "--save-every", "1")]
    [InlineData(2, "'../up'", "--camera", "HERE", "--save-as", "../up", "--to", "HERE")]
    [InlineData(2, "--save-as goes with --camera", "PICTURE", "--save-as", "cup", "--to", "HERE")]
    [InlineData(2, "--frames goes with --camera", "PICTURE", "--frames", "3")]
    [InlineData(2, "--frames is 0", "--camera", "HERE", "--frames", "0")]
    [InlineData(2, "--save-every is -1", "--camera", "HERE", "--save-as", "cup", "--to", "HERE", "--save-every", "-1")]
    [InlineData(2, "name one of", "PICTURE", "--camera", "HERE")]
    [InlineData(1, "no picture in this folder", "--camera", "folder:HERE")]
    [InlineData(1, "no such file", "--camera", "file:missing.png")]
    [InlineData(2, "loop=1 needs a pace", "--camera", "folder:HERE?loop=1")]
    [InlineData(2, "loop=2", "--camera", "folder:HERE?loop=2&fps=1")]
    [InlineData(2, "fps=0", "--camera", "folder:HERE?fps=0")]
    public void A_mistake_is_said(int code, string message, params string[] args) =>
        CliRun.Of(["run", lenet.Model, .. args.Select(arg => arg.Replace("HERE", _folder.Root, StringComparison.Ordinal).Replace("PICTURE", lenet.Picture, StringComparison.Ordinal))])
            .Failed(code, message);

    [Fact]
    public void Without_a_model_frames_can_only_be_saved() =>
        CliRun.Of("run", "--camera", _folder.Root).Failed(2, "name a model file");

    private void PressWhenSaved(CancellationTokenSource cancel)
    {
        string cups = _folder.Path("photos", "cup");
        if (Directory.Exists(cups) && Directory.GetFiles(cups, "*.png").Length >= 2)
        {
            cancel.Cancel();
        }
    }

    private static string Answers(JsonElement result) =>
        string.Join(' ', result.GetProperty("top").EnumerateArray().Select(top => $"{top.GetProperty("label")} {top.GetProperty("confidence")}"));

    private static readonly Comparer<byte[]> _bytes = Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b));

    private List<byte[]> Play(string name, int count, int seed)
    {
        Random random = new(seed);
        List<byte[]> pictures = [];
        for (int i = 0; i < count; i++)
        {
            byte[] pixels = new byte[640 * 2];
            random.NextBytes(pixels);
            pictures.Add(pixels);
            _folder.Write($"{name}/{i:D3}.pgm", [.. "P5 640 2 255\n"u8, .. pixels]);
        }

        return pictures;
    }
}
