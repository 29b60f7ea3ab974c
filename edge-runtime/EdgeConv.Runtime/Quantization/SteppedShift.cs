namespace EdgeConv.Runtime.Quantization;

/// <summary>
/// The right shift of requantization in two steps, the first of them on the way to int16, so that the second takes half as many vectors:
/// floor((floor(h / 2^a) + 2^(b-1)) / 2^b) = floor((h + 2^(a+b-1)) / 2^(a+b)) for b of at least 1, where ties go up. What int16 saturates on the
/// way is past every byte: 32767 / 2^b is 255 or more for b of at most 7, which no zero point brings back below 127, and likewise below.
/// </summary>
internal static class SteppedShift
{
    /// <summary>a.</summary>
    public const int First = 4;

    /// <summary>The smallest and the largest right shift for which it holds.</summary>
    public const int Least = First + 1, Most = First + 7;

    /// <summary>Whether it holds for all these shifts; positive is left.</summary>
    public static bool Fits(ReadOnlySpan<int> shifts) => !shifts.ContainsAnyExceptInRange(-Most, -Least);
}
