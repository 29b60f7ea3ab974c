using System.Runtime.InteropServices;

namespace EdgeConv.Devices.Updating;

/// <summary>The framework's cryptography on Linux is the system's OpenSSL; without it, it would end the process, and say little about why.</summary>
internal static class OpenSsl
{
    // As the framework looks for it. CLR_OPENSSL_VERSION_OVERRIDE names another.
    private static readonly string[] _versions = ["3", "1.1"];

    private static readonly Lazy<bool> _isThere = new(Find);

    /// <summary>Whether signatures and hashes can be computed here.</summary>
    public static bool IsThere => _isThere.Value;

    /// <summary>Goes on only with it.</summary>
    /// <exception cref="PackageException">It is missing.</exception>
    public static void Demand()
    {
        if (!IsThere)
        {
            throw new PackageException(UpdateReason.NoCryptography,
                "signatures and hashes are checked by the system's OpenSSL, and this system has no libssl.so.3. Install it: sudo apt install libssl3");
        }
    }

    private static bool Find()
    {
        if (!OperatingSystem.IsLinux())
        {
            return true;
        }

        IEnumerable<string> versions = Environment.GetEnvironmentVariable("CLR_OPENSSL_VERSION_OVERRIDE") is { Length: > 0 } other ? [other, .. _versions] : _versions;
        return versions.Any(version => NativeLibrary.TryLoad($"libssl.so.{version}", out _));
    }
}
