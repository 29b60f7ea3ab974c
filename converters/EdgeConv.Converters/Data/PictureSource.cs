using System.IO.Compression;

namespace EdgeConv.Converters.Data;

/// <summary>Where the files of a data set are: a folder or a zip archive.</summary>
internal abstract class PictureSource
{
    /// <summary>The folder or archive, for messages.</summary>
    public required string Path { get; init; }

    /// <summary>Every picture below it: relative path with '/', in ordinal order.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>The bytes of one. Safe to call from several threads.</summary>
    public abstract byte[] Read(string file);

    /// <exception cref="DataSetException">The path is neither, or the archive is damaged.</exception>
    public static PictureSource Open(string path) => Directory.Exists(path) ? FolderSource.Open(path) : ZipSource.Open(path);

    /// <summary>Hidden files and what archivers add are left out.</summary>
    private protected static bool IsPicture(string file) =>
        PictureFile.HasPictureExtension(file) && !file.Split('/').Any(part => part.StartsWith('.') || part == "__MACOSX");

    private protected static IReadOnlyList<string> Sorted(IEnumerable<string> files) =>
        [.. files.Where(IsPicture).Order(StringComparer.Ordinal)];
}

internal sealed class FolderSource : PictureSource
{
    public static new FolderSource Open(string path)
    {
        try
        {
            IEnumerable<string> files = Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)
                .Select(file => System.IO.Path.GetRelativePath(path, file).Replace('\\', '/'));
            return new FolderSource { Path = path, Files = Sorted(files) };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataSetException($"Folder {path} cannot be read: {e.Message}", e);
        }
    }

    public override byte[] Read(string file)
    {
        string path = System.IO.Path.Combine(Path, file);
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataSetException($"Picture {path} cannot be read: {e.Message}", e);
        }
    }
}

/// <summary>The archive stays open as long as the data set is in use; entries are unpacked one at a time.</summary>
internal sealed class ZipSource : PictureSource
{
    private const long MaxEntryBytes = 1L << 29;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ZipArchiveEntry> _entries;

    private ZipSource(Dictionary<string, ZipArchiveEntry> entries) => _entries = entries;

    public static new ZipSource Open(string path)
    {
        FileStream? file = null;
        try
        {
            file = File.OpenRead(path);
            var archive = new ZipArchive(file, ZipArchiveMode.Read);
            var entries = new Dictionary<string, ZipArchiveEntry>(StringComparer.Ordinal);
            foreach (ZipArchiveEntry entry in archive.Entries) entries[entry.FullName.Replace('\\', '/')] = entry;
            return new ZipSource(entries) { Path = path, Files = Sorted(entries.Keys) };
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            file?.Dispose();
            throw new DataSetException(
                $"{path} is not a readable zip archive: {e.Message} A data set is a folder or a .zip with one folder a class.", e);
        }
    }

    public override byte[] Read(string file)
    {
        try
        {
            lock (_lock)
            {
                ZipArchiveEntry entry = _entries[file];
                if (entry.Length > MaxEntryBytes) throw new InvalidDataException($"it unpacks to {entry.Length} bytes");
                using Stream stream = entry.Open();
                byte[] bytes = new byte[entry.Length];
                stream.ReadExactly(bytes);
                return bytes;
            }
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            throw new DataSetException($"Picture {file} in {Path} cannot be unpacked: {e.Message}", e);
        }
    }
}
