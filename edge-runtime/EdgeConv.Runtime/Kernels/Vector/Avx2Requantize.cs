using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>The two-rounding rule on eight int32 lanes.</summary>
internal static unsafe class Avx2Requantize
{
    public static void Rows(int* accumulators, int rows, int* panel, OutputStage stage, sbyte* output, nint outputStride)
    {
        Vector256<int> left = Vector256.Load(panel + Panel.LeftShift);
        Vector256<int> right = Vector256.Load(panel + Panel.RightShift), evens = Vector256.Load(panel + Panel.Multiplier);
        Vector256<int> odds = Avx2.ShiftRightLogical(evens.AsInt64(), 32).AsInt32();
        Vector256<int> mask = Avx2.ShiftLeftLogicalVariable(Vector256<int>.One, right.AsUInt32()) - Vector256<int>.One;
        Vector256<int> threshold = Avx2.ShiftRightLogical(mask, 1);
        Vector256<int> zeroPoint = Vector256.Create(stage.ZeroPoint), min = Vector256.Create(stage.Min), max = Vector256.Create(stage.Max);
        for (int row = 0; row < rows; row++, accumulators += Panel.Channels, output += outputStride)
        {
            Vector256<int> x = Avx2.ShiftLeftLogicalVariable(Vector256.Load(accumulators), left.AsUInt32());
            Vector256<int> high = DoublingMultiplyHigh(x, evens, odds);
            Vector256<int> sign = Avx2.ShiftRightArithmetic(high, 31);
            Vector256<int> roundsUp = Avx2.CompareGreaterThan(high & mask, threshold - sign);   // -1 where it does
            Vector256<int> value = Avx2.ShiftRightArithmeticVariable(high, right.AsUInt32()) - roundsUp + zeroPoint;
            value = Avx2.Min(Avx2.Max(value, min), max);
            Vector128<short> words = Sse2.PackSignedSaturate(value.GetLower(), value.GetUpper());
            *(long*)output = Sse2.PackSignedSaturate(words, words).AsInt64().ToScalar();
        }
    }

    /// <summary>(x * m + 2^30) >> 31 a lane: even lanes shifted down into place, odd lanes shifted up by one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> DoublingMultiplyHigh(Vector256<int> x, Vector256<int> evens, Vector256<int> odds)
    {
        Vector256<long> rounding = Vector256.Create(1L << 30);
        Vector256<long> even = Avx2.Multiply(x, evens) + rounding;
        Vector256<long> odd = Avx2.Multiply(Avx2.ShiftRightLogical(x.AsInt64(), 32).AsInt32(), odds) + rounding;
        return Avx2.Blend(Avx2.ShiftRightLogical(even, 31).AsInt32(), Avx2.ShiftLeftLogical(odd, 1).AsInt32(), 0b10101010);
    }
}
