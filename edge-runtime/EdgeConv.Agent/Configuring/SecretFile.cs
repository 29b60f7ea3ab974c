namespace EdgeConv.Agent.Configuring;

/// <summary>A file whose text is a secret.</summary>
internal static class SecretFile
{
    private const UnixFileMode OfOthers = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute | UnixFileMode.GroupWrite;
    private const int MostBytes = 1 << 16;

    /// <summary>Where it is: systemd's LoadCredential= hands a service copies of files that its account may not read.</summary>
    public static string Find(string path) =>
        Environment.GetEnvironmentVariable("CREDENTIALS_DIRECTORY") is { Length: > 0 } folder && Path.Combine(folder, Path.GetFileName(path)) is var given && File.Exists(given)
            ? given : path;

    /// <summary>What is wrong with a file that others may read or write; null where they may not.</summary>
    /// <exception cref="IOException">It is not there.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be looked at.</exception>
    public static string? Objection(string file, string path) => !OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & OfOthers) != 0
        ? $"{path} may be read or written by others; chmod 600 it, or 640 for a group of its own." : null;

    /// <summary>Reads the one that a key names, without the line's end; null, and a mistake, where it cannot be read or others could too.</summary>
    public static string? Read(TomlTable table, string key, Paths paths)
    {
        if (paths.Of(table.Text(key)) is not { } path || !paths.LooksAtFiles)
        {
            return null;
        }

        try
        {
            string file = Find(path);
            if (Objection(file, path) is { } objection)
            {
                table.Mistake(key, objection);
                return null;
            }

            string text = new FileInfo(file).Length <= MostBytes ? File.ReadAllText(file).TrimEnd('\r', '\n') : "";
            if (string.IsNullOrWhiteSpace(text))
            {
                table.Mistake(key, $"{path} is empty, or no file of a few words.");
                return null;
            }

            return text;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            table.Mistake(key, error.Message);
            return null;
        }
    }
}
