using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Converters.Data;

/// <summary>
/// CIFAR-10 as its authors publish it: a gzip'ed tar of batches, a record a picture: its label, then the planes of red, green and blue.
/// The part that is asked for is unpacked into memory (154 MB for training), since 60,000 files would take longer to write and to read.
/// </summary>
public sealed class CifarDataSet : IDataSet
{
    /// <summary>Under which name the archive is published.</summary>
    internal const string ArchiveName = "cifar-10-binary.tar.gz";

    private const int Side = 32, Plane = Side * Side, Record = 1 + 3 * Plane;
    private const long LongestBatch = 1 << 27;
    private const string ClassNames = "batches.meta.txt";
    private static readonly string[] _trainBatches = [.. Enumerable.Range(1, 5).Select(i => $"data_batch_{i}.bin")], _testBatches = ["test_batch.bin"];

    private readonly ReadOnlyMemory<byte>[] _records;

    /// <summary>Reads one part, whole.</summary>
    /// <param name="name">For messages.</param>
    /// <param name="path">The .tar.gz.</param>
    /// <param name="split">Which part.</param>
    /// <exception cref="DataSetException">It is damaged, or another kind of archive.</exception>
    public CifarDataSet(string name, string path, Split split)
    {
        Name = name;
        string[] batches = split == Split.Train ? _trainBatches : _testBatches;
        Dictionary<string, byte[]> files = Read(path, [.. batches, ClassNames]);
        Classes = Encoding.UTF8.GetString(files[ClassNames]).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        _records = [.. batches.SelectMany(batch => Records(path, batch, files[batch]))];
        int highest = Enumerable.Range(0, Count).Max(Label);
        if (highest >= Classes.Count) throw Broken(path, $"it has a label {highest} and {Classes.Count} class names");
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Classes { get; }

    /// <inheritdoc/>
    public int Count => _records.Length;

    /// <inheritdoc/>
    public int Label(int index) => _records[index].Span[0];

    /// <inheritdoc/>
    public Picture Load(int index)
    {
        ReadOnlySpan<byte> planes = _records[index].Span[1..];
        byte[] pixels = new byte[3 * Plane];
        for (int i = 0; i < Plane; i++)
        {
            pixels[3 * i] = planes[i];
            pixels[3 * i + 1] = planes[Plane + i];
            pixels[3 * i + 2] = planes[2 * Plane + i];
        }
        return new Picture(pixels, Side, Side, PixelFormat.Rgb24);
    }

    /// <summary>The archive that a path is, or that a folder holds; null where there is none.</summary>
    internal static string? Archive(string path)
    {
        string inside = Path.Combine(path, ArchiveName);
        return File.Exists(inside) ? inside
            : path.EndsWith(".tar.gz", StringComparison.OrdinalIgnoreCase) && File.Exists(path) ? path
            : null;
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Records(string path, string name, byte[] batch) =>
        batch.Length > 0 && batch.Length % Record == 0
            ? Enumerable.Range(0, batch.Length / Record).Select(i => new ReadOnlyMemory<byte>(batch, i * Record, Record))
            : throw Broken(path, $"{name} has {batch.Length} bytes, which is not a number of records of {Record}");

    private static Dictionary<string, byte[]> Read(string path, string[] wanted)
    {
        Dictionary<string, byte[]> found = new(StringComparer.Ordinal);
        try
        {
            using var unpacked = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
            using var archive = new TarReader(unpacked);
            while (archive.GetNextEntry() is { } entry)
            {
                string file = entry.Name.Split('/')[^1];
                if (!wanted.Contains(file)) continue;
                if (entry.Length > LongestBatch) throw Broken(path, $"{file} has {entry.Length} bytes; at most {LongestBatch} are expected");
                using var memory = new MemoryStream();
                entry.DataStream?.CopyTo(memory);
                found[file] = memory.ToArray();
            }
            unpacked.CopyTo(Stream.Null); // gzip's checksum is at the very end
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException or FormatException)
        {
            throw Broken(path, e.Message.TrimEnd('.'), e);
        }
        string[] missing = [.. wanted.Except(found.Keys)];
        return missing.Length == 0 ? found : throw Broken(path, $"it has no {string.Join(", ", missing)}");
    }

    private static DataSetException Broken(string path, string reason, Exception? inner = null) =>
        new($"Archive {path} is damaged or not CIFAR-10's binary version: {reason}. Fetch it again; pictures go into a folder or a zip.", inner);
}
