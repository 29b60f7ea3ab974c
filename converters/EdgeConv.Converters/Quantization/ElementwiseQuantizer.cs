using EdgeConv.Converters.Graphs;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Converters.Quantization;

/// <summary>Scales and factors of the operations that combine activations; none is so fine that the runtime's int32 would not hold it.</summary>
internal static class ElementwiseQuantizer
{
    // The largest left shift that the runtime takes: of a sum's output, of a product, of a single value.
    private const int SumShift = 1, ProductShift = 14, ValueShift = 21;

    /// <summary>Sum, difference or product.</summary>
    /// <param name="name">Of the layer, for messages.</param>
    /// <param name="arithmetic">The float operation.</param>
    /// <param name="a">Of the first operand.</param>
    /// <param name="b">Of the second; null where it is a constant.</param>
    /// <param name="wanted">Range or given scale of the result.</param>
    /// <param name="scheme">How scale and zero point follow from a range.</param>
    public static (QuantizedOperation Operation, ActivationQuantization Output) Arithmetic(
        string name, Arithmetic arithmetic, ActivationQuantization a, ActivationQuantization? b, WantedScale wanted, ActivationScheme scheme)
    {
        QuantizedConstant? constant = arithmetic.Other is { } other ? Constant(other, arithmetic.Given) : null;
        ActivationQuantization second = constant?.Quantization ?? b!.Value;
        double twice = 2.0 * Math.Max(a.Scale, second.Scale);
        bool product = arithmetic.Function == ArithmeticFunction.Mul;
        double real = product ? (double)a.Scale * second.Scale : twice / (1 << AddOp.LeftShift);
        ActivationQuantization output = NoFinerThan(name, wanted, scheme, real, product ? ProductShift : SumShift);
        (int min, int max) = Quantizer.Clamp(arithmetic.Activation, arithmetic.Bounds, output, sbyte.MinValue, sbyte.MaxValue);
        return (new QuantizedArithmetic(arithmetic.Function, constant,
            QuantizedMultiplier.From(a.Scale / twice), QuantizedMultiplier.From(second.Scale / twice),
            QuantizedMultiplier.From(real / output.Scale), arithmetic.Activation, min, max)
        {
            Bounds = arithmetic.Bounds,
        }, output);
    }

    /// <summary>Parametric ReLU.</summary>
    public static (QuantizedOperation Operation, ActivationQuantization Output) PRelu(
        string name, PRelu layer, ActivationQuantization input, WantedScale wanted, ActivationScheme scheme)
    {
        float largest = layer.Alpha.Max(Math.Abs);
        ActivationQuantization alpha = Scale(layer.Given) ?? new ActivationQuantization(largest > 0 ? largest / sbyte.MaxValue : 1, 0);
        double negative = (double)input.Scale * alpha.Scale;
        ActivationQuantization output = NoFinerThan(
            name, wanted, scheme, Math.Max(negative / (1 << ProductShift), (double)input.Scale / (1 << ValueShift)), 0);
        var values = new QuantizedConstant(
            layer.Given?.Weights ?? [.. layer.Alpha.Select(v => alpha.Quantize(v))], [layer.Alpha.Length], alpha);
        return (new QuantizedPRelu(values, QuantizedMultiplier.From((double)input.Scale / output.Scale),
            QuantizedMultiplier.From(negative / output.Scale)), output);
    }

    /// <summary>A unary function as a table.</summary>
    public static QuantizedTable Table(Activate function, ActivationQuantization input, ActivationQuantization output) => new(
        [.. Enumerable.Range(sbyte.MinValue, 256).Select(q => output.Quantize(Finite(Activations.Compute(function, input.Dequantize(q)))))],
        function);

    /// <summary>A unary function of int16: entries 128 steps apart with lines between them.</summary>
    public static (QuantizedOperation Operation, ActivationQuantization Output) WideTable(
        Activate function, ActivationQuantization input, WantedScale wanted)
    {
        ActivationQuantization output = wanted.Given ?? ActivationQuantization.Int16(wanted.Range);
        short[] table = WideTables.Interpolated(
            x => (float)Finite(Activations.Compute(function, x)), input.Scale, input.ZeroPoint, output.Scale, output.ZeroPoint);
        return (new QuantizedWideTable(table), output);
    }

