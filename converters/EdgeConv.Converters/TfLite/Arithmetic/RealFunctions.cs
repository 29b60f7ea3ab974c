using EdgeConv.Converters.Graphs;

namespace EdgeConv.Converters.TfLite.Arithmetic;

/// <summary>
/// The functions that TFLite computes in float, one float operation after the other; each library function in double, rounded to float
/// once, which is what a good float library returns on any machine.
/// </summary>
internal static class RealFunctions
{
    private static readonly float _minusHalfRoot = (float)-Math.Sqrt(0.5), _tanhFactor = (float)Math.Sqrt(2 / Math.PI);

    /// <summary>The exponential.</summary>
    public static float Exp(float x) => (float)Math.Exp(x);

    /// <summary>The natural logarithm; the least output where there is none.</summary>
    public static float Log(float x) => x > 0 ? (float)Math.Log(x) : float.NegativeInfinity;

    /// <summary>x, or exp(x) - 1 where x is negative.</summary>
    public static float Elu(float x) => x < 0 ? Exp(x) - 1 : x;

    /// <summary>x * (1 + erf(x / sqrt 2)) / 2.</summary>
    public static float Gelu(float x) => 0.5f * x * (float)(1 - Activations.Compute(Activation.Erf, x * _minusHalfRoot));

    /// <summary>x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))) / 2.</summary>
    public static float GeluTanh(float x) => 0.5f * x * (1 + (float)Math.Tanh(_tanhFactor * (x + (0.044715f * x * x * x))));
}
