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

    /// <summary>Reads it, without the line's end; null, and a mistake, where it cannot be read or others could too.</summary>
    public static string? Read(TomlTable table, string key, string? path)
    {
        if (path is null)
        {
            return null;
        }

        try
        {
            string file = Find(path);
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & OfOthers) != 0)
            {
                table.Mistake(key, $"{path} may be read or written by others; chmod 600 it, or 640 for a group of its own.");
                return null;
            }

            string text = new FileInfo(file).Length <= MostBytes ? File.ReadAllText(file).Trim() : "";
            if (text.Length == 0)
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
