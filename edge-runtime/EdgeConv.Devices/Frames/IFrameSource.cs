using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Devices.Frames;

/// <summary>A picture with where it came from.</summary>
/// <param name="Picture">Valid until the next frame is asked for: the source reuses its memory.</param>
/// <param name="Name">For messages: a file's name, or the camera's.</param>
public readonly record struct Frame(Picture Picture, string Name)
{
    /// <summary>The camera's own count, from 0; a gap means that frames were left out.</summary>
    public long Number { get; init; }

    /// <summary>When it was taken, in ticks of <see cref="System.Diagnostics.Stopwatch"/>; 0 where nobody knows.</summary>
    public long Taken { get; init; }
}

/// <summary>What came of waiting for a frame.</summary>
public enum FrameWait
{
    /// <summary>A frame.</summary>
    Frame,

    /// <summary>None in that time; there may be more later.</summary>
    Timeout,

    /// <summary>There will be no more.</summary>
    End,
}

/// <summary>Pictures one after another: files, a folder, a camera.</summary>
public interface IFrameSource : IDisposable
{
    /// <summary>Waits for the next frame, from a camera the newest; false when there will be no more.</summary>
    /// <exception cref="FrameException">A file does not decode; the source stays usable and goes on with the next one.</exception>
    bool TryRead(out Frame frame);

    /// <summary>Waits no longer than a while. Files do not keep one waiting.</summary>
    /// <exception cref="FrameException">As <see cref="TryRead"/>.</exception>
    FrameWait Wait(TimeSpan timeout, out Frame frame) => TryRead(out frame) ? FrameWait.Frame : FrameWait.End;
}

/// <summary>A frame or a camera that cannot be had, or a frame that does not decode.</summary>
public sealed class FrameException(string message) : Exception(message);
