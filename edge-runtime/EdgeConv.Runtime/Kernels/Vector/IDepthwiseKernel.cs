using System.Runtime.Intrinsics;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// What differs from one instruction set to the next in a depthwise convolution: arithmetic on eight channels.
/// <see cref="DepthwiseRow{TKernel, TTaps, TSums}"/> says what is multiplied with what.
/// </summary>
/// <typeparam name="TTaps">Eight int8 as they are multiplied.</typeparam>
/// <typeparam name="TSums">Eight int32.</typeparam>
internal unsafe interface IDepthwiseKernel<TTaps, TSums>
{
    /// <summary>Eight bytes: weights, or the input of one tap.</summary>
    static abstract TTaps Load(sbyte* bytes);

    /// <summary>What the sums begin with: the bias.</summary>
    static abstract TSums Start(int* panel);

    static abstract Vector128<short> Multiply(TTaps x, TTaps weights);

    /// <summary>sum + x * weights in int16, which the caller knows to fit.</summary>
    static abstract Vector128<short> MultiplyAdd(Vector128<short> sum, TTaps x, TTaps weights);

    /// <summary>Widens and adds the products of four pixels, in whatever order keeps them from waiting for one another.</summary>
    static abstract void Add(ref TSums s0, ref TSums s1, ref TSums s2, ref TSums s3,
        Vector128<short> p0, Vector128<short> p1, Vector128<short> p2, Vector128<short> p3);

    /// <summary>Requantizes four pixels and stores eight bytes of each.</summary>
    static abstract void Store(TSums s0, TSums s1, TSums s2, TSums s3, int* panel, OutputStage stage, sbyte* y, nint pixel);
}
