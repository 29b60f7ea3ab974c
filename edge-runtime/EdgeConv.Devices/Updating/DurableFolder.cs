using System.Runtime.Versioning;

namespace EdgeConv.Devices.Updating;

/// <summary>A folder whose names outlast a power cut: a renamed file is only there for certain when its folder reached the disk as well.</summary>
internal static class DurableFolder
{
    /// <summary>Makes a folder where it is missing.</summary>
    public static void Make(string folder)
    {
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder);
            Sync(Path.GetDirectoryName(Path.GetFullPath(folder))!);
        }
    }

    /// <summary>Brings the names in a folder to the disk.</summary>
    /// <exception cref="IOException">They do not get there.</exception>
    public static void Sync(string folder)
    {
        if (OperatingSystem.IsLinux())
        {
            SyncNames(folder);
        }
    }

    [SupportedOSPlatform("linux")]
    private static void SyncNames(string folder)
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
