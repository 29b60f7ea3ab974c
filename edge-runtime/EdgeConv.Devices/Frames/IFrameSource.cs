using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Devices.Frames;

/// <summary>A picture with where it came from.</summary>
/// <param name="Picture">Valid until the next frame is read: the source may reuse its memory.</param>
/// <param name="Name">For messages: a file's name, or the number of a camera's frame.</param>
public readonly record struct Frame(Picture Picture, string Name);

/// <summary>Pictures one after another: files, a folder, a camera.</summary>
public interface IFrameSource : IDisposable
{
    /// <summary>Waits for the next frame; false when there will be no more.</summary>
    /// <exception cref="FrameException">A frame does not decode; the source stays usable and goes on with the next one.</exception>
    bool TryRead(out Frame frame);
}

/// <summary>A frame that cannot be had or does not decode.</summary>
public sealed class FrameException(string message) : Exception(message);
