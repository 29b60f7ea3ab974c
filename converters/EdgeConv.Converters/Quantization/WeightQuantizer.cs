using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Converters.Quantization;

/// <summary>Weights and bias of one layer as integers.</summary>
/// <param name="Weights">int8 in [-127, 127], output channel first.</param>
/// <param name="Scales">One an output channel.</param>
/// <param name="Bias">int32 at input scale * weight scale.</param>
/// <param name="LargestAccumulator">Bound on |accumulator| of each output channel, whatever the input.</param>
internal sealed record IntegerWeights(sbyte[] Weights, float[] Scales, int[] Bias, long[] LargestAccumulator);

/// <summary>Per-channel symmetric quantization.</summary>
internal static class WeightQuantizer
{
    private const int LargestWeight = 127;
    private const double LargestBias = 1 << 30;
    private const float Negligible = 1e-30f;

    /// <summary>Quantizes one layer, with scales just large enough that no accumulator can overflow.</summary>
    public static IntegerWeights Quantize(float[] weights, float[] bias, ActivationQuantization input)
    {
        int outputs = bias.Length, row = weights.Length / outputs;
        var result = new IntegerWeights(new sbyte[weights.Length], new float[outputs], new int[outputs], new long[outputs]);
        for (int o = 0; o < outputs; o++)
        {
            ReadOnlySpan<float> channel = weights.AsSpan(o * row, row);
            Span<sbyte> integers = result.Weights.AsSpan(o * row, row);
            float scale = SmallestScale(channel, bias[o], input.Scale);
            do
            {
                result.Bias[o] = QuantizeChannel(channel, bias[o], input.Scale, scale, integers);
                result.Scales[o] = scale;
                result.LargestAccumulator[o] = AccumulatorBound.Of(integers, 0, input.ZeroPoint, result.Bias[o]);
                scale *= 2;
            }
            while (result.LargestAccumulator[o] > int.MaxValue);
        }

        return result;
    }

    // Dead filters have tiny weights; their bias must still fit.
    private static float SmallestScale(ReadOnlySpan<float> channel, float bias, float inputScale)
    {
        float largest = 0;
        foreach (float w in channel)
        {
            largest = Math.Max(largest, Math.Abs(w));
        }

        float scale = Math.Max(largest / LargestWeight, (float)(Math.Abs((double)bias) / (inputScale * LargestBias)));
        return scale < Negligible ? 1 : scale;
    }

    private static int QuantizeChannel(ReadOnlySpan<float> channel, float bias, float inputScale, float scale, Span<sbyte> integers)
    {
        for (int i = 0; i < channel.Length; i++)
        {
            double q = Math.Round((double)channel[i] / scale, MidpointRounding.AwayFromZero);
            integers[i] = (sbyte)Math.Clamp(q, -LargestWeight, LargestWeight);
        }

        return (int)Math.Round(bias / ((double)inputScale * scale), MidpointRounding.AwayFromZero);
    }
}
