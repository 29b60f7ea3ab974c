namespace EdgeConv.Converters;

/// <summary>Writes files so that nobody ever sees half of one.</summary>
public static class AtomicFile
{
    private const int Piece = 1 << 22;

    /// <summary>Writes beside the target, then renames over it. When anything fails, the target is as it was.</summary>
    /// <exception cref="IOException">The folder is missing or full.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder or the file may not be written.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        string full = Path.GetFullPath(path);
        if (IsDevice(full))
        {
            using FileStream device = new(full, FileMode.Open, FileAccess.Write);
            write(device);
            return;
        }

        RemoveLeftovers(full);
        string temporary = Path.Combine(Path.GetDirectoryName(full)!, $".{Path.GetFileName(full)}.{Guid.NewGuid():N}.tmp");
        try
        {
            using (FileStream stream = new(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, full, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    // What a process that was killed left behind: nobody holds it open.
    private static void RemoveLeftovers(string path)
    {
        foreach (string file in Directory.EnumerateFiles(Path.GetDirectoryName(path)!, $".{Path.GetFileName(path)}.*.tmp"))
        {
            try
            {
                new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose();
                File.Delete(file);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Another process is writing it, or it is not ours.
            }
        }
    }

    /// <summary>Whether a path names a device, such as /dev/null or /dev/stdout: it is written to, never replaced.</summary>
    public static bool IsDevice(string path) =>
        Path.GetFullPath(path) is var full && full.StartsWith("/dev/", StringComparison.Ordinal) && !full.StartsWith("/dev/shm/", StringComparison.Ordinal);

    /// <summary>Writes all bytes.</summary>
    /// <param name="path">The file.</param>
    /// <param name="bytes">All of it.</param>
    /// <param name="progress">Told how many bytes are written.</param>
    public static void Write(string path, ReadOnlyMemory<byte> bytes, Action<long>? progress = null) => Write(path, stream =>
    {
        for (int at = 0; at < bytes.Length; at += Piece)
        {
            progress?.Invoke(at);
            stream.Write(bytes.Span[at..Math.Min(at + Piece, bytes.Length)]);
        }
    });
}
