using System.Diagnostics;
using EdgeConv.Devices.Frames;
using EdgeConv.Devices.Watching;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Agent.Serving;

/// <summary>A frame as a JPEG.</summary>
/// <param name="Number">Counts the pictures of this tap, from 1.</param>
/// <param name="Bytes">The whole file.</param>
internal sealed record TappedPicture(long Number, ReadOnlyMemory<byte> Bytes);

/// <summary>
/// Takes a frame out of the stream when someone wants one: the watcher's thread only copies it, a thread of its own, of low priority, encodes or
/// saves. While nobody asks it costs a look at a flag.
/// </summary>
internal sealed class FrameTap : IWatchListener, IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(4);

    private readonly Lock _lock = new();
    private readonly AutoResetEvent _work = new(false);
    private readonly Thread _thread;
    private readonly long _period;
    private readonly JpegEncoder _encoder = new();
    private readonly List<(string Root, string Label, TaskCompletionSource<string> Done)> _saves = [];
    private TaskCompletionSource<TappedPicture> _next = New();
    private TappedPicture? _newest;
    private byte[] _copy = [];
    private Picture _picture;
    private long _encoded;
    private long _count;
    private bool _isWanted, _isFull;
    private volatile bool _stopping;

    /// <summary>Starts the thread, which sleeps.</summary>
    /// <param name="mostASecond">Pictures are encoded no more often.</param>
    public FrameTap(double mostASecond)
    {
        _period = (long)(Stopwatch.Frequency / mostASecond);
        _thread = new Thread(Run) { IsBackground = true, Name = "pictures" };
        _thread.Start();
    }

    /// <summary>How many frames were encoded.</summary>
    public long Encoded => Volatile.Read(ref _count);

    /// <summary>A picture that is newer than one seen before.</summary>
    /// <param name="after">The number of the one that is known; 0 for any.</param>
    /// <param name="cancel">The visitor is gone.</param>
    /// <returns>Null where no frame comes for some seconds.</returns>
    public async Task<TappedPicture?> After(long after, CancellationToken cancel)
    {
        Task<TappedPicture> next;
        lock (_lock)
        {
            // One of a moment ago is as good as the next one, which a second visitor may have asked for.
            if (_newest is not null && _newest.Number > after && Stopwatch.GetTimestamp() - _encoded < _period)
            {
                return _newest;
            }

            next = _next.Task;
            Volatile.Write(ref _isWanted, true);
        }

        try
        {
            return await next.WaitAsync(_patience, cancel);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    /// <summary>Saves the next frame.</summary>
    /// <returns>The file.</returns>
    /// <exception cref="TimeoutException">No frame comes.</exception>
    /// <exception cref="FrameException">The label is no name for a folder.</exception>
    /// <exception cref="IOException">The disk does not take it.</exception>
    public async Task<string> Save(string root, string label)
    {
        (string Root, string Label, TaskCompletionSource<string> Done) save =
            (root, label, new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously));
        lock (_lock)
        {
            _saves.Add(save);
            Volatile.Write(ref _isWanted, true);
        }

        try
        {
            return await save.Done.Task.WaitAsync(_patience);
        }
        catch (TimeoutException)
        {
            // A frame that comes later shows something else than was meant.
            lock (_lock)
            {
                _saves.Remove(save);
            }

            throw;
        }
    }

    /// <inheritdoc/>
    public void Seen(in Observation observation)
    {
        if (!Volatile.Read(ref _isWanted))
        {
            return;
        }

        lock (_lock)
        {
            bool isDue = observation.Now - _encoded >= _period || _saves.Count > 0;
            if (_isFull || !isDue)
            {
                return;
            }

            Picture picture = observation.Frame.Picture;
            if (_copy.Length < picture.Pixels.Length)
            {
                _copy = new byte[picture.Pixels.Length];
            }

            picture.Pixels.CopyTo(_copy);
            _picture = picture with { Pixels = _copy.AsMemory(0, picture.Pixels.Length) };
            (_isFull, _isWanted) = (true, false);
        }

        _work.Set();
    }

    /// <inheritdoc/>
    public void Blind(long now)
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopping = true;
        _work.Set();
        _thread.Join();
        _work.Dispose();
    }

    private static TaskCompletionSource<TappedPicture> New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Run()
    {
        ThreadPriorities.LowerThisThread();
        while (true)
        {
            _work.WaitOne();
            if (_stopping)
            {
                return;
            }

            Save();
            Encode();
        }
    }

    private void Save()
    {
        (string Root, string Label, TaskCompletionSource<string> Done)[] saves;
        lock (_lock)
        {
            saves = [.. _saves];
            _saves.Clear();
        }

        foreach ((string root, string label, TaskCompletionSource<string> done) in saves)
        {
            try
            {
                done.SetResult(new FrameFolder(root, label).Save(_picture));
            }
            catch (Exception error)
            {
                done.SetException(error);
            }
        }
    }

    private void Encode()
    {
        TappedPicture picture;
        try
        {
            picture = new TappedPicture(_count + 1, _encoder.Encode(_picture));
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // A picture that cannot be shown must not end the agent; whoever waits for it gives up, and asks for the next one.
            lock (_lock)
            {
                _isFull = false;
            }

            return;
        }

        TaskCompletionSource<TappedPicture> waiting;
        lock (_lock)
        {
            (waiting, _next) = (_next, New());
            (_newest, _encoded, _isFull) = (picture, Stopwatch.GetTimestamp(), false);
            Volatile.Write(ref _count, picture.Number);
        }

        waiting.SetResult(picture);
    }
}
