namespace EdgeConv.Trainer.Parts;

/// <summary>What a training may take of a machine. It changes how long it lasts, never what comes out.</summary>
/// <param name="Threads">Threads that compute; 0 for one a processor. More than a batch has parts find nothing to do.</param>
/// <param name="Workers">Threads that prepare pictures.</param>
public sealed record Resources(int Threads = 0, int Workers = 1)
{
    /// <summary>Threads for some pieces of work.</summary>
    internal int ThreadsFor(int pieces) => Math.Clamp(Threads > 0 ? Threads : Environment.ProcessorCount, 1, Math.Max(1, pieces));
}
