using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using EdgeConv.Runtime.Kernels;
using EdgeConv.Runtime.Kernels.Vector;

namespace EdgeConv.Runtime.Tests;

/// <summary>Every convolution of 3x3 and more by Winograd's algorithm, whether it pays or not, and sums; the rest by the reference.</summary>
/// <param name="maxTiles">Of a strip.</param>
/// <param name="keepsWeights">Whether they are transformed once.</param>
internal sealed class WinogradPath<T>(int maxTiles = int.MaxValue, bool keepsWeights = true) : KernelPath
    where T : struct, IWinogradKernel
{
    public override string Name => $"Winograd, {T.Tile}, {typeof(T).Name}, strips of {maxTiles}{(keepsWeights ? "" : ", weights transformed each time")}";

    public override bool IsSupported => true;

    internal override Kernel Prepare(ModelOperator op, KernelContext context) => op switch
    {
        Conv2DOp conv when WinogradPlan.CanRun(conv, context) && WinogradPlan.Make(conv, context, T.Processor, T.Tile, maxTiles, keepsWeights) is { } plan => new WinogradConv2D<T>(conv, context, plan),
        AddOp add => VectorAdd.Prepare(add, context),   // so that it is one step with the convolution before it
        _ => Reference.Prepare(op, context),
    };
}

/// <summary>All forms of it that this processor runs.</summary>
internal static class WinogradPaths
{
    /// <param name="maxTiles">Of a strip.</param>
    public static IEnumerable<KernelPath> Supported(int maxTiles = int.MaxValue)
    {
        if (AdvSimd.Arm64.IsSupported)
        {
            yield return new WinogradPath<NeonWinograd>(maxTiles);
            yield return new WinogradPath<NeonWinogradTwo>(maxTiles);
            yield break;
        }

        yield return new WinogradPath<PlainWinograd<MatricesOfFour>>(maxTiles);
        yield return new WinogradPath<PlainWinograd<MatricesOfTwo>>(maxTiles);
        if (Avx2.IsSupported)
        {
            yield return new WinogradPath<Avx2Winograd>(maxTiles);
            yield return new WinogradPath<Avx2Winograd>(maxTiles, keepsWeights: false);
        }

        if (X64Winograd.Has512)
        {
            yield return new WinogradPath<Avx512Winograd<OneVector>>(maxTiles);
            yield return new WinogradPath<Avx512Winograd<TwoVectors>>(maxTiles);
            yield return new WinogradPath<Avx512Winograd<OneVector>>(maxTiles, keepsWeights: false);
            yield return new WinogradPath<Avx512Winograd<TwoVectors>>(maxTiles, keepsWeights: false);
        }
    }
}
