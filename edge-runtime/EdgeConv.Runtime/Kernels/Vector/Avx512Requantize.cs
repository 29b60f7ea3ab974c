using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// The two-rounding rule on sixteen lanes: two rows of a panel. In 64 bits both roundings are one addition and one shift, since
/// floor((floor(a) + n) / d) = floor((a + n) / d); away from zero below it takes one from what was rounded first.
/// </summary>
internal static unsafe class Avx512Requantize
{
    public static void Rows(int* accumulators, int rows, int* panel, OutputStage stage, sbyte* output, nint outputStride)
    {
        if (stage.FixesTies)
        {
            Rows<AwayFromZero>(accumulators, rows, panel, stage, output, outputStride);
        }
        else
        {
            Rows<Up>(accumulators, rows, panel, stage, output, outputStride);
        }
    }

    private static void Rows<T>(int* accumulators, int rows, int* panel, OutputStage stage, sbyte* output, nint outputStride)
        where T : struct, ITies
    {
        Vector512<int> left = Twice(panel + Panel.LeftShift);
        Half even = Half.Of(Twice(panel + Panel.Multiplier).AsInt64(), Twice(panel + Panel.RightShift).AsInt64() & Vector512.Create(0xFFFF_FFFFL));
        Half odd = Half.Of(Twice(panel + Panel.Multiplier).AsInt64() >>> 32, Twice(panel + Panel.RightShift).AsInt64() >>> 32);
        Vector512<int> zeroPoint = Vector512.Create(stage.ZeroPoint);
        Vector128<sbyte> min = Vector128.Create((sbyte)stage.Min), max = Vector128.Create((sbyte)stage.Max);
        for (int row = 0; row < rows; row += 2, accumulators += 2 * Panel.Channels, output += 2 * outputStride)
        {
            Vector512<int> x = Vector512.Load(accumulators);
            if (stage.ShiftsLeft)
            {
                x = Avx512F.ShiftLeftLogicalVariable(x, left.AsUInt32());
            }

            Vector512<long> low = even.Scale<T>(x), high = odd.Scale<T>((x.AsInt64() >>> 32).AsInt32()) << 32;
            Vector512<int> value = Vector512.ConditionalSelect(Vector512.Create(0xFFFF_FFFFL), low, high).AsInt32() + zeroPoint;
            Vector128<sbyte> bytes = Sse41.Min(Sse41.Max(Avx512F.ConvertToVector128SByteWithSaturation(value), min), max);
            *(long*)output = bytes.AsInt64().ToScalar();
            if (row + 1 < rows)
            {
                *(long*)(output + outputStride) = bytes.AsInt64().GetElement(1);
            }
        }
    }

    private static Vector512<int> Twice(int* eight) => Vector512.Create(Vector256.Load(eight), Vector256.Load(eight));

    /// <summary>Every second lane's numbers, in 64 bits.</summary>
    private readonly struct Half(Vector512<long> multiplier, Vector512<long> rounding, Vector512<long> tie, Vector512<ulong> shift)
    {
        private readonly Vector512<long> _multiplier = multiplier, _rounding = rounding, _tie = tie;
        private readonly Vector512<ulong> _shift = shift;

        public static Half Of(Vector512<long> multiplier, Vector512<long> right)
        {
            Vector512<long> half = Avx512F.ShiftLeftLogicalVariable(Vector512<long>.One, right.AsUInt64()) >>> 1;   // 0 where nothing is shifted
            Vector512<long> tie = Vector512.ConditionalSelect(Vector512.Equals(right, default), default, Vector512.Create(1L << 31));
            return new Half(multiplier, half << 31, tie, (right + Vector512.Create(31L)).AsUInt64());
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector512<long> Scale<T>(Vector512<int> x)
            where T : struct, ITies
        {
            Vector512<long> product = Avx512F.Multiply(x, _multiplier.AsInt32()) + Vector512.Create(1L << 30);
            if (T.AwayFromZero)
            {
                product -= (product >> 63) & _tie;
            }

            return Avx512F.ShiftRightArithmeticVariable(product + _rounding, _shift);
        }
    }

    /// <summary>How the second rounding treats ties below zero.</summary>
    private interface ITies
    {
        static abstract bool AwayFromZero { get; }
    }

    private readonly struct AwayFromZero : ITies
    {
        static bool ITies.AwayFromZero => true;
    }

    private readonly struct Up : ITies
    {
        static bool ITies.AwayFromZero => false;
    }
}
