namespace EdgeConv.Runtime.Quantization;

/// <summary>
/// Both roundings and the zero point in one 64-bit addition: floor((floor(a) + n) / d) = floor((a + n) / d) for integers n and d, so with a right
/// shift e and ties up the rule is (accumulator * multiplier + 2^30 + 2^(30 + e) + zeroPoint * 2^(31 + e)) >> (31 + e). The last shift is that of
/// the sum's upper half by e - 1.
/// </summary>
internal static class UpperHalf
{
    /// <summary>The smallest and the largest right shift for which it holds: the sum stays below 2^63 in magnitude.</summary>
    public const int Least = 1, Most = 22;

    /// <summary>Whether it holds for all these shifts; positive is left.</summary>
    public static bool Fits(ReadOnlySpan<int> shifts) => !shifts.ContainsAnyExceptInRange(-Most, -Least);
}
