using System.Runtime.CompilerServices;
using System.Text;
using EdgeConv.Agent.Configuring;

namespace EdgeConv.Agent.Serving;

/// <summary>The word that opens the page to those who come over the network. Made once and kept in a file that only its owner reads.</summary>
internal sealed class AccessToken
{
    private const int RandomBytes = 20;
    private const int Shortest = 16;
    private const int Longest = 200;

    private readonly byte[] _bytes;

    private AccessToken(string text) => (Text, _bytes) = (text, Encoding.ASCII.GetBytes(text));

    /// <summary>Letters, digits, '-' and '_'.</summary>
    public string Text { get; }

    /// <summary>Reads the token, or makes one where there is no such file yet.</summary>
    /// <exception cref="FailureException">What the file holds is no token, or others may read it.</exception>
    /// <exception cref="IOException">The file cannot be read or made.</exception>
    public static AccessToken Open(string path)
    {
        if (!File.Exists(path))
        {
            Make(path);
        }

        if (SecretFile.Objection(path, path) is { } objection)
        {
            throw new FailureException(objection);
        }

        string text = File.ReadAllText(path).Trim();
        return text.Length is >= Shortest and <= Longest && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')
            ? new AccessToken(text)
            : throw new FailureException(
                $"{path}: expected a token of {Shortest} to {Longest} letters, digits, '-' and '_'. Write one, or delete the file: then one is made.");
    }

    /// <summary>Whether this is the token. Takes as long for a near miss as for a far one.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.NoOptimization)]
    public bool Is(ReadOnlySpan<char> given)
    {
        // By hand: the framework's comparison lives in a library that needs OpenSSL.
        int difference = given.Length ^ _bytes.Length;
        for (int i = 0; i < _bytes.Length; i++)
        {
            difference |= _bytes[i] ^ (i < given.Length ? given[i] : 0);
        }

        return difference == 0;
    }

    private static void Make(string path)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder)
        {
            Directory.CreateDirectory(folder);
        }

        Span<byte> random = stackalloc byte[RandomBytes];
        using (FileStream source = File.OpenRead("/dev/urandom"))
        {
            source.ReadExactly(random);
        }

        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using FileStream file = new(path, options);
        file.Write(Encoding.ASCII.GetBytes(Convert.ToHexStringLower(random) + "\n"));
    }
}
