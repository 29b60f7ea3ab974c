using System.Runtime.Intrinsics.Arm;

namespace EdgeConv.Runtime.Threading;

/// <summary>
/// What work costs, in multiply-accumulates of a convolution or what takes as long, so that one threshold serves every kernel. The
/// numbers were measured with <c>*Thread*</c> of tests/EdgeConv.Benchmarks.
/// </summary>
internal static class SplitCost
{
    /// <summary>An element that is read, compared or requantized takes as long as this many multiply-accumulates.</summary>
    public const int Element = 16;

    /// <summary>A product of a depthwise convolution. They take longer, but are mostly loads from what another core has written.</summary>
    public const int DepthwiseTap = 2;

    /// <summary>A weight that is read once takes as long as this many: memory is slower than multiplications.</summary>
    public const int Weight = 6;

    /// <summary>A byte that is copied.</summary>
    public const int Copy = 8;

    /// <summary>
    /// The cost from which two threads are quicker than one. On ARM about 15 us: several times what it takes to wake a thread that is still looking for
    /// work and to fetch what another core has in its cache. On x64 25 to 40 us, since helpers sleep between the few layers of a small network that are worth
    /// it, and to wake them takes half of that: with a quarter of this cost ResNet-8 took 105 us instead of 92 on a Zen 4.
    /// </summary>
    public static long Worthwhile { get; } = AdvSimd.IsSupported ? 200_000 : 4_000_000;
}
