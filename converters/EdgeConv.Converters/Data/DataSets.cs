using System.Globalization;

namespace EdgeConv.Converters.Data;

/// <summary>Finds data sets by name or path.</summary>
public static class DataSets
{
    /// <summary>Names that <see cref="Open"/> knows; anything else is a path.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. KnownDataSet.All.Select(known => known.Name)];

    /// <summary>
    /// Opens one of <see cref="Names"/>, a folder or zip with one folder a class, a .csv of paths and labels, a folder in MNIST's format,
    /// or the archive of CIFAR-10. Never goes to the network: see <see cref="ToDownload"/>.
    /// </summary>
    /// <param name="nameOrPath">
    /// A name wins over a folder of the same name; write ./mnist for that. With @3 behind it the seed is 3: sign-digits@3.
    /// </param>
    /// <param name="split">Which part.</param>
    /// <param name="seed">Chooses the test pictures of a folder without train/ and test/.</param>
    /// <exception cref="DataSetException">Nothing usable there; the message says what was looked for, where, and what to do.</exception>
    public static IDataSet Open(string nameOrPath, Split split, int seed = 1)
    {
        (nameOrPath, seed) = WithoutSeed(nameOrPath, seed);
        if (Known(nameOrPath) is { } known)
            return OpenAt(known, DataSetPlaces.Find(known) ?? throw DataSetPlaces.Missing(known), split, seed);
        if (DataSetPlaces.Exists(nameOrPath)) return OpenAt(new KnownDataSet(nameOrPath), nameOrPath, split, seed);
        throw new DataSetException(
            $"There is no data set '{nameOrPath}': it is none of the names {string.Join(", ", Names)}, " +
            $"and there is no folder, zip or .csv {Path.GetFullPath(nameOrPath)}. Give one of the names, or a folder with one folder a class.");
    }

    /// <summary>
    /// What <see cref="Open"/> would miss and the network has. Null when there is nothing to do: the data set is here, it is a path,
    /// it has no home to be downloaded from, or EDGECONV_OFFLINE=1 forbids it.
    /// </summary>
    /// <param name="nameOrPath">As for <see cref="Open"/>.</param>
    public static DataSetDownload? ToDownload(string nameOrPath) =>
        Known(WithoutSeed(nameOrPath, 1).Path) is { Home: not null } known && !DataSetPlaces.Offline && DataSetPlaces.Find(known) == null
            ? new DataSetDownload(known, DataSetPlaces.Downloads)
            : null;

    private static KnownDataSet? Known(string name) =>
        KnownDataSet.All.FirstOrDefault(known => known.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    // NAME@3: another choice of test pictures, wherever a data set can be named.
    private static (string Path, int Seed) WithoutSeed(string nameOrPath, int seed) =>
        !DataSetPlaces.Exists(nameOrPath) && nameOrPath.LastIndexOf('@') is > 0 and var at
            && int.TryParse(nameOrPath.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int chosen)
            ? (nameOrPath[..at], chosen)
            : (nameOrPath, seed);

    private static IDataSet OpenAt(KnownDataSet known, string path, Split split, int seed)
    {
        if (path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) && File.Exists(path)) return new CsvDataSet(path, split, seed);
        if (CifarDataSet.Archive(path) is { } archive) return new CifarDataSet(known.Name, archive, split);
        return Directory.Exists(path) && IdxDataSet.IsIn(path)
            ? new IdxDataSet(known.Name, path, split, known.Classes, split == Split.Train ? known.TrainHashes : known.TestHashes)
            : new PictureFolderDataSet(path, split, seed);
    }
}
