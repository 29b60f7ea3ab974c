using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Converters.Data;

/// <summary>The format of MNIST: one file of grey pictures and one of labels, plain or gzip. Read once, whole.</summary>
public sealed class IdxDataSet : IDataSet
{
    private const int ImageMagic = 0x803, LabelMagic = 0x801;
    private const int ImageHeader = 16, LabelHeader = 8;
    private const int MaxSide = 4096;

    private readonly byte[] _images, _labels;
    private readonly int _width, _height;

    /// <summary>Opens the pair of files of one split in a folder: train-... or t10k-...</summary>
    /// <param name="name">For messages.</param>
    /// <param name="folder">Holds PREFIX-images-idx3-ubyte and PREFIX-labels-idx1-ubyte, with or without .gz.</param>
    /// <param name="split">Which pair.</param>
    /// <param name="classes">Class names; null for the numbers.</param>
    /// <param name="hashes">Lower-case SHA-256 of the unpacked images and labels; null when they are not known.</param>
    /// <exception cref="DataSetException">A file is missing, damaged or not what it should be.</exception>
    public IdxDataSet(
        string name, string folder, Split split, IReadOnlyList<string>? classes = null, (string Images, string Labels)? hashes = null)
    {
        Name = name;
        string prefix = split == Split.Train ? "train" : "t10k";
        string imagesPath = Find(folder, $"{prefix}-images-idx3-ubyte") ?? throw Missing(name, folder, prefix, "images-idx3");
        string labelsPath = Find(folder, $"{prefix}-labels-idx1-ubyte") ?? throw Missing(name, folder, prefix, "labels-idx1");
        _images = Unpack(imagesPath, hashes?.Images);
        _labels = Unpack(labelsPath, hashes?.Labels);

        CheckHeader(imagesPath, _images, ImageMagic, ImageHeader);
        CheckHeader(labelsPath, _labels, LabelMagic, LabelHeader);
        Count = BinaryPrimitives.ReadInt32BigEndian(_images.AsSpan(4));
        _height = BinaryPrimitives.ReadInt32BigEndian(_images.AsSpan(8));
        _width = BinaryPrimitives.ReadInt32BigEndian(_images.AsSpan(12));
        int labels = BinaryPrimitives.ReadInt32BigEndian(_labels.AsSpan(4));
        bool sized = Count >= 1 && _height is >= 1 and <= MaxSide && _width is >= 1 and <= MaxSide;
        if (!sized || _images.Length - ImageHeader != (long)Count * _height * _width)
        {
            throw Broken(imagesPath,
                $"its header says {Count} pictures of {_width} x {_height}, which does not fit its {_images.Length} bytes");
        }
        if (labels != Count || _labels.Length - LabelHeader != labels)
            throw Broken(labelsPath, $"it announces {labels} labels in {_labels.Length} bytes for {Count} pictures");

        int highest = _labels.AsSpan(LabelHeader).ToArray().Max();
        Classes = classes ?? [.. Enumerable.Range(0, highest + 1).Select(i => i.ToString())];
        if (highest >= Classes.Count) throw Broken(labelsPath, $"it has a label {highest}, the data set {Classes.Count} classes");
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Classes { get; }

    /// <inheritdoc/>
    public int Count { get; }

    /// <inheritdoc/>
    public int Label(int index) => _labels[LabelHeader + index];

    /// <summary>A picture, without copying it.</summary>
    public Picture Load(int index)
    {
        int size = _width * _height;
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
        return new Picture(_images.AsMemory(ImageHeader + index * size, size), _width, _height, PixelFormat.Gray8);
    }

    /// <summary>True when a folder holds files of this format.</summary>
    internal static bool IsIn(string folder) =>
        Find(folder, "train-images-idx3-ubyte") != null || Find(folder, "t10k-images-idx3-ubyte") != null;

    private static string? Find(string folder, string file) =>
        new[] { Path.Combine(folder, file + ".gz"), Path.Combine(folder, file) }.FirstOrDefault(File.Exists);

    private static byte[] Unpack(string path, string? expected)
    {
        byte[] bytes;
        try
        {
            using FileStream file = File.OpenRead(path);
            using Stream stream = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
            using var memory = new MemoryStream();
            stream.CopyTo(memory);
            bytes = memory.ToArray();
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            throw Broken(path, e.Message.TrimEnd('.'), e);
        }
        if (expected == null) return bytes;
        string found = Convert.ToHexStringLower(SHA256.HashData(bytes));
        return found == expected ? bytes : throw Broken(path, $"its unpacked SHA-256 is {found}, expected {expected}");
    }

    private static void CheckHeader(string path, byte[] bytes, int magic, int length)
    {
        if (bytes.Length < length) throw Broken(path, $"it has {bytes.Length} bytes, its header alone has {length}");
        int found = BinaryPrimitives.ReadInt32BigEndian(bytes);
        if (found != magic) throw Broken(path, $"it begins with 0x{found:x8}, expected 0x{magic:x8}");
    }

    private static DataSetException Missing(string name, string folder, string prefix, string kind) =>
        new($"Data set {name}: {folder} has no {prefix}-{kind}-ubyte, plain or .gz. Put the file there, or point to another folder.");

    private static DataSetException Broken(string path, string reason, Exception? inner = null) =>
        new($"Data file {path} is damaged or not in the MNIST format: {reason}. Fetch the file again.", inner);
}
