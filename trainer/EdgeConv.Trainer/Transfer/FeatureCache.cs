using EdgeConv.Converters.Data;

namespace EdgeConv.Trainer.Transfer;

/// <summary>
/// The folder in which features of frozen layers stay from one training to the next. It never grows beyond its bound: what was not used
/// for the longest time goes first.
/// </summary>
/// <param name="folder">The folder; it is made when something is kept.</param>
/// <param name="bound">Most bytes that it may hold.</param>
internal sealed class FeatureCache(string folder, long bound = FeatureCache.DefaultBound)
{
    private const long DefaultBound = 4L << 30;
    private const string Extension = ".features";

    /// <summary>The user's.</summary>
    public static FeatureCache OfUser() => new(UserCache.Folder("features"));

    /// <summary>What is kept under a key, or what is computed and then kept.</summary>
    /// <param name="key">32 bytes: all that the features depend on.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="length">Values a row.</param>
    /// <param name="compute">Gives all rows, some at a time.</param>
    /// <param name="kept">Whether they were there already.</param>
    /// <returns>Null where there is no room.</returns>
    public FeatureFile? Get(byte[] key, int rows, int length, Func<IEnumerable<float[]>> compute, out bool kept)
    {
        string path = Path.Combine(folder, Convert.ToHexStringLower(key) + Extension);
        long bytes = FeatureFile.Bytes(rows, length);
        kept = false;
        try
        {
            if (FeatureFile.Open(path, key, rows, length) is { } found)
            {
                kept = true;
                File.SetLastWriteTimeUtc(path, DateTime.UtcNow);
                return found;
            }
            if (bytes > bound) return null;
            Directory.CreateDirectory(folder);
            File.Delete(path);
            MakeRoom(bytes);
            if (new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace < bytes) return null;
            FeatureFile.Write(path, key, rows, length, compute());
            return FeatureFile.Open(path, key, rows, length);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // a cache that cannot be written costs time, not the training
        }
    }

    private void MakeRoom(long bytes)
    {
        FileInfo[] files = [.. new DirectoryInfo(folder).GetFiles("*" + Extension).OrderBy(file => file.LastWriteTimeUtc)];
        long held = files.Sum(file => file.Length);
        foreach (FileInfo file in files)
        {
            if (held + bytes <= bound) return;
            held -= file.Length;
            file.Delete();
        }
    }
}
