using EdgeConv.Devices.Updating;

namespace EdgeConv.Cli.Deployment;

/// <summary>What goes before a model's bytes to make a package of them: the signature beside it, one that is made now, or a head that nobody signed.</summary>
/// <param name="Bytes">The head.</param>
/// <param name="IsSigned">Whether somebody signed it.</param>
internal sealed record DeployPackage(byte[] Bytes, bool IsSigned)
{
    /// <summary>Of a model.</summary>
    /// <param name="model">The .ecm file.</param>
    /// <param name="key">The private key's file, or null.</param>
    /// <param name="version">The model's version number, or null for that of the signature, or the time.</param>
    /// <exception cref="PackageException">The key is none, or the model is nothing for a board.</exception>
    /// <exception cref="FailureException">The signature has another number.</exception>
    public static DeployPackage Of(string model, string? key, long? version)
    {
        string beside = model + SignedModel.SignatureExtension;
        if (key is null && File.Exists(beside))
        {
            ExpectVersion(SignedModel.ReadBeside(model).Manifest!, version, beside);
            return new DeployPackage(File.ReadAllBytes(beside), IsSigned: true);
        }

        using SigningKey? signer = key is null ? null : SigningKey.Open(key);
        SigningOptions options = new(version ?? SigningOptions.VersionOf(DateTime.UtcNow));
        // Who signs vouches for it; without that the board's own test is enough.
        PackageManifest manifest = PackageWriter.Describe(File.ReadAllBytes(model), signer is null ? options with { CheckedOn = [] } : options);
        return new DeployPackage(PackageWriter.Head(manifest, signer), signer is not null);
    }

    /// <summary>Goes on with a signature, or a package, whose number is the one that was asked for: to change it is to sign anew.</summary>
    /// <exception cref="FailureException">It has another.</exception>
    public static void ExpectVersion(PackageManifest manifest, long? version, string name)
    {
        if (version is not null && version != manifest.Version)
        {
            throw new FailureException($"{name} is of version {manifest.Version}, and --model-version is {version}. The signature covers the number: "
                + "sign the model anew (edgeconv sign --model-version, or deploy with --key), or leave --model-version out.");
        }
    }
}
