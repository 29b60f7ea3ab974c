using System.Globalization;

namespace EdgeConv.Converters.Data;

/// <summary>Finds data sets by name or path.</summary>
public static class DataSets
{
    private const string DebianFolder = "/usr/share/datasets";

    private sealed record Known(string Name, string? Bundled = null, IReadOnlyList<string>? Classes = null)
    {
        public (string Images, string Labels)? TrainHashes { get; init; }

        public (string Images, string Labels)? TestHashes { get; init; }

        public string Hint { get; init; } = "";
    }

    private static readonly Known[] _known =
    [
        new("mnist", Bundled: Path.Combine("data", "mnist"))
        {
            TrainHashes = ("ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
                "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
            TestHashes = ("0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
                "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
        },
        new("fashion-mnist", Classes:
            ["t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"])
        {
            Hint = " On Debian and Ubuntu, `apt install dataset-fashion-mnist` brings it.",
        },
        new("cifar10"),
        new("sign-digits"),
    ];

    /// <summary>Names that <see cref="Open"/> knows; anything else is a path.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. _known.Select(known => known.Name)];

    /// <summary>
    /// Opens one of <see cref="Names"/>, a folder or zip with one folder a class, a .csv of paths and labels, or a folder in MNIST's format.
    /// </summary>
    /// <param name="nameOrPath">
    /// A name wins over a folder of the same name; write ./mnist for that. With @3 behind it the seed is 3: sign-digits@3.
    /// </param>
    /// <param name="split">Which part.</param>
    /// <param name="seed">Chooses the test pictures of a folder without train/ and test/.</param>
    /// <exception cref="DataSetException">Nothing usable there; the message says what was looked for, where, and what to do.</exception>
    public static IDataSet Open(string nameOrPath, Split split, int seed = 1)
    {
        if (!Exists(nameOrPath) && Seeded(nameOrPath) is var (path, chosen)) (nameOrPath, seed) = (path, chosen);
        Known? known = _known.FirstOrDefault(known => known.Name.Equals(nameOrPath, StringComparison.OrdinalIgnoreCase));
        if (known != null) return OpenAt(known, Locate(known), split, seed);
        if (Exists(nameOrPath)) return OpenAt(new Known(nameOrPath), nameOrPath, split, seed);
        throw new DataSetException(
            $"There is no data set '{nameOrPath}': it is none of the names {string.Join(", ", Names)}, " +
            $"and there is no folder or zip {Path.GetFullPath(nameOrPath)}. Give one of the names, or a folder with one folder a class.");
    }

    private static bool Exists(string path) => Directory.Exists(path) || File.Exists(path);

    // NAME@3: another choice of test pictures, wherever a data set can be named.
    private static (string Path, int Seed)? Seeded(string nameOrPath) =>
        nameOrPath.LastIndexOf('@') is > 0 and var at
            && int.TryParse(nameOrPath.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int seed)
            ? (nameOrPath[..at], seed)
            : null;

    private static IDataSet OpenAt(Known known, string path, Split split, int seed)
    {
        if (path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) && File.Exists(path)) return new CsvDataSet(path, split, seed);
        return Directory.Exists(path) && IdxDataSet.IsIn(path)
            ? new IdxDataSet(known.Name, path, split, known.Classes, split == Split.Train ? known.TrainHashes : known.TestHashes)
            : new PictureFolderDataSet(path, split, seed);
    }

    private static string Locate(Known known)
    {
        List<string> tried = [];
        if (known.Bundled != null) tried.Add(Path.Combine(AppContext.BaseDirectory, known.Bundled));
        foreach (string root in Roots())
        {
            tried.Add(Path.Combine(root, known.Name));
            tried.Add(Path.Combine(root, known.Name + ".zip"));
        }
        return tried.FirstOrDefault(Exists) ?? throw new DataSetException(
            $"Data set {known.Name} is not on this machine. Looked for {string.Join(", ", tried)}. " +
            $"Put it there, or set EDGECONV_DATA to the folder that holds {known.Name} or {known.Name}.zip." + known.Hint);
    }

    /// <summary>EDGECONV_DATA, the user's cache, shared/datasets beside the working directory or any folder above it, Debian's packages.</summary>
    private static IEnumerable<string> Roots()
    {
        if (Environment.GetEnvironmentVariable("EDGECONV_DATA") is { Length: > 0 } chosen) yield return chosen;
        yield return UserCache();
        for (DirectoryInfo? folder = new(Environment.CurrentDirectory); folder != null; folder = folder.Parent)
        {
            string shared = Path.Combine(folder.FullName, "shared", "datasets");
            if (Directory.Exists(shared)) yield return shared;
        }
        if (OperatingSystem.IsLinux()) yield return DebianFolder;
    }

    private static string UserCache()
    {
        if (OperatingSystem.IsWindows())
            return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "EdgeConv", "datasets");
        string cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } chosen
            ? chosen
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        return Path.Combine(cache, "edgeconv", "datasets");
    }
}
