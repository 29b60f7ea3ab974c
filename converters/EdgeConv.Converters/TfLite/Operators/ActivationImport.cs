using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Quantization;
using EdgeConv.Converters.TfLite.Arithmetic;
using EdgeConv.Converters.TfLite.Schema;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Quantization;
using static EdgeConv.Converters.TfLite.Arithmetic.UnaryTable;

namespace EdgeConv.Converters.TfLite.Operators;

/// <summary>Unary functions of int8, as tables that TFLite's own arithmetic fills.</summary>
internal static class ActivationImport
{
    /// <summary>LOGISTIC.</summary>
    public static void Logistic(OperatorImport n) => Emit(n, new Activate(Activation.Sigmoid), (x, y) =>
    {
        Require(y, ActivationQuantization.Probability);
        return SigmoidTables.Logistic(x);
    });

    /// <summary>TANH.</summary>
    public static void Tanh(OperatorImport n) => Emit(n, new Activate(Activation.Tanh), (x, y) =>
    {
        Require(y, ActivationQuantization.Tanh);
        return SigmoidTables.Tanh(x);
    });

    /// <summary>HARD_SWISH.</summary>
    public static void HardSwish(OperatorImport n) => Emit(n, new Activate(Activation.HardSwish), HardSwishTable.Of);

    /// <summary>RELU, RELU6, RELU_N1_TO_1 and RELU_0_TO_1 on their own.</summary>
    public static Action<OperatorImport> Relu(Activate function, float min, float max) => n => Emit(n, function, (x, y) =>
    {
        int At(float real) => float.IsInfinity(real) ? sbyte.MaxValue : (int)Math.Clamp(
            y.ZeroPoint + (double)MathF.Round(real / y.Scale, MidpointRounding.AwayFromZero), sbyte.MinValue, sbyte.MaxValue);
        return Rescaled(x, y, FloatRatio(x.Scale, y.Scale), At(min), At(max));
    });

    /// <summary>LEAKY_RELU.</summary>
    public static void LeakyRelu(OperatorImport n)
    {
        float alpha = n.Float(LeakyReluOptions.Alpha);
        Emit(n, new Activate(Activation.LeakyRelu, alpha), (x, y) =>
        {
            QuantizedMultiplier identity = FloatRatio(x.Scale, y.Scale);
            float slope = x.Scale * alpha / y.Scale;
            QuantizedMultiplier negative = Multipliers.Of(Math.Abs(slope), "input scale * alpha / output scale");
            int sign = slope < 0 ? -1 : 1;
            return Of(q => q - x.ZeroPoint is var d && d >= 0
                ? Scale(d, identity) + y.ZeroPoint
                : (sign * Scale(d, negative)) + y.ZeroPoint);
        });
    }

    /// <summary>ABS.</summary>
    public static void Abs(OperatorImport n) => Emit(n, new Activate(Activation.Abs), (x, y) =>
    {
        QuantizedMultiplier factor = FloatRatio(x.Scale, y.Scale);   // 1 is exact
        return Of(q => Scale(Math.Abs(q - x.ZeroPoint), factor) + y.ZeroPoint);
    });

    /// <summary>EXP.</summary>
    public static void Exp(OperatorImport n) => EmitReal(n, new Activate(Activation.Exp), RealFunctions.Exp);

    /// <summary>LOG.</summary>
    public static void Log(OperatorImport n) => EmitReal(n, new Activate(Activation.Log), RealFunctions.Log);

    /// <summary>ELU.</summary>
    public static void Elu(OperatorImport n) => EmitReal(n, new Activate(Activation.Elu, 1), RealFunctions.Elu);

    /// <summary>GELU.</summary>
    public static void Gelu(OperatorImport n)
    {
        bool approximate = n.Bool(GeluOptions.Approximate);
        EmitReal(n, new Activate(approximate ? Activation.GeluTanh : Activation.Gelu),
            approximate ? RealFunctions.GeluTanh : RealFunctions.Gelu);
    }

    /// <summary>A function of the byte that has no layer of its own: a table.</summary>
    public static void Emit(
        OperatorImport n, Activate function, Func<ActivationQuantization, ActivationQuantization, sbyte[]> table)
    {
        (QuantizedValue x, QuantizedValue y) = (n.Activation(0), n.Result);
        n.Emit(new QuantizedTable(table(RequireInt8(x, y).Quantization, y.Quantization), function), x);
    }

    /// <summary>Refuses what has no table.</summary>
    public static QuantizedValue RequireInt8(QuantizedValue x, QuantizedValue y) =>
        x.Type == ElementType.Int8 && y.Type == ElementType.Int8 && x.Length == y.Length
            ? x
            : throw new UnsupportedOperatorException($"it takes {x.Type} {x.Shape.Text()} to {y.Type} {y.Shape.Text()}; int8 of one shape is "
                + "supported");

    /// <summary>Refuses an output that has another scale or zero point than TFLite prescribes.</summary>
    public static void Require(ActivationQuantization found, ActivationQuantization expected)
    {
        if (found.ZeroPoint != expected.ZeroPoint || Math.Abs(found.Scale - expected.Scale) > expected.Scale / 1000)
        {
            throw new UnsupportedOperatorException($"its output has the scale {found.Scale} and zero point {found.ZeroPoint}; TFLite's is "
                + $"{expected.Scale} and {expected.ZeroPoint}");
        }
    }

    private static void EmitReal(OperatorImport n, Activate function, Func<float, float> compute) =>
        Emit(n, function, (x, y) => OfReal(x, y, compute));

    // TFLite divides the scales in float here.
    private static QuantizedMultiplier FloatRatio(float input, float output) => Multipliers.Of(input / output, "input scale / output scale");
}
