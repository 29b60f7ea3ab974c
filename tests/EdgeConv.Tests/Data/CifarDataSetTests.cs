using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using EdgeConv.Converters.Data;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Tests.Data;

public sealed class CifarDataSetTests : IDisposable
{
    private const int Plane = 1024, Record = 1 + 3 * Plane;
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("cifar10")]
    [InlineData("cifar10/cifar-10-binary.tar.gz")]
    public void The_archive_opens_by_its_folder_and_by_itself(string path)
    {
        Write(Batches());
        IDataSet train = DataSets.Open(_folder.Path(path.Split('/')), Split.Train), test = DataSets.Open(_folder.Path(path.Split('/')), Split.Test);
        Assert.Equal(["airplane", "automobile", "bird"], train.Classes);
        Assert.Equal(train.Classes, test.Classes);
        Assert.Equal([0, 1, 0, 1, 0, 1, 0, 1, 0, 1], Enumerable.Range(0, train.Count).Select(train.Label));
        Assert.Equal([2], Enumerable.Range(0, test.Count).Select(test.Label));
    }

    [Fact]
    public void Batches_are_in_order_of_their_numbers_and_planes_become_pixels()
    {
        Write(Batches());
        var train = new CifarDataSet("cifar10", Archive, Split.Train);
        for (int i = 0; i < train.Count; i++)
        {
            Picture picture = train.Load(i);
            Assert.Equal((32, 32, PixelFormat.Rgb24), (picture.Width, picture.Height, picture.Format));
            foreach (int pixel in (int[])[0, 33, Plane - 1])
            {
                byte[] expected = [.. Enumerable.Range(0, 3).Select(color => Value(i / 2 + 1, i % 2, color * Plane + pixel))];
                Assert.Equal(expected, picture.Pixels.Span.Slice(3 * pixel, 3).ToArray());
            }
        }
    }

    [Theory]
    [InlineData("it has no data_batch_3.bin")]
    [InlineData("it has no batches.meta.txt")]
    [InlineData("data_batch_2.bin has 6145 bytes, which is not a number of records of 3073")]
    [InlineData("data_batch_4.bin has 0 bytes")]
    [InlineData("it has a label 3 and 3 class names")]
    public void What_is_wrong_in_it_is_said(string expected)
    {
        Dictionary<string, byte[]> files = Batches();
        if (expected.StartsWith("it has no", StringComparison.Ordinal)) files.Remove(expected.Split(' ')[^1]);
        if (expected.Contains("6145")) files["data_batch_2.bin"] = files["data_batch_2.bin"][..^1];
        if (expected.Contains("0 bytes")) files["data_batch_4.bin"] = [];
        if (expected.Contains("label")) files["data_batch_5.bin"][Record] = 3;
        Write(files);
        string message = Assert.Throws<DataSetException>(() => new CifarDataSet("cifar10", Archive, Split.Train)).Message;
        Assert.Contains(expected, message);
        Assert.Contains(Archive, message);
    }

    [Fact]
    public void Cut_or_changed_anywhere_it_never_gives_other_pictures()
    {
        Write(Batches());
        byte[] whole = File.ReadAllBytes(Archive);
        long sum = Sum(new CifarDataSet("cifar10", Archive, Split.Train));
        var random = new Random(7);
        for (int i = 0; i < 200; i++)
        {
            byte[] broken = random.Next(2) == 0 ? whole[..random.Next(whole.Length)] : [.. whole];
            if (broken.Length == whole.Length) broken[random.Next(10, broken.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(Archive, broken);
            try
            {
                Assert.Equal(sum, Sum(new CifarDataSet("cifar10", Archive, Split.Train)));
            }
            catch (DataSetException e)
            {
                Assert.Contains(Archive, e.Message);
            }
        }
    }

    public void Dispose() => _folder.Dispose();

    private string Archive => _folder.Path("cifar10", "cifar-10-binary.tar.gz");

    private static long Sum(CifarDataSet data) => Enumerable.Range(0, data.Count)
        .Sum(i => (i + 1) * (data.Label(i) + data.Load(i).Pixels.ToArray().Select((p, at) => p * (at + 1L)).Sum()));

    private static byte Value(int batch, int picture, int at) => (byte)(at * 31 + at / Plane * 7 + batch * 50 + picture * 3);

    private static byte[] Made(int batch, int picture, int label) => [(byte)label, .. Enumerable.Range(0, 3 * Plane).Select(at => Value(batch, picture, at))];

    private static Dictionary<string, byte[]> Batches()
    {
        // The order of the real archive is not that of the numbers either.
        Dictionary<string, byte[]> files = [];
        foreach (int batch in (int[])[1, 3, 2, 5, 4]) files[$"data_batch_{batch}.bin"] = [.. Made(batch, 0, 0), .. Made(batch, 1, 1)];
        files["readme.html"] = "<html>"u8.ToArray();
        files["test_batch.bin"] = Made(9, 0, 2);
        files["batches.meta.txt"] = Encoding.ASCII.GetBytes("airplane\nautomobile\nbird\n\n");
        return files;
    }

    private void Write(Dictionary<string, byte[]> files)
    {
        Directory.CreateDirectory(_folder.Path("cifar10"));
        using var packed = new GZipStream(File.Create(Archive), CompressionLevel.Fastest);
        using var archive = new TarWriter(packed, TarEntryFormat.Ustar);
        foreach ((string name, byte[] bytes) in files)
            archive.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, $"cifar-10-batches-bin/{name}") { DataStream = new MemoryStream(bytes) });
    }
}
