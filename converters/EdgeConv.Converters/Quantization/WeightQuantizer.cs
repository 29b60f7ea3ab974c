using EdgeConv.Converters.Graphs;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Converters.Quantization;

/// <summary>Weights and bias of one layer as integers.</summary>
/// <param name="Weights">In [-127, 127] or [-7, 7], output channel first.</param>
/// <param name="Scales">One an output channel.</param>
/// <param name="Bias">At input scale * weight scale; int32 unless the activations are int16.</param>
/// <param name="LargestAccumulator">Bound on |accumulator| of each output channel, whatever the input.</param>
internal sealed record IntegerWeights(sbyte[] Weights, float[] Scales, long[] Bias, long[] LargestAccumulator);

/// <summary>Per-channel symmetric quantization.</summary>
internal static class WeightQuantizer
{
    private const int LargestWeight = 127;
    private const int LargestInt4 = 7;
    private const double LargestBias = 1 << 30;
    private const double LargestWideBias = 1L << 45;
    private const long WideAccumulators = 1L << 47;
    private const float Negligible = 1e-30f;
    private const int Candidates = 20;

    /// <summary>Quantizes one layer, with scales just large enough that no accumulator can overflow.</summary>
    public static IntegerWeights Quantize(
        float[] weights, float[] bias, ActivationQuantization input, LayerPrecision precision = default)
    {
        int outputs = bias.Length, row = weights.Length / outputs, largest = precision.Int4 ? LargestInt4 : LargestWeight;
        var result = new IntegerWeights(new sbyte[weights.Length], new float[outputs], new long[outputs], new long[outputs]);
        for (int o = 0; o < outputs; o++)
        {
            ReadOnlySpan<float> channel = weights.AsSpan(o * row, row);
            Span<sbyte> integers = result.Weights.AsSpan(o * row, row);
            float scale = Math.Max(
                precision.Int4 ? LeastSquaredError(channel, largest) : Largest(channel) / largest,
                (float)(Math.Abs((double)bias[o]) / (input.Scale * (precision.Wide ? LargestWideBias : LargestBias))));
            scale = scale < Negligible ? 1 : scale;
            do
            {
                Round(channel, scale, largest, integers);
                long units = (long)Math.Round(bias[o] / ((double)input.Scale * scale), MidpointRounding.AwayFromZero);
                result.Bias[o] = units;
                result.Scales[o] = scale;
                result.LargestAccumulator[o] = precision.Wide
                    ? AccumulatorBound.OfInt16(integers, 0, units)
                    : AccumulatorBound.Of(integers, 0, input.ZeroPoint, (int)units);
                scale *= 2;
            }
            while (result.LargestAccumulator[o] >= (precision.Wide ? WideAccumulators : 1L << 31));
        }

        return result;
    }

    /// <summary>What the network's file has, with biases that are float, or at another scale, rounded.</summary>
    /// <exception cref="ConversionException">A bias does not fit int32.</exception>
    public static IntegerWeights TakeOver(string layer, GivenWeights given, float[] bias, ActivationQuantization input)
    {
        int outputs = bias.Length, row = given.Weights.Length / outputs;
        long[] units = given.Bias ?? [.. bias.Select((b, o) => (long)Math.Round(
            Math.Clamp(b / ((double)input.Scale * given.Scales[o]), long.MinValue / 2, long.MaxValue / 2), MidpointRounding.AwayFromZero))];
        if (Array.FindIndex(units, u => u is < int.MinValue or > int.MaxValue) is >= 0 and var o)
        {
            throw new ConversionException($"The bias of channel {o} of '{layer}' is {units[o]} steps of input scale * weight scale; that does "
                + "not fit int32.");
        }

        return new IntegerWeights(given.Weights, given.Scales, units, [.. units.Select((u, c) =>
            AccumulatorBound.Of(given.Weights.AsSpan(c * row, row), given.ZeroPoint, input.ZeroPoint, (int)u))]);
    }

    private static float Largest(ReadOnlySpan<float> channel)
    {
        float largest = 0;
        foreach (float w in channel)
        {
            largest = Math.Max(largest, Math.Abs(w));
        }

        return largest;
    }

    // With so few steps it pays to clip a channel's largest weights for the sake of the others.
    private static float LeastSquaredError(ReadOnlySpan<float> channel, int steps)
    {
        float widest = Largest(channel) / steps;
        (double Error, float Scale) best = (double.PositiveInfinity, widest);
        for (int i = Candidates; i > Candidates / 2; i--)
        {
            float scale = widest * i / Candidates;
            double error = 0;
            foreach (float w in channel)
            {
                double nearest = Math.Clamp(Math.Round((double)w / scale, MidpointRounding.AwayFromZero), -steps, steps) * scale;
                error += (w - nearest) * (w - nearest);
            }

            best = error < best.Error ? (error, scale) : best;
        }

        return best.Scale;
    }

    private static void Round(ReadOnlySpan<float> channel, float scale, int largest, Span<sbyte> integers)
    {
        for (int i = 0; i < channel.Length; i++)
        {
            double q = Math.Round((double)channel[i] / scale, MidpointRounding.AwayFromZero);
            integers[i] = (sbyte)Math.Clamp(q, -largest, largest);
        }
    }
}
