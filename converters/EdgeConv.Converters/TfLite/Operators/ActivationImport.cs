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
    private const float WideUnit = 1f / (1 << 15);   // of the results of int16 functions

    /// <summary>LOGISTIC.</summary>
    public static void Logistic(OperatorImport n) =>
        Sigmoid(n, ActivationQuantization.Probability, new Activate(Activation.Sigmoid), SigmoidTables.Logistic);

    /// <summary>TANH.</summary>
    public static void Tanh(OperatorImport n) =>
        Sigmoid(n, ActivationQuantization.Tanh, new Activate(Activation.Tanh), SigmoidTables.Tanh);

    /// <summary>HARD_SWISH.</summary>
    public static void HardSwish(OperatorImport n) => Emit(n, new Activate(Activation.HardSwish), HardSwishTable.Of);

    /// <summary>RELU, RELU6, RELU_N1_TO_1 and RELU_0_TO_1 on their own.</summary>
    public static Action<OperatorImport> Relu(Activate function, float min, float max) => n =>
    {
        (QuantizedValue x, QuantizedValue y) = (n.Activation(0), RequireSameShape(n));
        (int least, int most) = FusedRange.Whole(y);
        QuantizedMultiplier factor = FloatRatio(x.Quantization.Scale, y.Quantization.Scale);
        (int low, int high) = (At(min), At(max));
        n.Emit(y.Type == ElementType.Int8
            ? new QuantizedTable(Rescaled(x.Quantization, y.Quantization, factor, low, high), function)
            : new QuantizedRequantize(factor, low, high), x);

        int At(float real) => (int)Math.Clamp(y.Quantization.ZeroPoint
            + (double)MathF.Round(real / y.Quantization.Scale, MidpointRounding.AwayFromZero), least, most);
    };

    /// <summary>LEAKY_RELU.</summary>
    public static void LeakyRelu(OperatorImport n)
    {
        (QuantizedValue x, QuantizedValue y) = (n.Activation(0), RequireSameShape(n));
        float alpha = n.Float(LeakyReluOptions.Alpha), slope = x.Quantization.Scale * alpha / y.Quantization.Scale;
        QuantizedMultiplier identity = FloatRatio(x.Quantization.Scale, y.Quantization.Scale);
        QuantizedMultiplier negative = Multipliers.Of(Math.Abs(slope), "input scale * alpha / output scale");
        if (y.Type == ElementType.Int16)
        {
            n.Emit(slope >= 0 ? Slope(1, x, identity, negative)
                : throw new UnsupportedOperatorException($"alpha {alpha} with int16; 0 and more is supported"), x);
            return;
        }

        (int zeroX, int zeroY, int sign) = (x.Quantization.ZeroPoint, y.Quantization.ZeroPoint, slope < 0 ? -1 : 1);
        sbyte[] table = Of(q => zeroY + (q >= zeroX ? Scale(q - zeroX, identity) : sign * Scale(q - zeroX, negative)));
        n.Emit(new QuantizedTable(table, new Activate(Activation.LeakyRelu, alpha)), x);
    }

    /// <summary>ABS.</summary>
    public static void Abs(OperatorImport n)
    {
        (QuantizedValue x, QuantizedValue y) = (n.Activation(0), RequireSameShape(n));
        QuantizedMultiplier factor = FloatRatio(x.Quantization.Scale, y.Quantization.Scale);   // 1 is exact
        n.Emit(y.Type == ElementType.Int16
            ? Slope(-1, x, factor, factor)
            : new QuantizedTable(Of(q => Scale(Math.Abs(q - x.Quantization.ZeroPoint), factor) + y.Quantization.ZeroPoint),
                new Activate(Activation.Abs)), x);
    }

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
        (QuantizedValue x, QuantizedValue y) = (n.Activation(0), RequireSameShape(n));
        n.Emit(x.Type == ElementType.Int8
            ? new QuantizedTable(table(x.Quantization, y.Quantization), function)
            : throw new UnsupportedOperatorException($"it takes {x.Type}; int8 is supported"), x);
    }

    /// <summary>The result; refuses one of another shape or type than the input.</summary>
    public static QuantizedValue RequireSameShape(OperatorImport n)
    {
        (QuantizedValue x, QuantizedValue y) = (n.Activation(0), n.Result);
        return x.Type == y.Type && x.Length == y.Length && x.Shape[^1] == y.Shape[^1]
            ? y
            : throw new UnsupportedOperatorException($"it takes {x.Type} {x.Shape.Text()} to {y.Type} {y.Shape.Text()}; one type and shape is "
                + "supported");
    }

    /// <summary>Refuses an output that has another scale or zero point than TFLite prescribes.</summary>
    public static void Require(ActivationQuantization found, ActivationQuantization expected)
    {
        if (found.ZeroPoint != expected.ZeroPoint || Math.Abs(found.Scale - expected.Scale) > expected.Scale / 1000)
        {
            throw new UnsupportedOperatorException($"its output has the scale {found.Scale} and zero point {found.ZeroPoint}; TFLite's is "
                + $"{expected.Scale} and {expected.ZeroPoint}");
        }
    }

    private static void Sigmoid(OperatorImport n, ActivationQuantization result, Activate function,
        Func<ActivationQuantization, sbyte[]> table)
    {
        (QuantizedValue x, QuantizedValue y) = (n.Activation(0), RequireSameShape(n));
        bool wide = x.Type == ElementType.Int16;
        Require(y.Quantization, wide ? new ActivationQuantization(WideUnit, 0) : result);
        n.Emit(wide
            ? QuantizedWideSigmoid.FromScale(x.Quantization.Scale, function.Function == Activation.Tanh)
            : new QuantizedTable(table(x.Quantization), function), x);
    }

    private static void EmitReal(OperatorImport n, Activate function, Func<float, float> compute) =>
        Emit(n, function, (x, y) => OfReal(x, y, compute));

    // A slope that all channels share, exactly 1 or -1, so that the factor of the negative ones says the rest.
    private static QuantizedPRelu Slope(sbyte slope, QuantizedValue x, QuantizedMultiplier positive, QuantizedMultiplier negative) => new(
        new QuantizedConstant([.. Enumerable.Repeat(slope, x.Shape[^1])], [x.Shape[^1]], new ActivationQuantization(1, 0)), positive, negative);

    // TFLite divides the scales in float here.
    private static QuantizedMultiplier FloatRatio(float input, float output) => Multipliers.Of(input / output, "input scale / output scale");
}
