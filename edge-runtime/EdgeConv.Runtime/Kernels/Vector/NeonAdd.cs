using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// <see cref="LinearSum"/> on NEON. Sixteen of its bits are shifted away by taking upper halves, so that the rest takes half as many vectors; two
/// vectors of bytes go side by side, since a product takes an A53 four cycles.
/// </summary>
internal static unsafe class NeonAdd
{
    private const int Halves = 16;   // bits

    /// <summary>Sums of whole vectors; returns how many elements that were.</summary>
    /// <param name="a">First input.</param>
    /// <param name="b">The other.</param>
    /// <param name="y">Output; may be one of the inputs.</param>
    /// <param name="count">Elements.</param>
    /// <param name="sum">Its shift is above 16.</param>
    /// <param name="min">Of the fused activation.</param>
    /// <param name="max">Of the fused activation.</param>
    public static nint Run(sbyte* a, sbyte* b, sbyte* y, nint count, LinearSum sum, sbyte min, sbyte max)
    {
        Vector128<int> factorA = Vector128.Create(sum.FactorA), factorB = Vector128.Create(sum.FactorB), constant = Vector128.Create(sum.Constant);
        Vector128<short> shift = Vector128.Create((short)(Halves - sum.Shift));
        Vector128<sbyte> least = Vector128.Create(min), most = Vector128.Create(max);
        nint i = 0;
        for (; i + 2 * Vector128<sbyte>.Count <= count; i += 2 * Vector128<sbyte>.Count)
        {
            Sums s = Sums.Of(AdvSimd.LoadVector128(a + i)), t = Sums.Of(AdvSimd.LoadVector128(a + i + 16));
            s.Multiply(factorA);
            t.Multiply(factorA);
            Sums u = Sums.Of(AdvSimd.LoadVector128(b + i)), v = Sums.Of(AdvSimd.LoadVector128(b + i + 16));
            s.MultiplyAdd(u, factorB);
            t.MultiplyAdd(v, factorB);
            s.Add(constant);
            t.Add(constant);
            Vector128<short> s0 = UpperHalves(s.S0, s.S1), s1 = UpperHalves(s.S2, s.S3), t0 = UpperHalves(t.S0, t.S1), t1 = UpperHalves(t.S2, t.S3);
            s0 = AdvSimd.ShiftArithmetic(s0, shift);
            s1 = AdvSimd.ShiftArithmetic(s1, shift);
            t0 = AdvSimd.ShiftArithmetic(t0, shift);
            t1 = AdvSimd.ShiftArithmetic(t1, shift);
            Vector64<sbyte> s2 = AdvSimd.ExtractNarrowingSaturateLower(s0), t2 = AdvSimd.ExtractNarrowingSaturateLower(t0);
            Vector128<sbyte> bytes = AdvSimd.ExtractNarrowingSaturateUpper(s2, s1), next = AdvSimd.ExtractNarrowingSaturateUpper(t2, t1);
            bytes = AdvSimd.Max(bytes, least);
            next = AdvSimd.Max(next, least);
            AdvSimd.Store(y + i, AdvSimd.Min(bytes, most));
            AdvSimd.Store(y + i + 16, AdvSimd.Min(next, most));
        }

        return i;
    }

    /// <summary>Shifted right by 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> UpperHalves(Vector128<int> low, Vector128<int> high) => AdvSimd.Arm64.UnzipOdd(low.AsInt16(), high.AsInt16());

    /// <summary>Sixteen int32.</summary>
    private struct Sums
    {
        public Vector128<int> S0;
        public Vector128<int> S1;
        public Vector128<int> S2;
        public Vector128<int> S3;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Sums Of(Vector128<sbyte> x)
        {
            Vector128<short> high = AdvSimd.SignExtendWideningUpper(x), low = AdvSimd.SignExtendWideningLower(x.GetLower());
            Sums sums;
            sums.S3 = AdvSimd.SignExtendWideningUpper(high);
            sums.S1 = AdvSimd.SignExtendWideningUpper(low);
            sums.S2 = AdvSimd.SignExtendWideningLower(high.GetLower());
            sums.S0 = AdvSimd.SignExtendWideningLower(low.GetLower());
            return sums;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Multiply(Vector128<int> factor)
        {
            S3 = AdvSimd.Multiply(S3, factor);
            S1 = AdvSimd.Multiply(S1, factor);
            S2 = AdvSimd.Multiply(S2, factor);
            S0 = AdvSimd.Multiply(S0, factor);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void MultiplyAdd(Sums x, Vector128<int> factor)
        {
            S3 = AdvSimd.MultiplyAdd(S3, x.S3, factor);
            S1 = AdvSimd.MultiplyAdd(S1, x.S1, factor);
            S2 = AdvSimd.MultiplyAdd(S2, x.S2, factor);
            S0 = AdvSimd.MultiplyAdd(S0, x.S0, factor);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(Vector128<int> constant)
        {
            S3 = AdvSimd.Add(S3, constant);
            S1 = AdvSimd.Add(S1, constant);
            S2 = AdvSimd.Add(S2, constant);
            S0 = AdvSimd.Add(S0, constant);
        }
    }
}
