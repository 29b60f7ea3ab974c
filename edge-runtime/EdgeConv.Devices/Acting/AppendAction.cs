using System.Globalization;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Devices.Acting;

/// <summary>
/// Appends events to a file, a line of JSON each. A line is there whole or not at all, also on a full disk and after a loss of power; the file is
/// opened for each, so that it may be moved or removed meanwhile.
/// </summary>
internal sealed class AppendAction(string name, AppendRule rule, Action<string> say) : BackgroundAction<ActionEvent>(name, Room, say)
{
    private const int Room = 256;

    /// <inheritdoc/>
    protected override ActionEvent Prepare(ActionEvent what, in Picture? picture) => what;

    /// <inheritdoc/>
    protected override Task Work(ActionEvent job, CancellationToken stop)
    {
        byte[] line = [.. job.ToJson(), (byte)'\n'];
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(rule.File))!);
        if (new FileInfo(rule.File) is { Exists: true } old && old.Length + line.Length > rule.MostBytes)
        {
            Rotate();
        }

        using FileStream file = new(rule.File, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        long end = WholeLines(file);
        try
        {
            file.Seek(end, SeekOrigin.Begin);
            file.Write(line);
        }
        catch
        {
            // What the disk still took of it.
            file.SetLength(end);
            throw;
        }

        return Task.CompletedTask;
    }

    /// <summary>Where the last whole line ends: a rest of one is cut off.</summary>
    private static long WholeLines(FileStream file)
    {
        long end = file.Length;
        for (; end > 0; end--)
        {
            file.Seek(end - 1, SeekOrigin.Begin);
            if (file.ReadByte() == '\n')
            {
                break;
            }
        }

        if (end < file.Length)
        {
            file.SetLength(end);
        }

        return end;
    }

    private void Rotate()
    {
        for (int i = rule.Kept - 1; i >= 1; i--)
        {
            if (File.Exists(Older(i)))
            {
                File.Move(Older(i), Older(i + 1), overwrite: true);
            }
        }

        if (rule.Kept > 0)
        {
            File.Move(rule.File, Older(1), overwrite: true);
        }
        else
        {
            File.Delete(rule.File);
        }

        string Older(int number) => rule.File + "." + number.ToString(CultureInfo.InvariantCulture);
    }
}
