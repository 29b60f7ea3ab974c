using EdgeConv.Converters.Quantization;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Converters.TfLite.Arithmetic;

/// <summary>
/// Logistic and tanh of int8 in TFLite's fixed point: the input in Q4.27, the function in Q0.31 by the exponential and the reciprocal
/// of <see cref="SoftmaxArithmetic"/>.
/// </summary>
internal static class SigmoidTables
{
    private const int IntegerBits = 4, FractionBits = 31 - IntegerBits;
    private const int LogisticBits = 8, TanhBits = 7;   // of the output scales 1/256 and 1/128

    /// <summary>1 / (1 + exp(-x)); output scale 1/256, zero point -128.</summary>
    public static sbyte[] Logistic(ActivationQuantization input) =>
        Of(input, x => Requantizer.RoundingShiftRight(Logistic(x), 31 - LogisticBits) + sbyte.MinValue);

    /// <summary>Hyperbolic tangent; output scale 1/128, zero point 0.</summary>
    public static sbyte[] Tanh(ActivationQuantization input) =>
        Of(input, x => Requantizer.RoundingShiftRight(Tanh(x), 31 - TanhBits));

    private static sbyte[] Of(ActivationQuantization input, Func<int, int> function)
    {
        QuantizedMultiplier factor = Multipliers.Of((double)input.Scale * (1 << FractionBits), "the input scale * 2^27");

        // Beyond this difference the shift would leave Q4.27, and the function has reached its end.
        int radius = (int)Math.Floor(((1 << IntegerBits) - 1) * Math.ScaleB(1, FractionBits - factor.Shift));
        return UnaryTable.Of(q =>
        {
            int x = q - input.ZeroPoint;
            return x <= -radius ? sbyte.MinValue : x >= radius ? sbyte.MaxValue : function(UnaryTable.Scale(x, factor));
        });
    }

    private static int Logistic(int x)
    {
        if (x == 0)
        {
            return 1 << 30;
        }

        int positive = SoftmaxArithmetic.OneOverOnePlus(SoftmaxArithmetic.Exp(-Math.Abs(x), IntegerBits));
        return x > 0 ? positive : int.MaxValue - positive;
    }

    private static int Tanh(int x)
    {
        // exp(-2|x|): the same bits, read with one more integer bit.
        int positive = x == 0 ? 0 : SoftmaxArithmetic.OneMinusOverOnePlus(SoftmaxArithmetic.Exp(-Math.Abs(x), IntegerBits + 1));
        return x < 0 ? -positive : positive;
    }
}
