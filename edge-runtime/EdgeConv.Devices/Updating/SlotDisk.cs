namespace EdgeConv.Devices.Updating;

/// <summary>A folder of the machine.</summary>
/// <param name="folder">It need not be there to be read.</param>
internal sealed class SlotDisk(string folder) : ISlotDisk
{
    private readonly string _folder = folder;

    /// <inheritdoc/>
    public long Free => new DriveInfo(Path.GetFullPath(_folder)).AvailableFreeSpace;

    /// <inheritdoc/>
    public byte[]? Read(string name)
    {
        string path = Regular(name);
        return File.Exists(path) ? File.ReadAllBytes(path) : null;
    }

    /// <inheritdoc/>
    public void Write(string name, Action<Stream> write)
    {
        string path = Regular(name);
        FileStreamOptions options = new() { Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = 1 << 16 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        }

        using FileStream stream = new(path, options);
        write(stream);
        stream.Flush(flushToDisk: true);
    }

    /// <inheritdoc/>
    public void Rename(string from, string to)
    {
        File.Move(Regular(from), Regular(to), overwrite: true);
        DurableFolder.Sync(_folder);
    }

    /// <inheritdoc/>
    public void Delete(string name)
    {
        File.Delete(Regular(name));
        DurableFolder.Sync(_folder);
    }

    // Whoever may put a link here could have any file of the machine read or overwritten through it.
    private string Regular(string name)
    {
        string path = Path.Combine(_folder, name);
        return new FileInfo(path).LinkTarget is null ? path
            : throw new IOException($"{path} is a link, and slots are files of their own. Someone put it there; take it away.");
    }
}
