namespace EdgeConv.Converters.Data;

/// <summary>A file at a data set's home.</summary>
/// <param name="Name">Relative to the home, and the name it gets here.</param>
/// <param name="Bytes">Its size there.</param>
/// <param name="Sha256">Lower case; of the bytes as they come, or of what is packed in them.</param>
/// <param name="HashIsOfContent">The hash is that of the unpacked gzip file: packed again, its bytes may differ and its content may not.</param>
internal sealed record RemoteFile(string Name, long Bytes, string Sha256, bool HashIsOfContent = false);

/// <summary>Where a data set's authors publish it.</summary>
/// <param name="Home">Ends in a slash.</param>
/// <param name="Files">All of them are needed.</param>
internal sealed record DataSetHome(Uri Home, IReadOnlyList<RemoteFile> Files)
{
    /// <summary>Of all files.</summary>
    public long Bytes => Files.Sum(file => file.Bytes);
}

/// <summary>A data set that has a name of its own.</summary>
internal sealed record KnownDataSet(string Name)
{
    private static readonly (string Images, string Labels)
        _mnistTrain = ("ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
        _mnistTest = ("0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
        _fashionTrain = ("c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
            "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"),
        _fashionTest = ("5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
            "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34");

    /// <summary>All of them.</summary>
    public static IReadOnlyList<KnownDataSet> All { get; } =
    [
        new("mnist") { Bundled = Path.Combine("data", "mnist"), TrainHashes = _mnistTrain, TestHashes = _mnistTest },
        new("fashion-mnist")
        {
            Classes = ["t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"],
            TrainHashes = _fashionTrain,
            TestHashes = _fashionTest,
            Home = new(new("https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/"),
            [
                new("train-images-idx3-ubyte.gz", 26421880, _fashionTrain.Images, HashIsOfContent: true),
                new("train-labels-idx1-ubyte.gz", 29515, _fashionTrain.Labels, HashIsOfContent: true),
                new("t10k-images-idx3-ubyte.gz", 4422102, _fashionTest.Images, HashIsOfContent: true),
                new("t10k-labels-idx1-ubyte.gz", 5148, _fashionTest.Labels, HashIsOfContent: true),
            ]),
            Hint = " On Debian and Ubuntu, `apt install dataset-fashion-mnist` brings it.",
        },
        new("cifar10")
        {
            Home = new(new("https://www.cs.toronto.edu/~kriz/"),
                [new(CifarDataSet.ArchiveName, 170052171, "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd")]),
        },
        new("sign-digits")
        {
            Hint = " Its home is https://github.com/ardamavi/Sign-Language-Digits-Dataset, which publishes no archive with a fixed hash: "
                + "download the repository and put its folder Dataset (0 to 9 in it) there under the name sign-digits.",
        },
    ];

    /// <summary>Folder beside the program, for one that comes with it.</summary>
    public string? Bundled { get; init; }

    /// <summary>Class names where the files have only numbers.</summary>
    public IReadOnlyList<string>? Classes { get; init; }

    /// <summary>SHA-256 of the unpacked idx files.</summary>
    public (string Images, string Labels)? TrainHashes { get; init; }

    /// <summary>SHA-256 of the unpacked idx files.</summary>
    public (string Images, string Labels)? TestHashes { get; init; }

    /// <summary>Where it can be downloaded; null where it cannot.</summary>
    public DataSetHome? Home { get; init; }

    /// <summary>One more sentence for who has not got it, with a space before it.</summary>
    public string Hint { get; init; } = "";
}
