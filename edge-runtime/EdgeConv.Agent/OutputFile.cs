namespace EdgeConv.Agent;

/// <summary>A file that appears whole or not at all.</summary>
internal sealed class OutputFile : IDisposable
{
    private readonly string _path;
    private readonly string _temporary;

    /// <summary>Opens a temporary file beside the target.</summary>
    /// <exception cref="IOException">The folder does not take it.</exception>
    public OutputFile(string path)
    {
        _path = Path.GetFullPath(path);
        // A device is written to, not replaced.
        _temporary = _path.StartsWith("/dev/", StringComparison.Ordinal) ? _path : $"{_path}.{Environment.ProcessId}.tmp";
        Stream = new FileStream(_temporary, FileMode.Create, FileAccess.Write);
    }

    /// <summary>What will be in the file.</summary>
    public FileStream Stream { get; }

    /// <summary>Puts the file in its place.</summary>
    public void Commit()
    {
        Stream.Dispose();
        if (_temporary != _path)
        {
            File.Move(_temporary, _path, overwrite: true);
        }
    }

    /// <summary>Without <see cref="Commit"/>, removes what was written.</summary>
    public void Dispose()
    {
        Stream.Dispose();
        if (_temporary != _path)
        {
            File.Delete(_temporary);
        }
    }
}
