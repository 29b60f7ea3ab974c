namespace EdgeConv.Runtime.Quantization;

/// <summary>
/// Add in one multiplication an input and one shift: clamp((a * FactorA + b * FactorB + Constant) >> Shift), with the bytes as they are.
/// It exists only where it gives the rule's byte (QUANTIZATION.md, section 3) for each of the 65,536 pairs of bytes, and no sum leaves int32.
/// </summary>
internal readonly record struct LinearSum(int FactorA, int FactorB, int Constant, int Shift)
{
    /// <summary>Below it what is left after the shift could leave int16, which kernels narrow to.</summary>
    private const int LeastShift = 17;

    /// <summary>Factors next to the rounded ones that are tried: 49 pairs at most. One or two nearly always do.</summary>
    private const int Reach = 3;

    /// <summary>The numbers for an operator on int8, or null where there are none.</summary>
    /// <param name="op">The operator.</param>
    /// <param name="zeroA">Zero point of its first input.</param>
    /// <param name="zeroB">Of the other.</param>
    /// <param name="zeroY">Of its output.</param>
    public static LinearSum? Solve(AddOp op, int zeroA, int zeroB, int zeroY)
    {
        double scale = op.OutputFactor.ToDouble() * (1 << AddOp.LeftShift);
        double a = op.InputFactor.ToDouble() * scale, b = op.OtherFactor.ToDouble() * (op.Subtract ? -scale : scale);
        double largest = Math.Abs(zeroY - a * zeroA - b * zeroB) + 128 * (Math.Abs(a) + Math.Abs(b)) + 2;
        int shift = Math.Min(30, (int)Math.Floor(Math.Log2(int.MaxValue / largest)));
        if (shift < LeastShift)
        {
            return null;
        }

        sbyte[] expected = Expected(op, zeroA, zeroB, zeroY);
        long nearA = (long)Math.Round(Math.ScaleB(a, shift)), nearB = (long)Math.Round(Math.ScaleB(b, shift));
        for (int distance = 0; distance <= Reach; distance++)
        {
            for (int i = -distance; i <= distance; i++)
            {
                for (int j = -distance; j <= distance; j++)
                {
                    bool isNew = Math.Max(Math.Abs(i), Math.Abs(j)) == distance;
                    if (isNew && ConstantFor(expected, op, nearA + i, nearB + j, shift) is { } constant)
                    {
                        return new LinearSum((int)(nearA + i), (int)(nearB + j), constant, shift);
                    }
                }
            }
        }

        return null;
    }

    /// <summary>The rule for every pair: [a + 128][b + 128].</summary>
    private static sbyte[] Expected(AddOp op, int zeroA, int zeroB, int zeroY)
    {
        var rule = new AddRule(op, zeroA, zeroB, zeroY, AddOp.LeftShift);
        sbyte[] expected = new sbyte[256 * 256];
        Span<int> scaledB = stackalloc int[256];
        for (int b = 0; b < 256; b++)
        {
            scaledB[b] = rule.ScaledB(b - 128);
        }

        for (int a = 0; a < 256; a++)
        {
            int scaledA = rule.ScaledA(a - 128);
            for (int b = 0; b < 256; b++)
            {
                expected[a * 256 + b] = (sbyte)rule.Output(scaledA, scaledB[b]);
            }
        }

        return expected;
    }

    /// <summary>A constant that is right for all pairs: each pair leaves a range of them.</summary>
    private static int? ConstantFor(sbyte[] expected, AddOp op, long factorA, long factorB, int shift)
    {
        long low = long.MinValue, high = long.MaxValue;   // low <= constant < high
        for (int a = 0; a < 256 && low < high; a++)
        {
            long sum = factorA * (a - 128) - factorB * 128;
            for (int b = 0; b < 256; b++, sum += factorB)
            {
                int value = expected[a * 256 + b];
                long least = ((long)value << shift) - sum;
                low = value > op.Min ? Math.Max(low, least) : low;   // what the clamp raises may be lower
                high = value < op.Max ? Math.Min(high, least + (1L << shift)) : high;
            }
        }

        long constant = low > long.MinValue ? low : high < long.MaxValue ? high - 1 : 0;
        long reach = 128 * (Math.Abs(factorA) + Math.Abs(factorB)) + Math.Abs(constant);
        return low < high && reach <= int.MaxValue ? (int)constant : null;
    }
}
