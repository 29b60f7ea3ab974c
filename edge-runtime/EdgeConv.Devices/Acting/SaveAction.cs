using System.Buffers;
using System.Diagnostics;
using EdgeConv.Devices.Frames;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Devices.Acting;

/// <summary>Saves frames for training, no more than some a minute, and none when the disk gets full.</summary>
internal sealed class SaveAction(string name, SaveRule rule, Action<string> say) : BackgroundAction<SaveAction.Job>(name, Room, say)
{
    // A frame of 1080p is some MB.
    private const int Room = 3;
    private readonly Dictionary<string, FrameFolder> _folders = new(StringComparer.Ordinal);
    private long _minute;
    private int _inMinute;

    /// <summary>A frame with memory of its own.</summary>
    internal sealed record Job(string ClassName, Picture Picture, byte[] Memory);

    /// <inheritdoc/>
    protected override Job? Prepare(ActionEvent what, in Picture? picture)
    {
        if (picture is not { } frame || !MayNow())
        {
            return null;
        }

        int length = frame.Pixels.Length;
        byte[] memory = ArrayPool<byte>.Shared.Rent(length);
        frame.Pixels.Span.CopyTo(memory);
        return new Job(rule.ClassName ?? what.Class, frame with { Pixels = memory.AsMemory(0, length) }, memory);
    }

    /// <inheritdoc/>
    protected override Task Work(Job job, CancellationToken stop)
    {
        try
        {
            Folder(job.ClassName).Save(job.Picture);
        }
        finally
        {
            Forget(job);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override void Forget(Job job) => ArrayPool<byte>.Shared.Return(job.Memory);

    private bool MayNow()
    {
        long now = Stopwatch.GetTimestamp();
        if (_minute == 0 || Stopwatch.GetElapsedTime(_minute, now) >= TimeSpan.FromMinutes(1))
        {
            (_minute, _inMinute) = (now, 0);
        }

        return ++_inMinute <= rule.MostAMinute;
    }

    private FrameFolder Folder(string className)
    {
        if (!_folders.TryGetValue(className, out FrameFolder? folder))
        {
            // A label such as "N/A" is no name for a folder.
            string safe = FrameFolder.IsClassName(className) ? className : string.Concat(className.Select(c => char.IsLetterOrDigit(c) ? c : '_'));
            folder = new FrameFolder(rule.Folder, safe);
            _folders.Add(className, folder);
        }

        long free = new DriveInfo(Path.GetFullPath(rule.Folder)).AvailableFreeSpace;
        return free >= rule.LeastFree ? folder
            : throw new IOException($"only {free / 1e6:F0} MB are free where {rule.Folder} is; nothing is saved below {rule.LeastFree / 1e6:F0} MB.");
    }
}
