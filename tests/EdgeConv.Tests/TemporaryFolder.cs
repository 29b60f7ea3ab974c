using System.Diagnostics;

namespace EdgeConv.Tests;

/// <summary>A folder of one test, removed after it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public TemporaryFolder() => Root = Directory.CreateTempSubdirectory("edgeconv-test-").FullName;

    public string Root { get; }

    public string Path(params string[] parts) => System.IO.Path.Combine([Root, .. parts]);

    /// <summary>Writes a file and the folders above it.</summary>
    public string Write(string relative, byte[] bytes)
    {
        string path = Path(relative.Split('/'));
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    /// <summary>
    /// Writes a program that can be started at once. Another process writes it: a file that this one has open for writing is so as well, for a moment,
    /// in whatever it starts just then, and cannot be started meanwhile.
    /// </summary>
    public string Script(string relative, string text)
    {
        string path = Path(relative.Split('/'));
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        using Process writer = Process.Start(new ProcessStartInfo("sh", ["-c", "cat > \"$0\" && chmod 700 \"$0\"", path]) { RedirectStandardInput = true })!;
        writer.StandardInput.Write(text);
        writer.StandardInput.Close();
        writer.WaitForExit();
        Assert.Equal(0, writer.ExitCode);
        return path;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
