using EdgeConv.Converters.Quantization;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Converters.TfLite.Arithmetic;

/// <summary>The 256 answers of an int8 function, each computed as TFLite computes it.</summary>
internal static class UnaryTable
{
    /// <summary>From a function of the input byte; clamped to int8.</summary>
    public static sbyte[] Of(Func<int, int> function) => [.. Enumerable.Range(sbyte.MinValue, 1 << 8).Select(q => Clamp(function(q)))];

    /// <summary>From a float function: each step of TFLite's own table is an operation in float.</summary>
    public static sbyte[] OfReal(ActivationQuantization input, ActivationQuantization output, Func<float, float> function)
    {
        float inverse = 1 / output.Scale;
        return Of(q =>
        {
            float real = input.Scale * (q - input.ZeroPoint);
            float steps = MathF.Round(function(real) * inverse, MidpointRounding.AwayFromZero) + output.ZeroPoint;
            return (int)Math.Clamp(steps, sbyte.MinValue, sbyte.MaxValue);
        });
    }

    /// <summary>The difference to the input's zero point, scaled, plus the output's zero point, within a range.</summary>
    public static sbyte[] Rescaled(ActivationQuantization input, ActivationQuantization output, QuantizedMultiplier factor,
        int min = sbyte.MinValue, int max = sbyte.MaxValue) =>
        Of(q => Math.Clamp(Scale(q - input.ZeroPoint, factor) + output.ZeroPoint, min, max));

    /// <summary>As the runtime scales an accumulator.</summary>
    public static int Scale(int x, QuantizedMultiplier factor) => Requantizer.Scale(x, factor.Multiplier, factor.Shift);

    private static sbyte Clamp(int value) => (sbyte)Math.Clamp(value, sbyte.MinValue, sbyte.MaxValue);
}
