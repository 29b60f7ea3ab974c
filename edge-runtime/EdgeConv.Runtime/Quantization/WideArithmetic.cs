namespace EdgeConv.Runtime.Quantization;

/// <summary>Functions of one int16, in the fixed-point forms of TFLite's int16 reference (QUANTIZATION.md, section 5).</summary>
internal static class WideArithmetic
{
    private const int StepBits = 7;

    /// <summary>A table of 513 entries, 128 steps apart, and a line between two of them.</summary>
    public static short Lookup(short x, ReadOnlySpan<short> table)
    {
        int entry = (x >> StepBits) + 256, rest = x & ((1 << StepBits) - 1);
        int slope = (short)(table[entry + 1] - table[entry]);
        return (short)(table[entry] + ((slope * rest + (1 << (StepBits - 1))) >> StepBits));
    }

    /// <summary>The input as a multiple of 2^-12 / 3: what indexes the table of the sigmoid.</summary>
    public static int ToTableSteps(short x, int multiplier, int rightShift) =>
        (x * multiplier + (rightShift > 0 ? 1 << (rightShift - 1) : 0)) >> rightShift;

    /// <summary>Sigmoid in Q0.15: the table's steps are 512 apart, its values Q0.16, their interpolation Q0.25.</summary>
    public static short Sigmoid(int steps, ReadOnlySpan<int> table)
    {
        const int Half = 1 << 9;
        int value = Interpolate(Math.Abs(steps), 9, table, 0x7fff << 10);
        return (short)((steps >= 0 ? value + Half : (1 << 25) - value + Half - 1) >> 10);
    }

    /// <summary>tanh(x) = 2 sigmoid(2 x) - 1 in Q0.15: steps 256 apart, an interpolation in Q0.24.</summary>
    public static short Tanh(int steps, ReadOnlySpan<int> table)
    {
        const int One = 1 << 23, Half = 1 << 7;
        int value = Interpolate(Math.Abs(steps), 8, table, 0xffff << 8);
        return (short)((steps >= 0 ? value - One + Half : One - value + Half - 1) >> 8);
    }

    /// <summary>Entry i and the rest's share of the way to entry i + 1, times 2^bits; beyond the table the value given.</summary>
    private static int Interpolate(int steps, int bits, ReadOnlySpan<int> table, int beyond)
    {
        int entry = steps >> bits;
        return entry >= table.Length - 1
            ? beyond
            : (table[entry] << bits) + (steps & ((1 << bits) - 1)) * (table[entry + 1] - table[entry]);
    }
}
