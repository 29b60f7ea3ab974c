namespace EdgeConv.Cli.Files;

/// <summary>Programs that are started by name.</summary>
internal static class SearchPath
{
    /// <summary>Where a tool is, or null; on Windows also one that is a script.</summary>
    /// <param name="tool">Its name, without an ending.</param>
    /// <param name="folders">The value of PATH.</param>
    public static string? Find(string tool, string? folders)
    {
        string[] names = OperatingSystem.IsWindows() ? [$"{tool}.exe", $"{tool}.cmd"] : [tool];
        return (folders ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(folder => names.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
    }
}
