using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// The two-rounding rule of sixteen channels on 64 times the accumulators, which is what the division by 9 leaves. In 64 bits both roundings and
/// the zero point are one addition, and the division's shift is one with the rule's: value = (64 * accumulator * multiplier + constant) >> (37 + right
/// shift), of which the first 32 are the upper half.
/// </summary>
/// <remarks>
/// Ties below zero are rounded away from it by taking one from what was rounded first, 32 from the upper half. The rule takes it where that is negative, this
/// where the accumulator is: they differ where the first rounding gave 0, and there it changes nothing.
/// </remarks>
internal readonly unsafe struct Avx512WinogradScaling
{
    private const int FirstRounding = 31 + WinogradFour.Shift;   // bits of the first rounding
    private const int MostRightShift = 17;                       // a zero point of -128 shifted by it and the largest product fit 64 bits

    private readonly Vector512<int> _evens;
    private readonly Vector512<int> _odds;
    private readonly Vector512<long> _evenConstant;
    private readonly Vector512<long> _oddConstant;
    private readonly Vector512<uint> _shift;
    private readonly Vector512<int> _tie;

    /// <param name="panel">Two panels for which it <see cref="Fits"/>.</param>
    /// <param name="zeroPoint">Of the output.</param>
    public Avx512WinogradScaling(int* panel, int zeroPoint)
    {
        Vector512<int> right = Both(panel, Panel.RightShift);
        _evens = Both(panel, Panel.Multiplier);
        _odds = (_evens.AsInt64() >>> 32).AsInt32();
        _evenConstant = Constant(right.AsInt64() & Vector512.Create(0xFFFF_FFFFL), zeroPoint);
        _oddConstant = Constant(right.AsInt64() >>> 32, zeroPoint);
        _shift = (right + Vector512.Create(FirstRounding - 32)).AsUInt32();
        _tie = Vector512.ConditionalSelect(Vector512.Equals(right, default), default, Vector512.Create(-1 << (FirstRounding - 32)));
    }

    /// <summary>Whether no channel is shifted left, or so far right that the zero point passes 64 bits.</summary>
    public static bool Fits(int* panel, in OutputStage stage) =>
        !stage.ShiftsLeft && Vector512.LessThanOrEqualAll(Both(panel, Panel.RightShift), Vector512.Create(MostRightShift));

    /// <summary>A number of sixteen channels, which are two panels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Both(int* panel, int number) =>
        Vector512.Create(Vector256.Load(panel + number), Vector256.Load(panel + Panel.Ints + number));

    /// <summary>Bytes of four pixels, sixteen each, saturated only.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<sbyte> ToBytes<T>(in Avx512Row x)
        where T : struct, ITies => Avx512Narrowing.ToBytes(Scale<T>(x.C0), Scale<T>(x.C1), Scale<T>(x.C2), Scale<T>(x.C3));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector512<int> Scale<T>(Vector512<int> x)
        where T : struct, ITies
    {
        Vector512<long> even = Avx512F.Multiply(x, _evens) + _evenConstant, odd = Avx512F.Multiply((x.AsInt64() >>> 32).AsInt32(), _odds) + _oddConstant;
        Vector512<int> upperHalves = Vector512.Create(1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31);
        Vector512<int> value = Avx512F.PermuteVar16x32x2(even.AsInt32(), upperHalves, odd.AsInt32());
        if (T.AwayFromZero)
        {
            value += (x >> 31) & _tie;
        }

        return Avx512F.ShiftRightArithmeticVariable(value, _shift);
    }

    /// <summary>Half of what each rounding takes off, and the zero point.</summary>
    private static Vector512<long> Constant(Vector512<long> right, int zeroPoint)
    {
        Vector512<long> one = Avx512F.ShiftLeftLogicalVariable(Vector512.Create(1L << FirstRounding), right.AsUInt64());
        Vector512<long> second = Vector512.ConditionalSelect(Vector512.Equals(right, default), default, one >> 1);
        return Vector512.Create(1L << (FirstRounding - 1)) + second + Avx512F.ShiftLeftLogicalVariable(Vector512.Create((long)zeroPoint << FirstRounding), right.AsUInt64());
    }
}
