using System.IO.Compression;
using System.Security.Cryptography;
using EdgeConv.Converters.Data;

namespace EdgeConv.Tests.Data;

/// <summary>Downloads from a server on this machine; no test needs the internet.</summary>
public sealed class DataSetDownloadTests : IDisposable
{
    private const int Length = 10000;
    private readonly LocalServer _server = new();
    private readonly TemporaryFolder _folder = new();
    private readonly byte[] _plain = Bytes(1), _content = Bytes(2);

    public DataSetDownloadTests()
    {
        _server.Files["a.bin"] = _plain;
        _server.Files["b.gz"] = Gzip(_content);
    }

    [Fact]
    public void Both_kinds_of_files_arrive_in_a_folder_that_was_not_there_before()
    {
        long last = 0, all = 0;
        DataSetDownload download = Download();
        download.Run((_, done, total) =>
        {
            Assert.False(Directory.Exists(Target));
            Assert.True(done >= last, $"{done} bytes after {last}");
            (last, all) = (done, total);
        }, Cancel);
        AssertHere();
        Assert.Equal(Length + _server.Files["b.gz"].Length, all);
        Assert.Equal(all, last);
        Assert.Contains($"{_server.Address}", download.Notice);
        Assert.Contains($"{_folder.Path("made-up")}", download.Notice);
    }

    [Theory]
    [InlineData("a.bin", Length)]
    [InlineData("a.bin", 3 * Length)]
    [InlineData("b.gz", Length)]
    public void Another_hash_is_said_and_nothing_of_the_file_stays(string name, int length)
    {
        byte[] wrong = new byte[length];
        byte[] right = _server.Files[name];
        DataSetDownload download = Download();
        _server.Files[name] = name == "b.gz" ? Gzip(wrong) : wrong;
        string message = Assert.Throws<DataSetException>(() => download.Run(Quiet, Cancel)).Message;
        if (length == Length) Assert.Contains($"SHA-256 is {Hash(wrong)}, expected {Hash(name == "b.gz" ? _content : _plain)}", message);
        Assert.False(Directory.Exists(Target));
        Assert.DoesNotContain(Directory.GetFiles(_folder.Root, "*", SearchOption.AllDirectories), file => file.Contains(name));

        _server.Files[name] = right;
        download.Run(Quiet, Cancel);
        AssertHere();
    }

    [Fact]
    public void A_page_in_the_files_place_is_no_gzip_file()
    {
        _server.Files["b.gz"] = "<html>Log in</html>"u8.ToArray();
        Assert.Contains("no gzip file", Fails());
    }

    [Fact]
    public void Where_the_line_breaks_off_the_same_run_goes_on()
    {
        _server.BreaksOff = 2;
        Download().Run(Quiet, Cancel);
        AssertHere();
        Assert.Equal(["a.bin", "a.bin@5000", "a.bin@7500", "b.gz"], _server.Requests);
    }

    [Fact]
    public void A_line_that_breaks_off_for_ever_is_given_up_and_the_next_run_goes_on()
    {
        _server.BreaksOff = int.MaxValue;
        Assert.Contains("What has come is kept", Fails());
        Assert.Equal(5, _server.Requests.Count);
        _server.BreaksOff = 0;
        Download().Run(Quiet, Cancel);
        AssertHere();
        Assert.Equal($"a.bin@{Length - Length / 32 - 1}", _server.Requests[5]);
    }

    [Fact]
    public void A_server_without_ranges_sends_it_again_from_the_start()
    {
        (_server.BreaksOff, _server.KnowsRanges) = (1, false);
        Download().Run(Quiet, Cancel);
        AssertHere();
    }

    [Fact]
    public void What_Ctrl_C_leaves_is_where_the_next_run_goes_on()
    {
        using var stop = new CancellationTokenSource();
        _server.HoldsAt = 4000;
        Assert.ThrowsAny<OperationCanceledException>(() => Download().Run((_, done, _) =>
        {
            if (done >= 3000) stop.Cancel();
        }, stop.Token));
        Assert.Equal(["a.bin.part"], Directory.GetFiles(_folder.Path("made-up.download")).Select(Path.GetFileName));
        long here = new FileInfo(_folder.Path("made-up.download", "a.bin.part")).Length;
        Assert.InRange(here, 3000, 4000);

        _server.HoldsAt = int.MaxValue;
        Download().Run(Quiet, Cancel);
        AssertHere();
        Assert.Equal(["a.bin", $"a.bin@{here}", "b.gz"], _server.Requests);
    }

