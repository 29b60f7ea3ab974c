using EdgeConv.Runtime.Quantization;
using static EdgeConv.Runtime.Tests.Parity.PlainArithmetic;

namespace EdgeConv.Runtime.Tests.Parity;

/// <summary>Operators that combine or map elements. The softmaxes are compared with the real function, within a step.</summary>
internal sealed class PlainElementwise(Model model, Func<int, PlainTensor> tensor)
{
    public Func<int, Expected> Of(ModelOperator op) => op switch
    {
        AddOp o => Binary(o, o.Other, (a, b) => Sum(o, a, b)),
        MulOp o => Binary(o, o.Other, (a, b) => Final(a * b, o.Factor, o.Output, o.Min, o.Max)),
        PReluOp o => PRelu(o),
        LrnOp o => Lrn(o),
        SoftmaxOp o => Softmax(o, o.Multiplier, o.LeftShift, (x, log) => Math.Exp(x - log) * 256 - 128),
        LogSoftmaxOp o => Softmax(o, o.Multiplier, o.LeftShift, (x, log) => (x - log) * 16 + 127),
        WideSigmoidOp o => WideSigmoid(o),
        WideSoftmaxOp o => WideSoftmax(o),
        _ => throw new ArgumentException(op.Name),
    };

    private Func<int, Expected> Binary(ModelOperator op, int other, Func<long, long, Expected> combine)
    {
        (PlainTensor a, PlainTensor b) = (tensor(op.Input), tensor(other));
        int[] shape = [.. a.Shape.Zip(b.Shape, Math.Max)];
        return i =>
        {
            (int n, int h, int w, int c) = PlainTensor.Indices(shape, i);
            return combine(a[n, h, w, c] - a.Info.ZeroPoint, b[n, h, w, c] - b.Info.ZeroPoint);
        };
    }

    private Expected Sum(AddOp op, long a, long b)
    {
        long left = Scale(a * (1 << 20), op.InputFactor.Multiplier, op.InputFactor.Shift);
        long right = Scale(b * (1 << 20), op.OtherFactor.Multiplier, op.OtherFactor.Shift);
        return Final(op.Subtract ? left - right : left + right, op.OutputFactor, op.Output, op.Min, op.Max);
    }

    private Func<int, Expected> PRelu(PReluOp op)
    {
        (PlainTensor x, PlainTensor alpha) = (tensor(op.Input), tensor(op.Alpha));
        return i =>
        {
            long d = x[i] - x.Info.ZeroPoint, slope = alpha[i % alpha.Length] - alpha.Info.ZeroPoint;
            return d >= 0 ? Final(d, op.Positive, op.Output, -128, 127) : Final(d * slope, op.Negative, op.Output, -128, 127);
        };
    }

    private Func<int, Expected> Lrn(LrnOp op)
    {
        PlainTensor x = tensor(op.Input);
        int[] table = model.Int32Data(op.Table).ToArray();
        int channels = x.Shape[3], zeroPoint = model.Tensors[op.Output].ZeroPoint;
        return i =>
        {
            int c = i % channels;
            long sum = Enumerable.Range(c - (op.Size - 1) / 2, op.Size).Where(k => k >= 0 && k < channels)
                .Sum(k => (long)Math.Pow(x[i - c + k] - x.Info.ZeroPoint, 2));
            long step = 1L << op.TableShift, entry = sum / step;
            long factor = table[entry] + (long)Math.Floor((decimal)(table[entry + 1] - (long)table[entry]) * (sum % step) / step);
            long value = Quotient((Int128)(x[i] - x.Info.ZeroPoint) * factor, (Int128)1 << op.OutputShift) + zeroPoint;
            return new Expected(Math.Clamp(value, -128, 127), sum);
        };
    }

    /// <summary>The multiplier takes a difference to 26 fraction bits, so it tells the scale.</summary>
    private Func<int, Expected> Softmax(ModelOperator op, int multiplier, int leftShift, Func<double, double, double> output)
    {
        PlainTensor x = tensor(op.Input);
        double scale = multiplier * Math.Pow(2, leftShift - 31 - 26);
        int row = x.Shape[3], known = -1;
        double max = 0, log = 0;
        return i =>
        {
            int start = i / row * row;
            if (start != known)
            {
                max = Enumerable.Range(start, row).Max(k => x[k]);
                log = Math.Log(Enumerable.Range(start, row).Sum(k => Math.Exp((x[k] - max) * scale)));
                known = start;
            }

            return new Expected(Math.Clamp(output((x[i] - max) * scale, log), -128, 127), Within: 0.6);
        };
    }

    /// <summary>The input becomes a multiple of 1/12288; lines between table entries are off by a few of 32,768 steps.</summary>
    private Func<int, Expected> WideSigmoid(WideSigmoidOp op)
    {
        PlainTensor x = tensor(op.Input);
        double scale = op.Multiplier / (double)(1L << op.RightShift) / 12288;
        return i => new Expected(Math.Clamp(32768 * (op.IsTanh ? Math.Tanh(x[i] * scale) : 1 / (1 + Math.Exp(-x[i] * scale))), -32768, 32767), Within: 8);
    }

    /// <summary>A difference becomes a multiple of 10/65535; both tables have lines between their entries.</summary>
    private Func<int, Expected> WideSoftmax(WideSoftmaxOp op)
    {
        PlainTensor x = tensor(op.Input);
        double scale = op.Factor.Multiplier * Math.Pow(2, op.Factor.Shift - 31) * 10 / 65535;
        int row = x.Shape[3];
        return i =>
        {
            int start = i / row * row;
            double sum = Enumerable.Range(start, row).Sum(k => Math.Exp((x[k] - x[i]) * scale));
            return new Expected(Math.Clamp(32768 / sum, 0, 32767), Within: 40);
        };
    }

    private Expected Final(long value, QuantizedMultiplier factor, int output, int min, int max) =>
        new(Requantize(value, factor.Multiplier, factor.Shift, model.Tensors[output].ZeroPoint, min, max), value);
}
