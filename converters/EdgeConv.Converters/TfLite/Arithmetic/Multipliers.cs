using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Converters.TfLite.Arithmetic;

/// <summary>Real factors as TFLite's multipliers, whatever sign they have.</summary>
internal static class Multipliers
{
    /// <summary>The multiplier of a factor.</summary>
    /// <exception cref="UnsupportedOperatorException">Not finite, negative, or 2^30 and more.</exception>
    public static QuantizedMultiplier Of(double factor, string what) => factor is >= 0 and < 1 << 30
        ? QuantizedMultiplier.From(factor)
        : throw new UnsupportedOperatorException($"{what} is {factor}; 0 up to 2^30 is supported");
}
