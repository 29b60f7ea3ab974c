using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using EdgeConv.Converters;

namespace EdgeConv.Trainer.Transfer;

/// <summary>
/// Features on disk, mapped into memory: "ECFT", version, the key's 32 bytes, rows and values a row as int32, the values as float, SHA-256
/// of all before it. Little-endian.
/// </summary>
internal sealed unsafe class FeatureFile : IDisposable
{
    private const uint Magic = 0x54464345, Version = 2; // 1: computed by as many threads as there were, which shows in the last bits
    private const int HeaderBytes = 48, HashBytes = 32;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _first;
    private readonly int _length;

    private FeatureFile(string path, int length)
    {
        _length = length;
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        _view = _file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _first);
    }

    /// <summary>The features of a row.</summary>
    public ReadOnlySpan<float> this[int row] => new((float*)(_first + HeaderBytes) + (long)row * _length, _length);

    /// <summary>What a file of some size takes on disk.</summary>
    public static long Bytes(int rows, int length) => HeaderBytes + (long)rows * length * sizeof(float) + HashBytes;

    /// <summary>Writes atomically.</summary>
    /// <param name="path">The file.</param>
    /// <param name="key">What the features depend on.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="length">Values a row.</param>
    /// <param name="pieces">All rows, some at a time.</param>
    public static void Write(string path, byte[] key, int rows, int length, IEnumerable<float[]> pieces) => AtomicFile.Write(path, stream =>
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(Header(key, rows, length));
        foreach (float[] piece in pieces) Append(MemoryMarshal.AsBytes(piece.AsSpan()));
        stream.Write(hash.GetHashAndReset());

        void Append(ReadOnlySpan<byte> bytes)
        {
            hash.AppendData(bytes);
            stream.Write(bytes);
        }
    });

    /// <summary>Opens a file, or returns null where there is none, or one that is damaged or of something else.</summary>
    public static FeatureFile? Open(string path, byte[] key, int rows, int length)
    {
        if (!File.Exists(path) || new FileInfo(path).Length != Bytes(rows, length)) return null;
        var features = new FeatureFile(path, length);
        if (IsWhole(features._first, Bytes(rows, length), Header(key, rows, length))) return features;
        features.Dispose();
        return null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }

    private static bool IsWhole(byte* first, long bytes, byte[] header)
    {
        if (!new ReadOnlySpan<byte>(first, HeaderBytes).SequenceEqual(header)) return false;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long hashed = bytes - HashBytes;
        for (long at = 0; at < hashed; at += 1 << 24) hash.AppendData(new ReadOnlySpan<byte>(first + at, (int)Math.Min(1 << 24, hashed - at)));
        return new ReadOnlySpan<byte>(first + hashed, HashBytes).SequenceEqual(hash.GetHashAndReset());
    }

    private static byte[] Header(byte[] key, int rows, int length) =>
        [.. BitConverter.GetBytes(Magic), .. BitConverter.GetBytes(Version), .. key, .. BitConverter.GetBytes(rows), .. BitConverter.GetBytes(length)];
}
