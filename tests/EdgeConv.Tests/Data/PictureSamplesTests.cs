using EdgeConv.Converters.Data;
using EdgeConv.Runtime.Preprocessing;
using EdgeConv.Tests.Trainer;

namespace EdgeConv.Tests.Data;

public sealed class PictureSamplesTests
{
    [Fact]
    public void Pictures_that_do_not_decode_are_left_out_counted_and_named()
    {
        using var folder = new TemporaryFolder();
        new TinyDigits(0, 20).WriteTo(folder, "train");
        new TinyDigits(20, 2).WriteTo(folder, "test");
        string first = Directory.GetFiles(folder.Path("train"), "*.pgm", SearchOption.AllDirectories).Order().First();
        File.WriteAllBytes(first, [1, 2, 3]);
        using PictureSamples samples = PictureSamples.Load(DataSets.Open(folder.Root, Split.Train), Some.Picture.Layout);
        Assert.Equal(19, samples.Count);
        Assert.Contains(Path.GetFileName(first), Assert.Single(samples.Skipped));

        foreach (string file in Directory.GetFiles(folder.Path("train"), "*.pgm", SearchOption.AllDirectories)) File.WriteAllBytes(file, []);
        var error = Assert.Throws<DataSetException>(() => PictureSamples.Load(DataSets.Open(folder.Root, Split.Train), Some.Picture.Layout));
        Assert.Contains("none of 20 pictures decodes", error.Message);
    }

    [Fact]
    public void Many_pictures_go_to_a_file_and_are_the_same_there()
    {
        var data = new TinyDigits(0, 300);
        using PictureSamples inMemory = PictureSamples.Load(data, Some.Picture.Layout);
        using PictureSamples inFile = PictureSamples.Load(data, Some.Picture.Layout, memory: 1000);
        (PictureSamples remaining, PictureSamples chosen) = inFile.Split(50, 3);
        (PictureSamples remainingInMemory, PictureSamples chosenInMemory) = inMemory.Split(50, 3);
        for (int i = 0; i < 300; i++) Assert.Equal(inMemory.Pixels(i), inFile.Pixels(i));
        for (int i = 0; i < 50; i++) Assert.Equal(chosenInMemory.Pixels(i), chosen.Pixels(i));
        Assert.Equal(inMemory.Statistics().Mean, inFile.Statistics().Mean);
        Assert.Equal(remainingInMemory.Label(249), remaining.Label(249));
    }

    [Fact]
    public void A_small_split_takes_from_each_class_its_share()
    {
        using PictureSamples samples = PictureSamples.Load(new Unbalanced(90, 30, 12), new PictureLayout(1, 1, ColorOrder.Gray));
        for (ulong seed = 0; seed < 20; seed++)
        {
            (PictureSamples remaining, PictureSamples chosen) = samples.Split(22, seed);
            Assert.Equal((110, 22), (remaining.Count, chosen.Count));
            int[] counts = chosen.ClassCounts(3);
            Assert.InRange(counts[0], 14, 16);
            Assert.InRange(counts[1], 4, 6);
            Assert.InRange(counts[2], 1, 3);
        }
        Assert.NotEqual(Values(samples.Split(22, 1).Chosen), Values(samples.Split(22, 2).Chosen));
        Assert.Equal(132, Values(samples.Split(22, 1).Chosen).Concat(Values(samples.Split(22, 1).Remaining)).Distinct().Count());
    }

    private static int[] Values(PictureSamples samples) => [.. Enumerable.Range(0, samples.Count).Select(i => (int)samples.Pixels(i)[0])];

    private sealed class Unbalanced(params int[] counts) : IDataSet
    {
        private readonly int[] _labels = [.. counts.SelectMany((n, label) => Enumerable.Repeat(label, n))];

        public string Name => "unbalanced";

        public IReadOnlyList<string> Classes => [.. counts.Select((_, i) => $"{i}")];

        public int Count => _labels.Length;

        public int Label(int index) => _labels[index];

        public Picture Load(int index) => new(new byte[] { (byte)index }, 1, 1, PixelFormat.Gray8);
    }
}
