using System.Security.Cryptography;

namespace EdgeConv.Devices.Updating;

/// <summary>Who signs models: ECDSA on NIST P-256. By the framework, which on Linux calls the system's OpenSSL.</summary>
public sealed class SigningKey : IDisposable
{
    private const UnixFileMode Owners = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly ECDsa _key;

    private SigningKey(ECDsa key) => _key = key;

    /// <summary>SHA-256 of the public key, in hex: its name in packages.</summary>
    public string Fingerprint => PublicKey.FingerprintOf(_key);

    /// <summary>Makes a new pair; what is there already is never written over.</summary>
    /// <param name="file">The private key's, with mode 0600.</param>
    /// <param name="publicFile">The public key's.</param>
    /// <exception cref="IOException">One of them is there, or cannot be written.</exception>
    /// <exception cref="PackageException">There is no cryptography on this machine.</exception>
    public static SigningKey Create(string file, string publicFile)
    {
        OpenSsl.Demand();
        ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        try
        {
            Write(file, key.ExportPkcs8PrivateKeyPem(), UnixFileMode.UserRead | UnixFileMode.UserWrite);
            WritePublic(file, publicFile, key);
            return new SigningKey(key);
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    /// <summary>Opens a private key.</summary>
    /// <exception cref="PackageException">It is none of this kind, or others may read it.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static SigningKey Open(string file)
    {
        OpenSsl.Demand();
        using FileStream stream = PublicKey.OpenFile(file);
        using StreamReader reader = new(stream);
        string text = reader.ReadToEnd();
        RefusePublic(text, file);   // before its mode, which everybody may read
        if (!OperatingSystem.IsWindows() && File.GetUnixFileMode(stream.SafeFileHandle) is var mode && (mode & ~Owners) != 0)
        {
            throw new PackageException(UpdateReason.WrongSignature,
                $"{file}: others may read this private key (mode {Convert.ToString((int)mode, 8)}), so that it may be known to them. "
                + $"Make a new one, or, where nobody else was here: chmod 600 {file}");
        }

        return new SigningKey(PublicKey.Import(text, file, isPrivate: true));
    }

    /// <summary>Signs bytes.</summary>
    /// <returns>r and s, 64 bytes.</returns>
    internal byte[] Sign(ReadOnlySpan<byte> bytes) => _key.SignData(bytes, HashAlgorithmName.SHA256);

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();

    private static void WritePublic(string file, string publicFile, ECDsa key)
    {
        try
        {
            Write(publicFile, key.ExportSubjectPublicKeyInfoPem(), null);
        }
        catch
        {
            File.Delete(file);
            throw;
        }
    }

    private static void Write(string file, string text, UnixFileMode? mode)
    {
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (mode is not null && !OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = mode;
        }

        using StreamWriter writer = new(file, options);
        writer.Write(text);
        writer.Write('\n');
        writer.Flush();
        ((FileStream)writer.BaseStream).Flush(flushToDisk: true);
    }

    /// <summary>Goes on with what is no public key.</summary>
    /// <exception cref="PackageException">It is one, where a private one is asked for.</exception>
    private static void RefusePublic(string text, string file)
    {
        if (text.Contains("PUBLIC KEY", StringComparison.Ordinal) && !text.Contains("PRIVATE KEY", StringComparison.Ordinal))
        {
            throw new PackageException(UpdateReason.WrongSignature,
                $"{file}: a public key, which signs nothing; expected the private one. `edgeconv keygen -o k.pem` writes both: k.pem signs, k.pub.pem goes to the boards.");
        }
    }
}
