using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>The two-rounding rule on eight int32 lanes, or <see cref="UpperHalf"/> where that is the same.</summary>
internal static unsafe class Avx2Requantize
{
    public static void Rows(int* accumulators, int rows, int* panel, OutputStage stage, sbyte* output, nint outputStride)
    {
        if (stage.TakesUpperHalf)
        {
            UpperHalves(accumulators, rows, panel, stage, output, outputStride);
            return;
        }

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

    /// <summary>Four rows at a time, since narrowing joins them anyway.</summary>
    private static void UpperHalves(int* accumulators, int rows, int* panel, OutputStage stage, sbyte* output, nint outputStride)
    {
        var channels = new Channels(panel, stage.ZeroPoint);
        Vector256<sbyte> min = Vector256.Create((sbyte)stage.Min), max = Vector256.Create((sbyte)stage.Max);
        for (; rows >= 4; rows -= 4, accumulators += 4 * Panel.Channels, output += 4 * outputStride)
        {
            Vector256<short> a = Avx2.PackSignedSaturate(channels.Scale(accumulators), channels.Scale(accumulators + 8));
            Vector256<short> b = Avx2.PackSignedSaturate(channels.Scale(accumulators + 16), channels.Scale(accumulators + 24));
            Vector256<sbyte> bytes = Avx2.Min(Avx2.Max(Avx2.PackSignedSaturate(a, b), min), max);

            // four rows' lower channels, then their upper ones
            Vector128<int> lower = bytes.GetLower().AsInt32(), upper = bytes.GetUpper().AsInt32();
            Vector128<long> first = Sse2.UnpackLow(lower, upper).AsInt64(), second = Sse2.UnpackHigh(lower, upper).AsInt64();
            sbyte* next = output + 2 * outputStride;
            *(long*)output = first.ToScalar();
            *(long*)(output + outputStride) = first.GetElement(1);
            *(long*)next = second.ToScalar();
            *(long*)(next + outputStride) = second.GetElement(1);
        }

        for (; rows > 0; rows--, accumulators += Panel.Channels, output += outputStride)
        {
            Vector256<int> value = channels.Scale(accumulators);
            Vector128<short> words = Sse2.PackSignedSaturate(value.GetLower(), value.GetUpper());
            Vector128<sbyte> bytes = Sse41.Min(Sse41.Max(Sse2.PackSignedSaturate(words, words), min.GetLower()), max.GetLower());
            *(long*)output = bytes.AsInt64().ToScalar();
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

    /// <summary>The numbers of a panel for <see cref="UpperHalf"/>, every second channel in 64 bits.</summary>
    private readonly struct Channels
    {
        private readonly Vector256<int> _evens;
        private readonly Vector256<int> _odds;
        private readonly Vector256<long> _evenConstant;
        private readonly Vector256<long> _oddConstant;
        private readonly Vector256<uint> _shift;

        public Channels(int* panel, int zeroPoint)
        {
            Vector256<int> right = Vector256.Load(panel + Panel.RightShift);
            _evens = Vector256.Load(panel + Panel.Multiplier);
            _odds = (_evens.AsInt64() >>> 32).AsInt32();
            Vector256<long> half = Vector256.Create(1L << 30), output = Vector256.Create((1L << 30) + ((long)zeroPoint << 31));
            _evenConstant = half + Avx2.ShiftLeftLogicalVariable(output, (right.AsInt64() & Vector256.Create(0xFFFF_FFFFL)).AsUInt64());
            _oddConstant = half + Avx2.ShiftLeftLogicalVariable(output, (right.AsInt64() >>> 32).AsUInt64());
            _shift = (right - Vector256<int>.One).AsUInt32();
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector256<int> Scale(int* accumulators)
        {
            Vector256<int> x = Vector256.Load(accumulators);
            Vector256<long> even = Avx2.Multiply(x, _evens) + _evenConstant;
            Vector256<long> odd = Avx2.Multiply((x.AsInt64() >>> 32).AsInt32(), _odds) + _oddConstant;
            return Avx2.ShiftRightArithmeticVariable(Avx2.Blend((even >>> 32).AsInt32(), odd.AsInt32(), 0b10101010), _shift);
        }
    }
}
