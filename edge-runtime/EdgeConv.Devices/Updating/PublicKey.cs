using System.Security.Cryptography;

namespace EdgeConv.Devices.Updating;

/// <summary>Whose models a board runs.</summary>
public sealed class PublicKey
{
    private readonly ECDsa _key;

    private PublicKey(ECDsa key) => (_key, Fingerprint) = (key, FingerprintOf(key));

    /// <summary>SHA-256 of the key (its SubjectPublicKeyInfo), in hex.</summary>
    public string Fingerprint { get; }

    /// <summary>Opens a public key.</summary>
    /// <exception cref="PackageException">It is none of this kind, it is a private one, or anybody may change it.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static PublicKey Open(string file)
    {
        OpenSsl.Demand();
        using FileStream stream = OpenFile(file);
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(stream.SafeFileHandle) & UnixFileMode.OtherWrite) != 0)
        {
            throw new PackageException(UpdateReason.WrongSignature, $"{file}: anybody may change this key. chmod o-w {file}");
        }

        using StreamReader reader = new(stream);
        return new PublicKey(Import(reader.ReadToEnd(), file, isPrivate: false));
    }

    /// <summary>Whether a signature is this key's, over these bytes.</summary>
    internal bool Verifies(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> signature) => _key.VerifyData(bytes, signature, HashAlgorithmName.SHA256);

    internal static string FingerprintOf(ECDsa key) => Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()));

    /// <summary>Opens a key's file.</summary>
    /// <exception cref="PackageException">It is not there, or a folder.</exception>
    internal static FileStream OpenFile(string file) => File.Exists(file)
        ? new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read)
        : throw new PackageException(UpdateReason.WrongSignature,
            $"{file}: {(Directory.Exists(file) ? "a folder" : "not there")}; expected the file of a key, as `edgeconv keygen -o k.pem` writes it.");

    /// <summary>Reads one key of one kind, on the one curve.</summary>
    internal static ECDsa Import(string text, string file, bool isPrivate)
    {
        string wanted = isPrivate ? "a private key" : "a public key";
        bool hasPrivate = text.Contains("PRIVATE KEY", StringComparison.Ordinal);
        if (hasPrivate && !isPrivate)
        {
            throw new PackageException(UpdateReason.WrongSignature,
                $"{file}: a private key; a public one belongs here, and the private one nowhere but where models are signed. `edgeconv keygen` writes both.");
        }

        ECDsa key = ECDsa.Create();
        try
        {
            key.ImportFromPem(text);
            if (key.ExportParameters(isPrivate).Curve.Oid.Value == "1.2.840.10045.3.1.7")
            {
                return key;
            }
        }
        catch (Exception error) when (error is ArgumentException or CryptographicException)
        {
            // Said below: whatever it is, it is not what was expected.
        }

        key.Dispose();
        throw new PackageException(UpdateReason.WrongSignature,
            $"{file}: expected {wanted} for ECDSA on P-256, in PEM and without a password. `edgeconv keygen -o k.pem` makes a pair.");
    }
}
