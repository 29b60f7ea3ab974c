namespace EdgeConv.Converters.Data;

/// <summary>Where named data sets may be on this machine.</summary>
internal static class DataSetPlaces
{
    private const string DebianFolder = "/usr/share/datasets";
    private const string OfflineVariable = "EDGECONV_OFFLINE";

    /// <summary>The user forbids the network.</summary>
    public static bool Offline => Environment.GetEnvironmentVariable(OfflineVariable) is not (null or "" or "0");

    /// <summary>A folder or a file.</summary>
    public static bool Exists(string path) => Directory.Exists(path) || File.Exists(path);

    /// <summary>The first place that has it.</summary>
    public static string? Find(KnownDataSet known) => Tried(known).FirstOrDefault(Exists);

    /// <summary>It is in none of the places.</summary>
    public static DataSetException Missing(KnownDataSet known)
    {
        string home = known.Home is null ? ""
            : Offline ? $" {OfflineVariable} is set, so it is not downloaded from {known.Home.Home}."
            : $" Its home is {known.Home.Home}.";
        return new DataSetException($"Data set {known.Name} is not on this machine.{home} {Advice(known)}");
    }

    /// <summary>Where it was looked for, and how to place it by hand.</summary>
    public static string Advice(KnownDataSet known)
    {
        string what = known.Home is null
            ? "Put it there"
            : $"Put {string.Join(", ", known.Home.Files.Select(file => file.Name))} into {Path.Combine(Downloads, known.Name)}";
        return $"Looked for {string.Join(", ", Tried(known))}. "
            + $"{what}, or set EDGECONV_DATA to the folder that holds {known.Name} or {known.Name}.zip.{known.Hint}";
    }

    /// <summary>Where downloads go.</summary>
    public static string Downloads => UserCache.Folder("datasets");

    private static IEnumerable<string> Tried(KnownDataSet known)
    {
        if (known.Bundled != null) yield return Path.Combine(AppContext.BaseDirectory, known.Bundled);
        foreach (string root in Roots())
        {
            yield return Path.Combine(root, known.Name);
            yield return Path.Combine(root, known.Name + ".zip");
        }
    }

    /// <summary>EDGECONV_DATA, the user's cache, shared/datasets beside the working directory or any folder above it, Debian's packages.</summary>
    private static IEnumerable<string> Roots()
    {
        if (Environment.GetEnvironmentVariable("EDGECONV_DATA") is { Length: > 0 } chosen) yield return chosen;
        yield return Downloads;
        for (DirectoryInfo? folder = new(Environment.CurrentDirectory); folder != null; folder = folder.Parent)
        {
            string shared = Path.Combine(folder.FullName, "shared", "datasets");
            if (Directory.Exists(shared)) yield return shared;
        }
        if (OperatingSystem.IsLinux()) yield return DebianFolder;
    }
}