    [Fact]
    public void What_a_kill_left_whole_is_not_fetched_again()
    {
        _folder.Write("made-up.download/a.bin.part", _plain);
        _folder.Write("made-up.download/b.gz", _server.Files["b.gz"]);
        Download().Run(Quiet, Cancel);
        AssertHere();
        Assert.Equal([$"a.bin@{Length}"], _server.Requests);
    }

    [Fact]
    public void A_file_that_is_gone_from_its_home_is_said_with_the_way_to_place_it()
    {
        DataSetDownload download = Download();
        _server.Files.Remove("a.bin");
        string message = Assert.Throws<DataSetException>(() => download.Run(Quiet, Cancel)).Message;
        Assert.Contains($"cannot be downloaded from {_server.Address}: the server answers 404 Not Found for a.bin", message);
        Assert.Contains("Put a.bin, b.gz into ", message);
        Assert.Contains("EDGECONV_DATA", message);
        Assert.DoesNotContain("is kept", message);
    }

    [Fact]
    public void No_server_is_said()
    {
        DataSetDownload download = Download();
        _server.Dispose();
        string message = Assert.Throws<DataSetException>(() => download.Run(Quiet, Cancel)).Message;
        Assert.Contains($"cannot be downloaded from {_server.Address}: ", message);
        Assert.Contains($"{_server.Address.Authority}", message);
    }

    [Fact]
    public void A_server_that_says_nothing_is_given_up()
    {
        _server.Silent = true;
        Assert.Contains("the server said nothing for 0.3 s", Fails(TimeSpan.FromSeconds(0.3)));
    }

    [Fact]
    public void A_cache_that_cannot_be_written_is_said()
    {
        string file = _folder.Write("file", [1]);
        DataSetDownload download = Download(Path.Combine(file, "cache"));
        Assert.Contains(file, Assert.Throws<DataSetException>(() => download.Run(Quiet, Cancel)).Message);
    }

    [Fact]
    public async Task Of_two_at_once_one_downloads_and_the_other_waits()
    {
        // The one that downloads is not done before the other waits.
        _server.HoldsAt = 1000;
        await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() => Download().Run(Show, Cancel), Cancel)));
        AssertHere();
        Assert.Equal(["a.bin", "b.gz"], _server.Requests);
        Assert.Equal(int.MaxValue, _server.HoldsAt);

        void Show(string title, long done, long total)
        {
            if (title.StartsWith("Waiting", StringComparison.Ordinal)) _server.HoldsAt = int.MaxValue;
        }
    }

    [Fact]
    public void What_the_known_data_sets_expect_is_well_formed()
    {
        Assert.Equal(["fashion-mnist", "cifar10"], KnownDataSet.All.Where(known => known.Home != null).Select(known => known.Name));
        foreach (DataSetHome home in KnownDataSet.All.Select(known => known.Home).OfType<DataSetHome>())
        {
            Assert.Equal("https", home.Home.Scheme);
            Assert.EndsWith("/", home.Home.AbsolutePath);
            Assert.All(home.Files, file => Assert.Matches("^[0-9a-f]{64}$", file.Sha256));
        }
    }

    public void Dispose()
    {
        _server.Dispose();
        _folder.Dispose();
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Target => _folder.Path("made-up");

    private void AssertHere()
    {
        Assert.Equal(["a.bin", "b.gz"], Directory.GetFiles(Target).Select(Path.GetFileName).Order());
        Assert.Equal(_plain, File.ReadAllBytes(_folder.Path("made-up", "a.bin")));
        Assert.Equal(_server.Files["b.gz"], File.ReadAllBytes(_folder.Path("made-up", "b.gz")));
        Assert.False(Directory.Exists(_folder.Path("made-up.download")));
    }

    private string Fails(TimeSpan? patience = null) =>
        Assert.Throws<DataSetException>(() => Download(patience: patience).Run(Quiet, Cancel)).Message;

    private DataSetDownload Download(string? cache = null, TimeSpan? patience = null) => new(
        new KnownDataSet("made-up")
        {
            Home = new(_server.Address,
            [
                new("a.bin", Length, Hash(_plain)),
                new("b.gz", _server.Files["b.gz"].Length, Hash(_content), HashIsOfContent: true),
            ]),
        },
        cache ?? _folder.Root)
    {
        Patience = patience ?? TimeSpan.FromSeconds(30),
        Pause = TimeSpan.Zero,
    };

    private static void Quiet(string title, long done, long total)
    {
    }

    private static byte[] Bytes(int seed)
    {
        byte[] bytes = new byte[Length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static byte[] Gzip(byte[] content)
    {
        using var memory = new MemoryStream();
        using (var packed = new GZipStream(memory, CompressionLevel.Fastest)) packed.Write(content);
        return memory.ToArray();
    }

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
