using System.Security.Cryptography;
using System.Text;

namespace EdgeConv.Cli.Signing;

/// <summary>SHA-256 of a file, or of a folder: of the lines that sha256sum prints for its files in the order of their names.</summary>
internal static class ContentHash
{
    /// <summary>In hex; null stays null.</summary>
    /// <exception cref="FailureException">There is nothing.</exception>
    public static string? Of(string? path, CancellationToken cancel)
    {
        if (path is null)
        {
            return null;
        }

        if (File.Exists(path))
        {
            return OfFile(path);
        }

        if (!Directory.Exists(path))
        {
            throw new FailureException($"{path}: no such file or folder.");
        }

        StringBuilder lines = new();
        foreach (string name in Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(path, file).Replace('\\', '/')).Order(StringComparer.Ordinal))
        {
            cancel.ThrowIfCancellationRequested();
            lines.Append(OfFile(Path.Combine(path, name))).Append("  ./").Append(name).Append('\n');
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(lines.ToString())));
    }

    private static string OfFile(string file)
    {
        using FileStream stream = File.OpenRead(file);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
