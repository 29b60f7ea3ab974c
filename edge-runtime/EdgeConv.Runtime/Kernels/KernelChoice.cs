namespace EdgeConv.Runtime.Kernels;

/// <summary>How a kernel path computes one operator, for people to read.</summary>
/// <param name="Algorithm">In a few words.</param>
/// <param name="Why">Why this one and not another, in a sentence without a full stop.</param>
public readonly record struct KernelChoice(string Algorithm, string Why);
