namespace EdgeConv.Converters.Quantization;

/// <summary>The values that a tensor takes.</summary>
/// <param name="Min">Smallest.</param>
/// <param name="Max">Largest.</param>
public readonly record struct ValueRange(float Min, float Max);

/// <summary>What calibration found: a range for every value of a graph, the input included.</summary>
/// <param name="ByValue">By the value's name.</param>
public sealed record Ranges(IReadOnlyDictionary<string, ValueRange> ByValue)
{
    /// <summary>Of no value: for networks that arrive quantized.</summary>
    public static Ranges None { get; } = new(new Dictionary<string, ValueRange>());

    /// <summary>The range of a value.</summary>
    /// <exception cref="ConversionException">It was never calibrated.</exception>
    public ValueRange this[string value] => ByValue.TryGetValue(value, out ValueRange range)
        ? range
        : throw new ConversionException($"No range was calibrated for '{value}'; calibrate the graph that is quantized.");
}
