namespace EdgeConv.Converters.Data;

/// <summary>What this project keeps for the user between runs and can get again: ~/.cache/edgeconv, or what XDG_CACHE_HOME or Windows has for it.</summary>
public static class UserCache
{
    /// <summary>The folder of one kind of things; it may not be there yet.</summary>
    /// <param name="name">datasets, features.</param>
    public static string Folder(string name)
    {
        if (OperatingSystem.IsWindows())
            return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "EdgeConv", name);
        string cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } chosen
            ? chosen
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        return Path.Combine(cache, "edgeconv", name);
    }
}
