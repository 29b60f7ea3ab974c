using EdgeConv.Devices.Deciding;
using EdgeConv.Devices.Frames;
using EdgeConv.Devices.Updating;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Format;

namespace EdgeConv.Agent.Operating;

/// <summary>How a model file becomes what looks at frames.</summary>
/// <param name="Open">Opens the file as it is now.</param>
/// <param name="Objection">Why rules, lines or the like cannot do with a model; null where they can.</param>
internal sealed record ModelUse(Func<FrameClassifier> Open, Func<FrameClassifier, string?> Objection);

/// <summary>What became of a model file that was replaced.</summary>
internal interface ISwapListener
{
    /// <summary>It takes over with the next frame.</summary>
    void Taken(FrameClassifier next);

    /// <summary>The old one goes on.</summary>
    void Refused(string why);

    /// <summary>There is no file any more; the one that was loaded goes on. Once, until there is one again.</summary>
    void Gone();
}

/// <summary>
/// Notices that the model file is another one, tests it, and hands it on; or says why not. A second's look at the file is enough for that, and unlike
/// a notice by the kernel it also works for symbolic links that are switched, and for network drives.
/// </summary>
internal sealed class ModelSwap : IDisposable
{
    private readonly Func<string?> _file;
    private readonly ModelUse _use;
    private readonly ISwapListener _listener;
    private readonly TimeSpan _every;
    private readonly ManualResetEventSlim _end = new();
    private readonly Thread _thread;
    private Stamp _known;
    private bool _isRefused;

    /// <summary>Begins to look.</summary>
    /// <param name="file">The model file, which is running; null where nobody can say which.</param>
    /// <param name="use">How it is opened.</param>
    /// <param name="listener">Told from another thread.</param>
    /// <param name="every">The pause between two looks.</param>
    public ModelSwap(Func<string?> file, ModelUse use, ISwapListener listener, TimeSpan? every = null)
    {
        (_file, _use, _listener, _every) = (file, use, listener, every ?? TimeSpan.FromSeconds(1));
        _known = Stamp.Of(file());
        _thread = new Thread(Run) { IsBackground = true, Name = "model file" };
        _thread.Start();
    }

    /// <summary>Stops looking.</summary>
    public void Dispose()
    {
        _end.Set();
        _thread.Join();
        _end.Dispose();
    }

    private void Run()
    {
        Serving.ThreadPriorities.LowerThisThread();
        Stamp last = _known;
        bool isGone = false;
        while (!_end.Wait(_every))
        {
            Stamp now = Stamp.Of(_file());
            // One that is still being written changes from look to look; one that is away for a moment is being replaced.
            if (now != _known && now == last && now.IsThere)
            {
                bool isOnlyNewer = !_isRefused && now.HasContentOf(_known);
                _known = now;
                Try(isOnlyNewer);
            }

            if (!now.IsThere && !last.IsThere && !isGone)
            {
                _listener.Gone();
            }

            isGone = !now.IsThere && !last.IsThere;
            last = now;
        }
    }

    /// <param name="isOnlyNewer">Its head says that nothing else is in it than before, which its checksum proves once it is read.</param>
    private void Try(bool isOnlyNewer)
    {
        FrameClassifier? next = null;
        _isRefused = false;
        try
        {
            next = _use.Open();
            if (isOnlyNewer)
            {
                next.Dispose();
                return;
            }

            string? objection = Objection(next);
            if (objection is null)
            {
                _listener.Taken(next);
                return;
            }

            Refuse(objection);
        }
        catch (Exception error) when (error is ModelFormatException or PackageException or FrameException or IOException or UnauthorizedAccessException or OutOfMemoryException)
        {
            Refuse(error.Message);
        }

        next?.Dispose();
    }

    private void Refuse(string why)
    {
        _isRefused = true;
        _listener.Refused(why);
    }

    private string? Objection(FrameClassifier next)
    {
        if (next.Model.GoldenVectors.Count == 0)
        {
            return "it carries no golden vectors to test it with";
        }

        return SelfTest.Run(next.Model, next.Path) is { } divergence
            ? $"its selftest fails: golden vector {divergence.GoldenVector} differs first at layer {divergence.Operator}, {divergence.OperatorName}"
            : _use.Objection(next);
    }

    /// <summary>Tells one file from the next: also of the same size and time, by its first bytes, which have the checksum of all others.</summary>
    private readonly record struct Stamp(string? Name, long Length, DateTime Written, ulong Head)
    {
        // A model has its checksum in its first 64 bytes, a package the hash of its model behind a name of any length.
        private const int HeadBytes = 4096;

        /// <summary>Whether there is a file.</summary>
        public bool IsThere => Length >= 0;

        /// <summary>
        /// Whether it is the same but for its time, as after a touch, or a copy of the same file over it. Another slot is on trial, whatever is in it.
        /// </summary>
        public bool HasContentOf(Stamp other) => (Name, Length, Head) == (other.Name, other.Length, other.Head);

        public static Stamp Of(string? file)
        {
            if (file is null)
            {
                return new Stamp(file, -1, default, 0);
            }

            try
            {
                using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
                Span<byte> head = stackalloc byte[HeadBytes];
                int length = stream.ReadAtLeast(head, HeadBytes, throwOnEndOfStream: false);
                ulong sum = 0;
                foreach (byte value in head[..length])
                {
                    sum = sum * 0x100000001B3 + value;
                }

                return new Stamp(file, stream.Length, File.GetLastWriteTimeUtc(stream.SafeFileHandle), sum);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                return new Stamp(file, -1, default, 0);
            }
        }
    }
}
