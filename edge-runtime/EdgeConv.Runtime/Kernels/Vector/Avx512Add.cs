using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary><see cref="LinearSum"/> on 512 bits: 64 elements at a time, so that narrowing joins whole vectors.</summary>
internal static unsafe class Avx512Add
{
    /// <summary>Sums of whole vectors; returns how many elements that were.</summary>
    /// <param name="a">First input.</param>
    /// <param name="b">The other.</param>
    /// <param name="y">Output; may be one of the inputs.</param>
    /// <param name="count">Elements.</param>
    /// <param name="sum">What is left after its shift fits int16.</param>
    /// <param name="min">Of the fused activation.</param>
    /// <param name="max">Of the fused activation.</param>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static nint Run(sbyte* a, sbyte* b, sbyte* y, nint count, LinearSum sum, sbyte min, sbyte max)
    {
        var factors = new Factors(sum);
        Vector512<sbyte> least = Vector512.Create(min), most = Vector512.Create(max);
        nint i = 0;
        for (; i + Vector512<sbyte>.Count <= count; i += Vector512<sbyte>.Count)
        {
            Vector512<sbyte> bytes = Avx512Narrowing.ToBytes(
                factors.Apply(a + i, b + i), factors.Apply(a + i + 16, b + i + 16), factors.Apply(a + i + 32, b + i + 32), factors.Apply(a + i + 48, b + i + 48));
            Vector512.Min(Vector512.Max(bytes, least), most).Store(y + i);
        }

        return i;
    }

    private readonly struct Factors(LinearSum sum)
    {
        private readonly Vector512<int> _a = Vector512.Create(sum.FactorA);
        private readonly Vector512<int> _b = Vector512.Create(sum.FactorB);
        private readonly Vector512<int> _constant = Vector512.Create(sum.Constant);
        private readonly Vector128<int> _shift = Vector128.CreateScalar(sum.Shift);

        /// <summary>Sixteen elements.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector512<int> Apply(sbyte* a, sbyte* b) => Avx512F.ShiftRightArithmetic(Wide(a) * _a + (Wide(b) * _b + _constant), _shift);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector512<int> Wide(sbyte* x) => Avx512F.ConvertToVector512Int32(Vector128.Load(x));
    }
}
