namespace EdgeConv.Runtime.Preprocessing;

/// <summary>Which Y, U and V a camera sends: the matrix of ITU-R BT.601 or BT.709, studio range (16 to 235, chroma to 240) or full range.</summary>
public enum YuvRule : byte
{
    /// <summary>BT.601, studio range: what USB cameras send, and what V4L2 means where a driver says nothing.</summary>
    Bt601 = 0,

    /// <summary>BT.601, full range: JPEG's.</summary>
    Bt601Full = 1,

    /// <summary>BT.709, studio range: high definition.</summary>
    Bt709 = 2,

    /// <summary>BT.709, full range.</summary>
    Bt709Full = 3,
}

/// <summary>The rule's numbers in 2^-14, QUANTIZATION.md section 6.</summary>
/// <param name="Black">The Y of black.</param>
/// <param name="Luma">What a step of Y adds to each channel.</param>
/// <param name="RedV">What a step of V adds to red.</param>
/// <param name="GreenU">What a step of U takes from green.</param>
/// <param name="GreenV">What a step of V takes from green.</param>
/// <param name="BlueU">What a step of U adds to blue.</param>
internal readonly record struct YuvFactors(int Black, int Luma, int RedV, int GreenU, int GreenV, int BlueU)
{
    public const int Shift = 14;
    public const int Half = 1 << (Shift - 1);

    /// <summary>Of one rule; an unknown one is BT.601.</summary>
    public static YuvFactors Of(YuvRule rule) => rule switch
    {
        YuvRule.Bt601Full => new(0, 16384, 22970, 5638, 11700, 29032),
        YuvRule.Bt709 => new(16, 19077, 29372, 3494, 8731, 34610),
        YuvRule.Bt709Full => new(0, 16384, 25802, 3069, 7670, 30402),
        _ => new(16, 19077, 26149, 6419, 13320, 33050),
    };
}
