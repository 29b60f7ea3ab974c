using EdgeConv.Converters.Data;

namespace EdgeConv.Tests.Data;

public sealed class CsvDataSetTests
{
    [Fact]
    public void Paths_and_labels_are_a_data_set()
    {
        using var folder = new TemporaryFolder();
        folder.Write("a/1.pgm", Gray(1));
        folder.Write("a/2.pgm", Gray(2));
        folder.Write("b, c.pgm", Gray(3));
        string path = Write(folder, "Label;Path;split\ncat;a/1.pgm;train\n\n# a note\ndog;\"b, c.pgm\";Train\ncat;a/2.pgm;test\n");
        IDataSet train = DataSets.Open(path, Split.Train), test = DataSets.Open(path, Split.Test);
        Assert.Equal(["cat", "dog"], train.Classes);
        Assert.Equal([(0, 1), (1, 3)], Pictures(train));
        Assert.Equal([(0, 2)], Pictures(test));
        Assert.Equal(["cat", "dog"], test.Classes);
    }

    [Fact]
    public void Without_splits_a_fifth_of_each_class_is_for_testing_and_the_seed_chooses()
    {
        using var folder = new TemporaryFolder();
        for (byte i = 0; i < 40; i++) folder.Write($"{i}.pgm", Gray(i));
        string path = Write(folder, string.Concat(Enumerable.Range(0, 40).Select(i => $"{i}.pgm,\"class \"\"{i % 2}\"\"\"\n")));
        IDataSet train = DataSets.Open(path, Split.Train), test = DataSets.Open(path, Split.Test), other = DataSets.Open(path + "@2", Split.Test);
        Assert.Equal(["class \"0\"", "class \"1\""], train.Classes);
        Assert.Equal((32, 8), (train.Count, test.Count));
        Assert.Equal(4, Pictures(test).Count(p => p.Label == 0));
        Assert.Equal(40, Pictures(train).Concat(Pictures(test)).Distinct().Count());
        Assert.NotEqual(Pictures(test), Pictures(other));
        Assert.Equal(Pictures(other), Pictures(DataSets.Open(path, Split.Test, seed: 2)));
    }

    [Theory]
    [InlineData("", "names no pictures")]
    [InlineData("1.pgm,cat\n2.pgm\n", "line 2 has 1 columns: '2.pgm'. path,label is expected")]
    [InlineData("1.pgm,cat,train\n1.pgm,cat,valid\n", "line 2: the part is 'valid'; train or test is expected")]
    [InlineData("1.pgm,\n", "line 1: path or label is empty")]
    [InlineData("\"1.pgm,cat\n", "line 1: a quote is not closed")]
    [InlineData("1.pgm,cat,test\n", "has no pictures for training")]
    public void A_mistake_is_said_with_its_line(string text, string expected)
    {
        using var folder = new TemporaryFolder();
        string path = Write(folder, text);
        Assert.Contains(expected, Assert.Throws<DataSetException>(() => DataSets.Open(path, Split.Train)).Message);
    }

    [Fact]
    public void A_picture_that_is_not_there_is_named_when_it_is_loaded()
    {
        using var folder = new TemporaryFolder();
        IDataSet data = DataSets.Open(Write(folder, "gone.pgm,cat,train\n"), Split.Train);
        Assert.Contains("gone.pgm", Assert.Throws<DataSetException>(() => data.Load(0)).Message);
    }

    private static string Write(TemporaryFolder folder, string text) => folder.Write("list.csv", System.Text.Encoding.UTF8.GetBytes(text));

    private static byte[] Gray(byte value) => [.. "P5 1 1 255\n"u8, value];

    private static (int Label, int Value)[] Pictures(IDataSet data) =>
        [.. Enumerable.Range(0, data.Count).Select(i => (data.Label(i), (int)data.Load(i).Pixels.Span[0]))];
}
