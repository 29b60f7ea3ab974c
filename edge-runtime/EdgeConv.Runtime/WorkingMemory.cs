namespace EdgeConv.Runtime;

/// <summary>Memory that an interpreter takes beside the arena and the model file; it depends on the kernel path.</summary>
/// <param name="PackedBytes">Weights in the order in which the path's kernels read them.</param>
/// <param name="ScratchBytes">Shared by all kernels, for the length of one operator.</param>
public readonly record struct WorkingMemory(long PackedBytes, long ScratchBytes)
{
    /// <summary>Both.</summary>
    public long TotalBytes => PackedBytes + ScratchBytes;
}
