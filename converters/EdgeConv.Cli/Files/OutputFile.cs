using System.Text;
using EdgeConv.Converters;

namespace EdgeConv.Cli.Files;

/// <summary>Files that commands write: whole or not at all.</summary>
internal static class OutputFile
{
    /// <summary>Writes text as UTF-8.</summary>
    public static void Write(string path, string text) => AtomicFile.Write(path, Encoding.UTF8.GetBytes(text));

    /// <summary>Finds out before long work whether its result can be written; makes the folder.</summary>
    /// <exception cref="FailureException">It cannot; the message says why.</exception>
    public static void EnsureWritable(string path)
    {
        if (string.IsNullOrWhiteSpace(path))
        {
            throw new FailureException("cannot write to a file without a name. Name one.");
        }

        if (Directory.Exists(path))
        {
            throw new FailureException($"cannot write '{path}': it is a folder. Name a file in it.");
        }

        if (AtomicFile.IsDevice(path))
        {
            return;
        }

        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            string probe = $"{path}.{Guid.NewGuid():N}.tmp";
            File.WriteAllBytes(probe, []);
            File.Delete(probe);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new FailureException($"cannot write '{path}': {exception.Message} Choose another place.", exception);
        }
    }
}
