using System.IO.Compression;
using EdgeConv.Converters.Data;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Tests.Data;

public sealed class DataSetTests
{
    [Theory]
    [InlineData(Split.Train, 60000, new[] { 5, 0, 4, 1, 9, 2, 1, 3, 1, 4 })]
    [InlineData(Split.Test, 10000, new[] { 7, 2, 1, 0, 4, 1, 4, 9, 5, 9 })]
    public void Mnist_is_bundled(Split split, int count, int[] labels)
    {
        IDataSet data = DataSets.Open("mnist", split);
        Assert.Equal(count, data.Count);
        Assert.Equal(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"], data.Classes);
        Assert.Equal(labels, Enumerable.Range(0, 10).Select(data.Label));
        Picture picture = data.Load(count - 1);
        Assert.Equal((28, 28, PixelFormat.Gray8, 784), (picture.Width, picture.Height, picture.Format, picture.Pixels.Length));
    }

    [Fact]
    public void An_unknown_name_is_answered_with_the_known_ones()
    {
        var error = Assert.Throws<DataSetException>(() => DataSets.Open("mnits", Split.Train));
        Assert.Contains("'mnits'", error.Message);
        foreach (string name in DataSets.Names) Assert.Contains(name, error.Message);
    }

    [Fact]
    public void An_empty_folder_says_what_is_expected_in_it()
    {
        using var folder = new TemporaryFolder();
        var error = Assert.Throws<DataSetException>(() => DataSets.Open(folder.Root, Split.Train));
        Assert.Contains(folder.Root, error.Message);
        Assert.Contains("One folder a class", error.Message);
    }

    [Fact]
    public void Pictures_without_a_folder_a_class_are_an_error()
    {
        using var folder = new TemporaryFolder();
        folder.Write("a.pgm", Gray(1));
        Assert.Contains("no folder a class", Assert.Throws<DataSetException>(() => DataSets.Open(folder.Root, Split.Train)).Message);
    }

    [Fact]
    public void Without_train_and_test_a_fifth_of_each_class_is_for_testing()
    {
        using var folder = new TemporaryFolder();
        for (int i = 0; i < 20; i++) folder.Write($"cat/{i:D2}.pgm", Gray((byte)i));
        for (int i = 0; i < 10; i++) folder.Write($"dog/{i:D2}.pgm", Gray((byte)(100 + i)));
        IDataSet train = DataSets.Open(folder.Root, Split.Train), test = DataSets.Open(folder.Root, Split.Test);

        Assert.Equal(["cat", "dog"], train.Classes);
        Assert.Equal((16, 8), (Labels(train).Count(l => l == 0), Labels(train).Count(l => l == 1)));
        Assert.Equal((4, 2), (Labels(test).Count(l => l == 0), Labels(test).Count(l => l == 1)));
        Assert.Equal(30, Values(train).Concat(Values(test)).Distinct().Count());
        Assert.Equal(Values(test), Values(DataSets.Open(folder.Root, Split.Test)));
        Assert.NotEqual(Values(test), Values(DataSets.Open(folder.Root, Split.Test, seed: 2)));
    }

    [Fact]
    public void Train_and_test_folders_are_the_splits()
    {
        using var folder = new TemporaryFolder();
        folder.Write("train/a/1.pgm", Gray(1));
        folder.Write("train/b/2.pgm", Gray(2));
        folder.Write("test/b/3.pgm", Gray(3));
        Assert.Equal([1, 2], Values(DataSets.Open(folder.Root, Split.Train)));
        IDataSet test = DataSets.Open(folder.Root, Split.Test);
        Assert.Equal([3], Values(test));
        Assert.Equal(["a", "b"], test.Classes);
        Assert.Equal(1, test.Label(0));
    }

    [Fact]
    public void A_zip_with_a_folder_around_everything_is_a_data_set()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Path("pictures.zip");
        using (var archive = ZipFile.Open(path, ZipArchiveMode.Create))
        {
            Add(archive, "signs/LICENSE", [1]);
            Add(archive, "signs/__MACOSX/0.pgm", [1]);
            for (byte i = 0; i < 10; i++) Add(archive, $"signs/{i % 2}/{i}.pgm", Gray(i));
        }
        IDataSet data = DataSets.Open(path, Split.Train);
        Assert.Equal(["0", "1"], data.Classes);
        Assert.Equal(8, data.Count);
        Assert.All(Enumerable.Range(0, 8), i => Assert.Equal(data.Label(i), Values(data)[i] % 2));
    }