    /// <summary>Sum, difference or product of two int16 activations: 15 extra bits in sums, no left shift behind either.</summary>
    public static (QuantizedOperation Operation, ActivationQuantization Output) WideArithmetic(
        Arithmetic arithmetic, ActivationQuantization a, ActivationQuantization b, WantedScale wanted)
    {
        double twice = 2.0 * Math.Max(a.Scale, b.Scale);
        double real = arithmetic.Function == ArithmeticFunction.Mul ? (double)a.Scale * b.Scale : twice / (1 << AddOp.WideLeftShift);
        ActivationQuantization output = wanted.Given ?? ActivationQuantization.Int16(wanted.Range);
        output = output with { Scale = Math.Max(output.Scale, (float)real * 1.001f) };
        (int min, int max) = Quantizer.Clamp(arithmetic.Activation, arithmetic.Bounds, output, short.MinValue, short.MaxValue);
        return (new QuantizedArithmetic(arithmetic.Function, null, QuantizedMultiplier.From(a.Scale / twice), QuantizedMultiplier.From(b.Scale / twice),
            QuantizedMultiplier.From(real / output.Scale), arithmetic.Activation, min, max)
        {
            Bounds = arithmetic.Bounds,
        }, output);
    }

    /// <summary>Local response normalization.</summary>
    public static (QuantizedOperation Operation, ActivationQuantization Output) Lrn(
        Lrn layer, ActivationQuantization input, WantedScale wanted, ActivationScheme scheme)
    {
        const int LargestSquare = 255 * 255, MostOutputBits = 40, EntryBits = 30;
        ActivationQuantization output = wanted.Of(scheme);
        int shift = 0;
        while ((long)layer.Size * LargestSquare >> shift >= LrnOp.TableLength - 1)
        {
            shift++;
        }

        double square = (double)input.Scale * input.Scale, ratio = (double)input.Scale / output.Scale;
        double[] factors = [.. Enumerable.Range(0, LrnOp.TableLength).Select(i => layer.Factor(square * ((long)i << shift)) * ratio)];
        int outputShift = Math.Clamp(EntryBits - (Math.ILogB(factors.Max()) + 1), 1, MostOutputBits);
        int[] table = [.. factors.Select(f => (int)Math.Min(Math.Round(Math.ScaleB(f, outputShift)), int.MaxValue))];
        return (new QuantizedLrn(layer, table, shift, outputShift), output);
    }

    // A logarithm of what calibration never saw.
    private static double Finite(double value) => double.IsNaN(value) ? 0 : value;

    private static QuantizedConstant Constant(ConstantTensor constant, GivenWeights? given)
    {
        ActivationQuantization q = Scale(given)
            ?? ActivationQuantization.FromRange(new ValueRange(constant.Values.Min(), constant.Values.Max()));
        return new QuantizedConstant(given?.Weights ?? [.. constant.Values.Select(v => q.Quantize(v))], constant.Shape, q);
    }

    private static ActivationQuantization? Scale(GivenWeights? given) =>
        given is null ? null : new ActivationQuantization(given.Scales[0], given.ZeroPoint);

    // real / scale must stay below 2^shift.
    private static ActivationQuantization NoFinerThan(string name, WantedScale wanted, ActivationScheme scheme, double real, int shift)
    {
        ActivationQuantization output = wanted.Of(scheme);
        ValueRange range = wanted.Range;
        float finest = (float)(real / (1 << shift)) * 1.001f;
        return output.Scale >= finest ? output
            : wanted.Given is not null ? throw new ConversionException($"The output scale of '{name}' is {output.Scale}; its operands' scales allow no "
                + $"less than {finest}.")
            : ActivationQuantization.FromRange(new ValueRange(range.Min, Math.Max(0, range.Min) + (256 * finest)), scheme);
    }
}
