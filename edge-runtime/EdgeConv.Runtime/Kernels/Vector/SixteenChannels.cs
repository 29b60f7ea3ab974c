using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// The numbers of sixteen output channels for AVX-512, and the two-rounding rule on them. In 64 bits both roundings are one addition and one
/// shift, since floor((floor(a) + n) / d) = floor((a + n) / d); away from zero below it takes one from what was rounded first.
/// </summary>
internal readonly struct SixteenChannels
{
    private readonly Vector512<uint> _left;
    private readonly Half _even;
    private readonly Half _odd;

    /// <param name="multiplier">Q0.31.</param>
    /// <param name="left">Left shifts.</param>
    /// <param name="right">Right shifts.</param>
    public SixteenChannels(Vector512<int> multiplier, Vector512<int> left, Vector512<int> right)
    {
        _left = left.AsUInt32();
        _even = new Half(multiplier.AsInt64(), right.AsInt64() & Vector512.Create(0xFFFF_FFFFL));
        _odd = new Half(multiplier.AsInt64() >>> 32, right.AsInt64() >>> 32);
    }

    /// <summary>Scales, adds the zero point, saturates and clamps.</summary>
    /// <param name="x">Accumulators.</param>
    /// <param name="stage">The layer's; <see cref="OutputStage.FixesTies"/> is what <typeparamref name="T"/> says.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector128<sbyte> Requantize<T>(Vector512<int> x, in OutputStage stage)
        where T : struct, ITies
    {
        if (stage.ShiftsLeft)
        {
            x = Avx512F.ShiftLeftLogicalVariable(x, _left);
        }

        Vector512<long> low = _even.Scale<T>(x), high = _odd.Scale<T>((x.AsInt64() >>> 32).AsInt32()) << 32;
        Vector512<int> value = Vector512.ConditionalSelect(Vector512.Create(0xFFFF_FFFFL), low, high).AsInt32() + Vector512.Create(stage.ZeroPoint);
        Vector128<sbyte> bytes = Avx512F.ConvertToVector128SByteWithSaturation(value);
        return Sse41.Min(Sse41.Max(bytes, Vector128.Create((sbyte)stage.Min)), Vector128.Create((sbyte)stage.Max));
    }

    /// <summary>Every second lane's numbers, in 64 bits.</summary>
    private readonly struct Half
    {
        private readonly Vector512<long> _multiplier;
        private readonly Vector512<long> _rounding;
        private readonly Vector512<long> _bothRoundings;
        private readonly Vector512<long> _tie;
        private readonly Vector512<ulong> _shift;

        public Half(Vector512<long> multiplier, Vector512<long> right)
        {
            _multiplier = multiplier;
            _rounding = Avx512F.ShiftLeftLogicalVariable(Vector512<long>.One, right.AsUInt64()) >>> 1 << 31;   // 0 where nothing is shifted
            _bothRoundings = _rounding + Vector512.Create(1L << 30);
            _tie = Vector512.ConditionalSelect(Vector512.Equals(right, default), default, Vector512.Create(1L << 31));
            _shift = (right + Vector512.Create(31L)).AsUInt64();
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector512<long> Scale<T>(Vector512<int> x)
            where T : struct, ITies
        {
            Vector512<long> product = Avx512F.Multiply(x, _multiplier.AsInt32());
            if (!T.AwayFromZero)
            {
                return Avx512F.ShiftRightArithmeticVariable(product + _bothRoundings, _shift);
            }

            product += Vector512.Create(1L << 30);
            product -= (product >> 63) & _tie;
            return Avx512F.ShiftRightArithmeticVariable(product + _rounding, _shift);
        }
    }
}

/// <summary>How the second rounding treats ties below zero.</summary>
internal interface ITies
{
    static abstract bool AwayFromZero { get; }
}

/// <summary>As the rule has it.</summary>
internal readonly struct TiesAwayFromZero : ITies
{
    public static bool AwayFromZero => true;
}

/// <summary>Where <see cref="OutputStage.FixesTies"/> says that it does not matter.</summary>
internal readonly struct TiesUp : ITies
{
    public static bool AwayFromZero => false;
}
