using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>The two-rounding rule on sixteen lanes: two rows of a panel.</summary>
internal static unsafe class Avx512Requantize
{
    public static void Rows(int* accumulators, int rows, int* panel, in OutputStage stage, sbyte* output, nint outputStride)
    {
        if (panel[Panel.Fused] != (int)FusedSums.None)
        {
            Avx512Fused.Rows(accumulators, rows, panel, output, outputStride);
        }
        else if (stage.FixesTies)
        {
            Rows<TiesAwayFromZero>(accumulators, rows, panel, stage, output, outputStride);
        }
        else
        {
            Rows<TiesUp>(accumulators, rows, panel, stage, output, outputStride);
        }
    }

    private static void Rows<T>(int* accumulators, int rows, int* panel, in OutputStage stage, sbyte* output, nint outputStride)
        where T : struct, ITies
    {
        var channels = new SixteenChannels(Twice(panel + Panel.Multiplier), Twice(panel + Panel.LeftShift), Twice(panel + Panel.RightShift));
        OutputStage local = stage;
        for (; rows > 0; rows -= 2, accumulators += 2 * Panel.Channels, output += 2 * outputStride)
        {
            StoreTwo(channels.Requantize<T>(Vector512.Load(accumulators), local), rows, output, outputStride);
        }
    }

    /// <summary>Two rows of a panel, or the first one where no more are real.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreTwo(Vector128<sbyte> bytes, int rows, sbyte* output, nint outputStride)
    {
        *(long*)output = bytes.AsInt64().ToScalar();
        if (rows > 1)
        {
            *(long*)(output + outputStride) = bytes.AsInt64().GetElement(1);
        }
    }

    /// <summary>A number of a panel's channels, for two rows.</summary>
    public static Vector512<int> Twice(int* eight) => Vector512.Create(Vector256.Load(eight), Vector256.Load(eight));
}
