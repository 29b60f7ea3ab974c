using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>Division by 576, and multiplication, of four channels of a whole panel.</summary>
internal readonly unsafe struct NeonWinogradScaling<TRounding>(int* panel, int* whole)
    where TRounding : struct, INeonRounding
{
    private readonly Vector128<int> _inverse = Vector128.Create(WinogradFour.InverseOfNine);
    private readonly Vector128<int> _shift = AdvSimd.LoadVector128(panel + Panel.LeftShift);
    private readonly Vector128<int> _multiplier = AdvSimd.LoadVector128(panel + Panel.Multiplier);
    private readonly Vector128<int> _minusRight = AdvSimd.Negate(AdvSimd.LoadVector128(panel + Panel.RightShift));
    private readonly Vector128<short> _shortShift = Twice((short*)(whole + Panel.ShortShiftBy) + (panel - whole));

    /// <summary>The two-rounding rule of two rows, all of it or up to what <see cref="Finish"/> does.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Apply(ref NeonRow a, ref NeonRow b)
    {
        Divide(ref a, ref b);
        if (TRounding.IsOneStep)
        {
            a = a.TimesHighDown(_multiplier);
            b = b.TimesHighDown(_multiplier);
            return;
        }

        a = a.Shifted(_shift);
        b = b.Shifted(_shift);
        a = a.TimesHigh(_multiplier);
        b = b.TimesHigh(_multiplier);
        if (TRounding.FixesTies)
        {
            a = a.WithTiesFixed(_minusRight);
            b = b.WithTiesFixed(_minusRight);
        }

        if (!TRounding.NarrowsFirst)
        {
            a = a.ShiftedRounded(_minusRight);
            b = b.ShiftedRounded(_minusRight);
        }
    }

    /// <summary>What the narrowing left to shift.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Finish(ref Vector128<short> a, ref Vector128<short> b, ref Vector128<short> c, ref Vector128<short> d)
    {
        if (TRounding.NarrowsFirst)
        {
            a = AdvSimd.ShiftArithmeticRounded(a, _shortShift);
            b = AdvSimd.ShiftArithmeticRounded(b, _shortShift);
            c = AdvSimd.ShiftArithmeticRounded(c, _shortShift);
            d = AdvSimd.ShiftArithmeticRounded(d, _shortShift);
        }
    }

    /// <summary>Modulo 2^32: what is left is 64 times the accumulator, or what <see cref="WinogradScale"/> says.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Divide(ref NeonRow a, ref NeonRow b)
    {
        if (TRounding.IsOneStep)
        {
            a = a.Times(_shift);   // which is the factor
            b = b.Times(_shift);
            return;
        }

        a = a.Times(_inverse);
        b = b.Times(_inverse);
    }

    /// <summary>The rest: a shift that is one with the left shift, then the two-rounding rule.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Multiply(ref NeonRow row)
    {
        if (TRounding.IsOneStep)
        {
            row = row.TimesHighDown(_multiplier);
            return;
        }

        row = row.Shifted(_shift).TimesHigh(_multiplier);
        if (TRounding.FixesTies)
        {
            row = row.WithTiesFixed(_minusRight);
        }

        row = row.ShiftedRounded(_minusRight);
    }

    /// <summary>Four channels of two pixels.</summary>
    private static Vector128<short> Twice(short* four) => Vector128.Create(*(long*)four).AsInt16();
}