    [Fact]
    public void Archives_with_names_that_lead_out_and_pictures_that_grow_or_are_links_write_nothing_and_are_named()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Path("pictures.zip");
        using (var archive = ZipFile.Open(path, ZipArchiveMode.Create))
        {
            foreach (string part in new[] { "train", "test" })
            {
                for (byte i = 0; i < 2; i++) Add(archive, $"{part}/{i}/good.pgm", Gray(i));
            }
            Add(archive, "test/0/../../../owned.pgm", Gray(9));
            Add(archive, "test/1/bomb.pgm", Gray(9));
            Add(archive, "test/1/short.pgm", Gray(9));
            ZipArchiveEntry link = archive.CreateEntry("test/1/link.pgm");
            link.ExternalAttributes = 0xA1FF << 16;
            using Stream stream = link.Open();
            stream.Write("/etc/passwd"u8);
        }
        byte[] bytes = File.ReadAllBytes(path);
        Announce("test/1/bomb.pgm", int.MaxValue);
        Announce("test/1/short.pgm", 10_000);
        File.WriteAllBytes(path, bytes);

        IDataSet data = DataSets.Open(path, Split.Test);
        string[] said = [.. Enumerable.Range(0, data.Count).Select(i => data.TryLoad(i, out _, out string? why) ? "" : why)];
        Assert.True(said.Length == 5 && said.Count(why => why == "") == 2, string.Join('\n', said));
        foreach (string words in new[] { "bomb.pgm in " + path + " cannot be unpacked: it unpacks to 2147483647 bytes", "short.pgm in " + path + " cannot be unpacked", "link.pgm in " + path + " does not decode" })
        {
            Assert.Contains(said, why => why.Contains(words, StringComparison.Ordinal));
        }

        Assert.Equal([path], Directory.GetFileSystemEntries(folder.Root));
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(folder.Root)!, "owned.pgm"));

        // In the list at its end, which says how much an entry unpacks to 22 bytes before its name.
        void Announce(string name, int length) => BitConverter.TryWriteBytes(bytes.AsSpan(bytes.AsSpan().LastIndexOf(System.Text.Encoding.ASCII.GetBytes(name)) - 22), length);
    }

    [Fact]
    public void A_file_that_is_no_zip_is_said()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("notes.txt", [1, 2, 3]);
        Assert.Contains("not a readable zip", Assert.Throws<DataSetException>(() => DataSets.Open(path, Split.Train)).Message);
    }

    [Fact]
    public void A_picture_that_does_not_decode_is_named_when_it_is_loaded()
    {
        using var folder = new TemporaryFolder();
        folder.Write("train/a/bad.png", [1, 2, 3]);
        folder.Write("test/a/good.pgm", Gray(1));
        IDataSet data = DataSets.Open(folder.Root, Split.Train);
        Assert.Contains("a/bad.png", Assert.Throws<DataSetException>(() => data.Load(0)).Message);
    }

    [Fact]
    public void Damaged_idx_files_are_said()
    {
        using var folder = new TemporaryFolder();
        folder.Write("t10k-images-idx3-ubyte", [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 7, 9]);
        Assert.Contains("t10k-labels-idx1-ubyte", Assert.Throws<DataSetException>(() => DataSets.Open(folder.Root, Split.Test)).Message);

        folder.Write("t10k-labels-idx1-ubyte", [0, 0, 8, 1, 0, 0, 0, 2, 1, 0]);
        Assert.Equal([7, 9], Values(DataSets.Open(folder.Root, Split.Test)));
        var wrong = Assert.Throws<DataSetException>(() => new IdxDataSet("x", folder.Root, Split.Test, hashes: ("00", "00")));
        Assert.Contains("expected 00", wrong.Message);

        folder.Write("t10k-images-idx3-ubyte", [0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0, 1, 7, 9]);
        Assert.Contains("3 pictures", Assert.Throws<DataSetException>(() => DataSets.Open(folder.Root, Split.Test)).Message);
        folder.Write("t10k-images-idx3-ubyte", [9]);
        Assert.Contains("1 bytes", Assert.Throws<DataSetException>(() => DataSets.Open(folder.Root, Split.Test)).Message);
    }

    [Fact]
    public void The_random_sequence_never_changes()
    {
        var random = new SplitMix64(1234567);
        Assert.Equal([6457827717110365317UL, 3203168211198807973UL, 9817491932198370423UL], [random.Next(), random.Next(), random.Next()]);
        int[] items = [0, 1, 2, 3, 4, 5, 6, 7];
        SplitMix64.For(1, 2, 3).Shuffle<int>(items);
        Assert.Equal(Enumerable.Range(0, 8), items.Order());
    }

    private static byte[] Gray(byte value) => [.. "P5 1 1 255\n"u8, value];

    private static int[] Labels(IDataSet data) => [.. Enumerable.Range(0, data.Count).Select(data.Label)];

    private static int[] Values(IDataSet data) => [.. Enumerable.Range(0, data.Count).Select(i => (int)data.Load(i).Pixels.Span[0])];

    private static void Add(ZipArchive archive, string name, byte[] bytes)
    {
        using Stream stream = archive.CreateEntry(name).Open();
        stream.Write(bytes);
    }
}
