using EdgeConv.Runtime;

namespace EdgeConv.Converters.Quantization;

/// <summary>The tables of int16 functions, with the entries that TFLite's int16 reference has.</summary>
public static class WideTables
{
    private const int Steps = TableOp.WideLength - 1;
    private const float Codes = ushort.MaxValue;

    /// <summary>
    /// sigmoid(i / 24) in Q0.16, each moved by half of what a line misses in the middle of a piece (the second derivative * step^2 / 16);
    /// the last one is one, saturated.
    /// </summary>
    public static int[] Sigmoid()
    {
        const double Step = 1 / 24.0, One = 1 << 16;
        int[] table = new int[WideSigmoidOp.TableLength];
        for (int i = 0; i < table.Length - 1; i++)
        {
            double value = 1 / (1 + Math.Exp(-i * Step)), second = value * (1 - value) * (1 - (2 * value));
            table[i] = (int)Math.Round(One * (value - (second * Step * Step / 16)));
        }

        table[^1] = ushort.MaxValue;
        return table;
    }

    /// <summary>exp over [-10, 0] in Q0.15.</summary>
    public static short[] Exponential() => Interpolated(MathF.Exp, 10 / Codes, short.MaxValue, 2 / Codes, 0);

    /// <summary>1 / (1 + x) over [0, 1] in Q0.15.</summary>
    public static short[] Reciprocal() => Interpolated(x => 1 / (1 + x), 1 / Codes, short.MinValue, 2 / Codes, 0);

    /// <summary>
    /// A function's values 128 steps apart, each moved by half the error that a line makes in the middle of its piece. In float, as
    /// TFLite computes them.
    /// </summary>
    /// <param name="function">Of real numbers.</param>
    /// <param name="inputScale">Of the input.</param>
    /// <param name="inputZeroPoint">Of the input.</param>
    /// <param name="outputScale">Of the output.</param>
    /// <param name="outputZeroPoint">Of the output.</param>
    public static short[] Interpolated(Func<float, float> function, float inputScale, int inputZeroPoint, float outputScale, int outputZeroPoint)
    {
        float inputMin = inputScale * (short.MinValue - inputZeroPoint), inputMax = inputScale * (short.MaxValue - inputZeroPoint);
        float outputMin = outputScale * (short.MinValue - outputZeroPoint), outputMax = outputScale * (short.MaxValue - outputZeroPoint);
        float step = (inputMax - inputMin) / Steps, half = step / 2, inverse = (Codes + 1) / (outputMax - outputMin);
        short[] table = new short[Steps + 1];
        for (int i = 0; i < Steps; i++)
        {
            float here = Round(function(inputMin + (i * step)) * inverse);
            float line = Round(((function(inputMin + ((i + 1) * step)) * inverse) + here) / 2);
            float middle = Round(function(inputMin + (i * step) + half) * inverse);
            table[i] = Saturate(here - Round((line - middle) / 2));
        }

        table[Steps] = Saturate(Round(function(inputMax) * inverse));
        return table;
    }

    private static float Round(float value) => MathF.Round(value, MidpointRounding.AwayFromZero);

    private static short Saturate(float value) => (short)Math.Clamp(value, short.MinValue, short.MaxValue);
}
