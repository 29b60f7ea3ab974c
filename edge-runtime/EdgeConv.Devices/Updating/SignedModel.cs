using System.Security.Cryptography;

namespace EdgeConv.Devices.Updating;

/// <summary>
/// A model's bytes with what was proven about them. They are read once: what is checked is what runs, whatever happens to the file meanwhile.
/// </summary>
/// <param name="Bytes">The .ecm file.</param>
/// <param name="Frames">The labelled frames that came with it; empty where none did.</param>
/// <param name="Manifest">What the signature says, or null for a bare model.</param>
public sealed record SignedModel(ReadOnlyMemory<byte> Bytes, ReadOnlyMemory<byte> Frames, PackageManifest? Manifest)
{
    /// <summary>What the name of a detached signature ends in, after that of its model.</summary>
    public const string SignatureExtension = ".sig";

    /// <summary>What the name of a package ends in.</summary>
    public const string PackageExtension = ".ecpkg";

    /// <summary>SHA-256 of the public key, in hex, whose signature it carries; null where nobody signed. Whether it is that key's is known only where it was asked for.</summary>
    public string? Key { get; init; }

    /// <summary>Reads a package, or a model with its signature beside it where one is asked for.</summary>
    /// <exception cref="PackageException">It is not what the signature says, or there is none and one is asked for.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static SignedModel Read(string file, Trust trust)
    {
        byte[] bytes = File.ReadAllBytes(file);
        if (bytes.AsSpan().StartsWith(PackageHead.Beginning))
        {
            return Read(bytes, file, trust);
        }

        if (!trust.IsDemanding)
        {
            return new SignedModel(bytes, default, null);
        }

        string signature = file + SignatureExtension;
        return File.Exists(signature) ? Read(bytes, file, File.ReadAllBytes(signature), signature, trust)
            : throw new PackageException(UpdateReason.Unsigned, $"{file}: nobody signed it: there is no {Path.GetFileName(signature)} beside it. `edgeconv sign` makes one.");
    }

    /// <summary>Reads a model with the signature that lies beside it, whoever made that.</summary>
    /// <exception cref="PackageException">The signature is none, or another model's.</exception>
    /// <exception cref="IOException">One of them cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">One of them may not be read.</exception>
    public static SignedModel ReadBeside(string file) =>
        Read(File.ReadAllBytes(file), file, File.ReadAllBytes(file + SignatureExtension), file + SignatureExtension, Trust.Everybody);

    /// <summary>Whether a file is a package rather than a bare model.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static bool IsPackage(string file)
    {
        using FileStream stream = File.OpenRead(file);
        Span<byte> start = stackalloc byte[PackageHead.Beginning.Length];
        return stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length && start.SequenceEqual(PackageHead.Beginning);
    }

    /// <summary>Reads a whole package.</summary>
    internal static SignedModel Read(ReadOnlyMemory<byte> package, string name, Trust trust)
    {
        PackageHead head = PackageHead.Read(package.Span, name, out int length);
        trust.Check(head, name);
        PackageManifest manifest = head.Manifest;
        CheckLength(head, length, package.Length, name);
        ReadOnlyMemory<byte> model = package.Slice(length, manifest.ModelBytes), frames = package[(length + manifest.ModelBytes)..];
        CheckHash(model.Span, manifest.ModelHash, $"{name}: its model");
        CheckHash(frames.Span, manifest.FramesHash, $"{name}: its labelled frames");
        return new SignedModel(model, frames, manifest) { Key = head.Key };
    }

    /// <summary>A package is as long as its head says.</summary>
    internal static void CheckLength(PackageHead head, int headBytes, long length, string name)
    {
        long expected = (long)headBytes + head.Manifest.ModelBytes + head.Manifest.FramesBytes;
        if (length == headBytes && expected > length)
        {
            throw PackageHead.Malformed(name, $"it is a signature alone; name the model that it belongs to{(name.EndsWith(SignatureExtension, StringComparison.Ordinal) ? $", {name[..^SignatureExtension.Length]}" : "")}");
        }

        if (length != expected)
        {
            throw PackageHead.Malformed(name, length < expected
                ? $"it is cut short: {length} bytes, and its head announces {expected}" : $"{length - expected} bytes follow its end, and nothing may");
        }
    }

    private static SignedModel Read(byte[] bytes, string file, byte[] signature, string name, Trust trust)
    {
        PackageHead head = PackageHead.Read(signature, name, out int length);
        trust.Check(head, name);
        if (length != signature.Length || head.Manifest.FramesBytes != 0)
        {
            throw PackageHead.Malformed(name, "expected the head of a package alone, without frames");
        }

        return head.Manifest.ModelBytes == bytes.Length && HashOf(bytes) == head.Manifest.ModelHash ? new SignedModel(bytes, default, head.Manifest) { Key = head.Key }
            : throw new PackageException(UpdateReason.WrongContent, $"{file}: not the model that {Path.GetFileName(name)} was made for: another one, or changed since.");
    }

    private static void CheckHash(ReadOnlySpan<byte> bytes, string expected, string what)
    {
        if (HashOf(bytes) != expected)
        {
            throw new PackageException(UpdateReason.WrongContent, $"{what} was changed or exchanged: its SHA-256 is not the one of its head.");
        }
    }

    internal static string HashOf(ReadOnlySpan<byte> bytes)
    {
        OpenSsl.Demand();
        return Convert.ToHexStringLower(SHA256.HashData(bytes));
    }
}
