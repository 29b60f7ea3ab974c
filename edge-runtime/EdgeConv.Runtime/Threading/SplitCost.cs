using System.Runtime.Intrinsics.Arm;

namespace EdgeConv.Runtime.Threading;

/// <summary>
/// What work costs, in multiply-accumulates of a convolution or what takes as long, so that one threshold serves every kernel. The
/// threshold is where two threads begin to beat one, measured with tests/EdgeConv.Benchmarks (<c>*Threads*</c>).
/// </summary>
internal static class SplitCost
{
    /// <summary>An element that is read, compared or requantized takes as long as this many multiply-accumulates.</summary>
    public const int Element = 16;

    /// <summary>A weight that is read once takes as long as this many: memory is slower than multiplications.</summary>
    public const int Weight = 4;

    /// <summary>A thread that is awake takes over work in about half a microsecond; NEON does fewer multiplications in that time.</summary>
    public static long Worthwhile { get; } = AdvSimd.IsSupported ? 40_000 : 400_000;
}
