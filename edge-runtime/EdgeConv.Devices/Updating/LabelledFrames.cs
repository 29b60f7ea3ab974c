using System.Buffers.Binary;
using EdgeConv.Devices.Frames;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Devices.Updating;

/// <summary>A picture file and the class that it shows.</summary>
/// <param name="Class">The class's number.</param>
/// <param name="File">The bytes of a PNG, JPEG, BMP, PGM or PPM file.</param>
/// <param name="Name">Where they came from, for messages; null where they are a package's.</param>
public readonly record struct LabelledFrame(int Class, ReadOnlyMemory<byte> File, string? Name = null);

/// <summary>Pictures that a model must know, as a package has them (PACKAGE.md) and as a folder a class has them. They never become files.</summary>
public static class LabelledFrames
{
    /// <summary>More are not taken.</summary>
    public const int Most = 10_000;

    private const long MostPixels = 1 << 24;

    private const int RecordBytes = 8;

    /// <summary>The pictures in a folder a class, in the order of their names.</summary>
    /// <param name="folder">Has a folder for each class; other files are left out.</param>
    /// <param name="labels">The model's classes.</param>
    /// <exception cref="PackageException">A folder is no class, or there are none or too many pictures.</exception>
    public static IReadOnlyList<LabelledFrame> InFolder(string folder, IReadOnlyList<string> labels)
    {
        List<LabelledFrame> frames = [];
        foreach (string sub in Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal))
        {
            string label = Path.GetFileName(sub);
            int index = labels.Count == 0 && int.TryParse(label, out int number) ? number : labels.ToList().IndexOf(label);
            if (index < 0)
            {
                throw new PackageException(UpdateReason.Inaccurate,
                    $"{sub}: the model has no class \"{label}\"; it has {string.Join(", ", labels.Take(20).Select(name => $"\"{name}\""))}.");
            }

            frames.AddRange(Directory.EnumerateFiles(sub).Where(IsPicture).Order(StringComparer.Ordinal)
                .Select(file => new LabelledFrame(index, File.ReadAllBytes(file), file)));
            if (frames.Count > Most)
            {
                throw new PackageException(UpdateReason.Inaccurate, $"{folder}: more than {Most} pictures; fewer tell as much.");
            }
        }

        return frames.Count > 0 ? frames
            : throw new PackageException(UpdateReason.Inaccurate, $"{folder}: no pictures; expected a folder a class, with PNG, JPEG, BMP, PGM or PPM files.");
    }

    /// <summary>A frame's pixels.</summary>
    /// <param name="frames">All of them.</param>
    /// <param name="index">Which.</param>
    /// <param name="owner">Whose they are, for messages.</param>
    /// <exception cref="FrameException">They do not decode, or there are too many.</exception>
    internal static Picture Decode(IReadOnlyList<LabelledFrame> frames, int index, string owner) =>
        PictureDecoder.Decode(frames[index].File, frames[index].Name ?? $"{owner}: labelled frame {index}", MostPixels);

    /// <summary>As they are in a package.</summary>
    internal static byte[] Write(IReadOnlyList<LabelledFrame> frames)
    {
        using MemoryStream stream = new();
        Span<byte> record = stackalloc byte[RecordBytes];
        foreach (LabelledFrame frame in frames)
        {
            BinaryPrimitives.WriteInt32LittleEndian(record, frame.Class);
            BinaryPrimitives.WriteInt32LittleEndian(record[4..], frame.File.Length);
            stream.Write(record);
            stream.Write(frame.File.Span);
        }

        return stream.ToArray();
    }

    /// <summary>Reads those of a package.</summary>
    /// <param name="bytes">All of them.</param>
    /// <param name="classes">The model's classes.</param>
    /// <param name="name">The package, for messages.</param>
    /// <exception cref="PackageException">They are not as PACKAGE.md has them.</exception>
    internal static IReadOnlyList<LabelledFrame> Read(ReadOnlyMemory<byte> bytes, int classes, string name)
    {
        List<LabelledFrame> frames = [];
        while (bytes.Length > 0)
        {
            int index = bytes.Length < RecordBytes ? -1 : BinaryPrimitives.ReadInt32LittleEndian(bytes.Span);
            int length = bytes.Length < RecordBytes ? -1 : BinaryPrimitives.ReadInt32LittleEndian(bytes.Span[4..]);
            if (index < 0 || index >= classes || length <= 0 || length > bytes.Length - RecordBytes || frames.Count == Most)
            {
                throw PackageHead.Malformed(name, $"its labelled frame {frames.Count} is of class {index} with {length} bytes; expected a class from 0 to "
                    + $"{classes - 1}, a length that is there, and at most {Most} frames");
            }

            frames.Add(new LabelledFrame(index, bytes.Slice(RecordBytes, length)));
            bytes = bytes[(RecordBytes + length)..];
        }

        return frames;
    }

    private static bool IsPicture(string file) => PictureDecoder.Extensions.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase);
}
