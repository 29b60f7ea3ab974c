using System.Runtime.CompilerServices;

namespace EdgeConv.Runtime.Quantization;

/// <summary>
/// Requantization seen from its bytes: it never falls when the accumulator rises, so it is known by the first accumulator of each byte, at most
/// 255 of them.
/// </summary>
internal readonly struct ByteSteps
{
    /// <summary>Beyond it the numerators below would leave int64.</summary>
    private const int MaxRightShift = 20;

    private readonly int _multiplier;
    private readonly int _shift;
    private readonly int _zeroPoint;

    /// <param name="multiplier">Q0.31 of the rule.</param>
    /// <param name="shift">Of the rule; positive is left.</param>
    /// <param name="zeroPoint">Of the output.</param>
    /// <param name="min">Of the fused activation.</param>
    /// <param name="max">Of the fused activation.</param>
    public ByteSteps(int multiplier, int shift, int zeroPoint, int min, int max) =>
        (_multiplier, _shift, _zeroPoint, Min, Max) = (multiplier, shift, zeroPoint, min, max);

    /// <summary>The lowest byte.</summary>
    public int Min { get; }

    /// <summary>The highest.</summary>
    public int Max { get; }

    /// <summary>Whether <see cref="Firsts"/> can be asked: a right shift or none, and a multiplier that is not zero.</summary>
    public bool AreKnown => _multiplier > 0 && _shift is <= 0 and >= -MaxRightShift;

    /// <summary>How many accumulators make a byte's difference, rounding aside.</summary>
    public double AccumulatorsAByte => Math.ScaleB(1, 31 - _shift) / _multiplier;

    /// <summary>The byte of an accumulator.</summary>
    public int At(long accumulator) => Requantizer.ToInt8((int)accumulator, _multiplier, _shift, _zeroPoint, Min, Max);

    /// <summary>The smallest accumulator of each byte [first, last]; returns how many that are.</summary>
    /// <param name="first">Above <see cref="Min"/>.</param>
    /// <param name="last">At most the largest byte.</param>
    /// <param name="accumulators">Has room for them.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]   // at its best from the first call on: a model is loaded once
    public int Firsts(int first, int last, Span<int> accumulators)
    {
        // the smallest high that is rounded to the byte, then the smallest accumulator whose product is rounded to that high
        int right = -_shift;
        long half = right == 0 ? 0 : 1L << right >> 1, multiplier = _multiplier;
        (long whole, long rest) = Math.DivRem(1L << (31 + right), multiplier);   // from one byte to the next, but for a tie that goes down
        (long accumulator, long over) = (0, 0);
        for (int q = first; q <= last; q++)
        {
            int value = q - _zeroPoint;
            if (q == first || value == 1)
            {
                long high = ((long)value << right) - half + (value <= 0 && right > 0 ? 1 : 0);
                (accumulator, over) = CeilingDivide((high << 31) - (1L << 30), multiplier);
            }
            else
            {
                accumulator += whole;
                over -= rest;
                if (over < 0)
                {
                    over += multiplier;
                    accumulator++;
                }
            }

            accumulators[q - first] = (int)accumulator;
        }

        return Math.Max(last - first + 1, 0);
    }

    /// <summary>The quotient rounded up, and by how much it is too large.</summary>
    private static (long Quotient, long Over) CeilingDivide(long a, long b)
    {
        long quotient = a / b;
        quotient += quotient * b < a ? 1 : 0;
        return (quotient, quotient * b - a);
    }
}
