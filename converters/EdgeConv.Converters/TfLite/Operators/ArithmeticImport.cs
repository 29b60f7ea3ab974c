using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Quantization;
using EdgeConv.Converters.TfLite.Arithmetic;
using EdgeConv.Converters.TfLite.Schema;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Quantization;
using static EdgeConv.Converters.TfLite.Arithmetic.Multipliers;

namespace EdgeConv.Converters.TfLite.Operators;

/// <summary>ADD, SUB, MUL, PRELU, MAXIMUM and MINIMUM.</summary>
internal static class ArithmeticImport
{
    /// <summary>Sum: factors in double.</summary>
    public static void Add(OperatorImport n) => Combine(n, ArithmeticFunction.Add, (a, b, y, bits) =>
    {
        double twice = 2 * (double)Math.Max(a, b);
        return (a / twice, b / twice, twice / ((1 << bits) * (double)y));
    });

    /// <summary>Difference: factors in float.</summary>
    public static void Sub(OperatorImport n) => Combine(n, ArithmeticFunction.Sub, (a, b, y, bits) =>
    {
        float twice = 2 * Math.Max(a, b);
        return (a / twice, b / twice, twice / ((1 << bits) * y));
    });

    /// <summary>Product.</summary>
    public static void Mul(OperatorImport n) => Combine(n, ArithmeticFunction.Mul, (a, b, y, _) => (0, 0, (double)a * b / y));

    /// <summary>Parametric ReLU with a slope a channel.</summary>
    public static void PRelu(OperatorImport n)
    {
        (QuantizedValue x, QuantizedValue y) = (n.Activation(0), n.Result);
        QuantizedConstant alpha = n.Constant(1).Operand();
        int channels = x.Shape[^1];
        if (x.Type != y.Type || x.Length != y.Length
            || (alpha.Values.Length != 1 && (alpha.Values.Length != channels || alpha.Shape[^1] != channels)))
        {
            throw new UnsupportedOperatorException($"slopes of {alpha.Shape.Text()} for {x.Type} {x.Shape.Text()}; one int8 slope, or one a "
                + "channel, is supported");
        }

        sbyte[] slopes = alpha.Values.Length == channels ? alpha.Values : [.. Enumerable.Repeat(alpha.Values[0], channels)];
        (double input, double output) = (x.Quantization.Scale, y.Quantization.Scale);
        n.Emit(new QuantizedPRelu(alpha with { Values = slopes, Shape = [channels] }, Of(input / output, "input scale / output scale"),
            Of(input * alpha.Quantization.Scale / output, "input scale * slope scale / output scale")), x);
    }

    /// <summary>Maximum or minimum of the bytes with one constant.</summary>
    public static Action<OperatorImport> Bound(bool lower) => n =>
    {
        QuantizedConstant bound = n.Constant(1).Operand();
        if (bound.Values is not [var step])
        {
            throw new UnsupportedOperatorException($"a bound of {bound.Shape.Text()}; one value is supported");
        }

        float real = (float)bound.Quantization.Dequantize(step);
        Activate function = lower ? new Activate(Activation.Clip, real, float.MaxValue) : new Activate(Activation.Clip, float.MinValue, real);
        ActivationImport.Emit(n, function, (x, y) => x == y && x == bound.Quantization
            ? UnaryTable.Of(q => lower ? Math.Max(q, step) : Math.Min(q, step))
            : throw new UnsupportedOperatorException("input, bound and output have different scales; the same are supported"));
    };

    private static void Combine(
        OperatorImport n, ArithmeticFunction function, Func<float, float, float, int, (double A, double B, double Y)> factors)
    {
        // A sum or a product is the same with its operands swapped; a difference is not.
        bool swapped = n.IsConstant(0) && function != ArithmeticFunction.Sub;
        (int left, int right) = swapped ? (1, 0) : (0, 1);
        (QuantizedValue x, QuantizedValue y) = (n.Activation(left), n.Result);
        QuantizedConstant? constant = n.IsConstant(right) ? n.Constant(right).Operand() : null;
        QuantizedValue? other = constant is null ? n.Activation(right) : null;
        ElementType second = other?.Type ?? (constant!.WideValues is null ? ElementType.Int8 : ElementType.Int16);
        if (x.Type != y.Type || x.Type != second)
        {
            throw new UnsupportedOperatorException($"it takes {x.Type} and {second} to {y.Type}; one type is supported");
        }

        RequireCombine(x.Shape, constant?.Shape ?? other!.Shape, y.Shape);
        ActivationQuantization scale = constant?.Quantization ?? other!.Quantization;
        int bits = x.Type == ElementType.Int16 ? AddOp.WideLeftShift : AddOp.LeftShift;
        (double a, double b, double result) = factors(x.Quantization.Scale, scale.Scale, y.Quantization.Scale, bits);
        (QuantizedMultiplier A, QuantizedMultiplier B, QuantizedMultiplier Y) f =
            (Of(a, "a factor"), Of(b, "a factor"), Of(result, "the output's factor"));
        n.EmitFused(FusedRange.Of(n.Fused(ArithmeticOptions.Activation), y),
            r => new QuantizedArithmetic(function, constant, f.A, f.B, f.Y, r.Activation, r.Min, r.Max), other is null ? [x] : [x, other]);
    }

    private static void RequireCombine(IReadOnlyList<int> a, IReadOnlyList<int> b, IReadOnlyList<int> y)
    {
        static int Dimension(IReadOnlyList<int> shape, int fromEnd) => fromEnd <= shape.Count ? shape[^fromEnd] : 1;
        bool fits = Enumerable.Range(1, 4).All(i => (Dimension(a, i), Dimension(b, i)) is var (p, q)
            && (p == q || p == 1 || q == 1) && Math.Max(p, q) == Dimension(y, i));
        if (!fits)
        {
            throw new UnsupportedOperatorException($"{a.Text()} and {b.Text()} do not combine to {y.Text()}");
        }
    }
}
