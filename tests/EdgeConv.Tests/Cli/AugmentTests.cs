using EdgeConv.Converters.Data;
using EdgeConv.Runtime.Preprocessing;
using EdgeConv.Tests.Trainer;

namespace EdgeConv.Tests.Cli;

public sealed class AugmentTests
{
    [Fact]
    public void The_distorted_set_is_a_data_set_whose_test_part_is_untouched()
    {
        using var folder = new TemporaryFolder();
        new TinyDigits(0, 60).WriteTo(folder, "digits");
        File.WriteAllBytes(folder.Path("digits", "7", "bad.pgm"), [1]);
        string source = folder.Path("digits"), target = folder.Path("more");
        CliRun run = CliRun.Of("augment", source, "-o", target, "--copies", "2", "--augment", "rotate=10 noise=5");
        Assert.True(run.Code == 0, run.Errors);
        Assert.Contains("left out", run.Errors);
        Assert.Contains("bad.pgm", run.Errors);

        IDataSet train = DataSets.Open(source, Split.Train), more = DataSets.Open(target, Split.Train);
        IDataSet test = DataSets.Open(source, Split.Test), same = DataSets.Open(target, Split.Test);
        int bad = Enumerable.Range(0, train.Count).Count(i => !Decodes(train, i)), badTest = Enumerable.Range(0, test.Count).Count(i => !Decodes(test, i));
        Assert.Equal(1, bad + badTest);
        Assert.Equal(3 * (train.Count - bad), more.Count);
        Assert.Equal(train.Classes, more.Classes);
        Assert.Equal(Pixels(test).Order(), Pixels(same).Order());
        HashSet<string> originals = [.. Pixels(train)];
        Assert.Equal(originals.Count, Pixels(more).Count(originals.Contains));

        CliRun.Of("augment", source, "-o", target).Failed(1, "is there already", "new folder");
        Assert.Empty(Directory.GetDirectories(folder.Root, "*.tmp"));
    }

    [Fact]
    public void The_same_seed_writes_the_same_files_and_a_preview_is_a_picture()
    {
        using var folder = new TemporaryFolder();
        new TinyDigits(0, 30).WriteTo(folder, "digits");
        foreach (string name in new[] { "a", "b" })
            Assert.Equal(0, CliRun.Of("augment", folder.Path("digits"), "-o", folder.Path(name), "--copies", "1", "--seed", "4").Code);
        string[] files = [.. Directory.GetFiles(folder.Path("a"), "*", SearchOption.AllDirectories)];
        Assert.All(files, file => Assert.Equal(
            File.ReadAllBytes(file), File.ReadAllBytes(Path.Combine(folder.Path("b"), Path.GetRelativePath(folder.Path("a"), file)))));

        CliRun run = CliRun.Of("augment", folder.Path("digits"), "--preview", folder.Path("sheet.png"));
        Assert.True(run.Code == 0, run.Errors);
        Picture sheet = PictureFile.Load(folder.Path("sheet.png"));
        Assert.Equal((1026, 1026), (sheet.Width, sheet.Height));
        Assert.True(sheet.Pixels.ToArray().Distinct().Count() > 50);
    }

    [Theory]
    [InlineData("augment mnist", "nothing to write")]
    [InlineData("augment mnist -o x --copies 0", "--copies is 0")]
    [InlineData("augment mnist -o x --augment spin=1", "'spin=1' is no augmentation")]
    [InlineData("augment mnist -o x --augment rotate=0", "says nothing")]
    public void A_mistake_is_answered_in_a_line(string line, string expected) => CliRun.Of(line.Split(' ')).Failed(2, expected);

    private static bool Decodes(IDataSet data, int index)
    {
        try
        {
            data.Load(index);
            return true;
        }
        catch (DataSetException)
        {
            return false;
        }
    }

    private static IEnumerable<string> Pixels(IDataSet data) => Enumerable.Range(0, data.Count).Where(i => Decodes(data, i))
        .Select(i => $"{data.Label(i)} {Convert.ToHexString(data.Load(i).Pixels.Span)}");
}
