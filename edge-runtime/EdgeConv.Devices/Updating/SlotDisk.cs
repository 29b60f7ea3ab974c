using System.Runtime.Versioning;

namespace EdgeConv.Devices.Updating;

/// <summary>A folder of the machine.</summary>
internal sealed class SlotDisk : ISlotDisk
{
    private readonly string _folder;

    /// <param name="folder">Made where it is missing.</param>
    public SlotDisk(string folder)
    {
        _folder = folder;
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder);
            Sync(Path.GetDirectoryName(Path.GetFullPath(folder))!);
        }
    }

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
        Sync(_folder);
    }

    /// <inheritdoc/>
    public void Delete(string name)
    {
        File.Delete(Path.Combine(_folder, name));
        Sync(_folder);
    }

    // Whoever may put a link here could have any file of the machine read or overwritten through it.
    private string Regular(string name)
    {
        string path = Path.Combine(_folder, name);
        return new FileInfo(path).LinkTarget is null ? path
            : throw new IOException($"{path} is a link, and slots are files of their own. Someone put it there; take it away.");
    }

    /// <summary>Brings the names in a folder to the disk.</summary>
    private static void Sync(string folder)
    {
        if (OperatingSystem.IsLinux())
        {
            SyncFolder(folder);
        }
    }

    [SupportedOSPlatform("linux")]
    private static void SyncFolder(string folder)
    {
        int file = LibC.Open(folder, LibC.CloseOnExec);
        if (file < 0)
        {
            throw new IOException($"{folder}: cannot be opened.");
        }

        bool isSynced = LibC.Sync(file) == 0;
        LibC.Close(file);
        if (!isSynced)
        {
            throw new IOException($"{folder}: its names do not reach the disk.");
        }
    }
}
