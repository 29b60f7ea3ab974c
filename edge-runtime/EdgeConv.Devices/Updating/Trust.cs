namespace EdgeConv.Devices.Updating;

/// <summary>Whose models run here: those of some keys, or, without any, everybody's.</summary>
/// <param name="keys">More than one while a key is being replaced by another.</param>
public sealed class Trust(IReadOnlyList<PublicKey> keys)
{
    /// <summary>No key was named: signatures are not looked at.</summary>
    public static Trust Everybody { get; } = new([]);

    /// <summary>Whether a signature is asked for.</summary>
    public bool IsDemanding => keys.Count > 0;

    /// <summary>Opens the keys' files.</summary>
    /// <exception cref="PackageException">One is no public key.</exception>
    /// <exception cref="IOException">One cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">One may not be read.</exception>
    public static Trust Open(IEnumerable<string> files) => new([.. files.Select(PublicKey.Open)]);

    /// <summary>Goes on only with a head that one of the keys signed.</summary>
    /// <exception cref="PackageException">None did.</exception>
    internal void Check(PackageHead head, string name)
    {
        if (!IsDemanding)
        {
            return;
        }

        if (head.Key is null)
        {
            throw new PackageException(UpdateReason.Unsigned, $"{name}: nobody signed it, and this board wants a signature. `edgeconv sign` makes one.");
        }

        PublicKey key = keys.FirstOrDefault(known => known.Fingerprint == head.Key) ?? throw new PackageException(UpdateReason.WrongSignature,
            $"{name}: signed by the key {head.Key[..16]}..., and this board trusts only {string.Join(", ", keys.Select(known => known.Fingerprint[..16] + "..."))}");
        if (!key.Verifies(head.Signed(), head.Signature))
        {
            throw new PackageException(UpdateReason.WrongSignature, $"{name}: the signature is not of this content: it was changed after it was signed, or is a forgery.");
        }
    }
}
