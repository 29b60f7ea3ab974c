using TorchSharp;
using static TorchSharp.torch;

namespace EdgeConv.Trainer.Parts;

/// <summary>What a training may take of a machine. It changes how long it lasts, never what comes out.</summary>
/// <param name="Threads">Threads that compute; 0 for one a processor. More than a batch has parts find nothing to do.</param>
/// <param name="Workers">Threads that prepare pictures.</param>
public sealed record Resources(int Threads = 0, int Workers = 1)
{
    private const int PicturesAtOnce = 512;

    /// <summary>Threads for some pieces of work.</summary>
    internal int ThreadsFor(int pieces) => Math.Clamp(Threads > 0 ? Threads : Environment.ProcessorCount, 1, Math.Max(1, pieces));

    /// <summary>
    /// Threads for pieces of some pictures on their way through a network: what they hold does not grow with the processors, and a GPU gets
    /// one piece at a time.
    /// </summary>
    internal int ThreadsFor(int pieces, int pictures, Device device) =>
        device.type == DeviceType.CUDA ? 1 : Math.Min(ThreadsFor(pieces), Math.Max(1, PicturesAtOnce / pictures));
}
