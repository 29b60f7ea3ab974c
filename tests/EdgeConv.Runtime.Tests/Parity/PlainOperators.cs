using static EdgeConv.Runtime.Tests.Parity.PlainArithmetic;

namespace EdgeConv.Runtime.Tests.Parity;

/// <summary>What an element should be: exactly, or within a step where the expectation is a real number.</summary>
internal readonly record struct Expected(double Value, long? Accumulator = null, double Within = 0);

/// <summary>
/// QUANTIZATION.md, section 3, an output element at a time and as slowly as it likes. Shares no code with the runtime's kernels, so that an
/// operator that every path computes with the same code is checked as well.
/// </summary>
internal sealed class PlainOperators(Model model, Func<int, int[]> activation)
{
    public Func<int, Expected> Of(ModelOperator op) => op switch
    {
        Conv2DOp { IsPooled: true } o => Pooled(o),
        Conv2DOp o => Matrix(o.Output, Tensor(o.Input), o.Bias, o.Multipliers, o.Shifts, o.Min, o.Max, Convolution(o, Shape(o.Output))),
        TransposeConvOp o => Matrix(o.Output, Tensor(o.Input), o.Bias, o.Multipliers, o.Shifts, o.Min, o.Max, Transposed(o)),
        FullyConnectedOp o => Matrix(o.Output, Tensor(o.Input), o.Bias, o.Multipliers, o.Shifts, o.Min, o.Max, Dense(o)),
        MaxPoolOp o => Pool(o.Input, o.Output, o.Window, taps => Math.Clamp(taps.Max(), o.Min, o.Max)),
        AveragePoolOp o => Pool(o.Input, o.Output, o.Window, taps => Math.Clamp((int)Quotient(taps.Sum(t => (long)t), taps.Count), o.Min, o.Max)),
        TableOp o => Each(o, x => model.Int8Data(o.Table)[x + 128]),
        ReshapeOp o => Each(o, x => x),
        RequantizeOp o => Requantized(o),
        MeanOp o => Mean(o),
        AddOp or MulOp or PReluOp or LrnOp or SoftmaxOp or LogSoftmaxOp or WideSigmoidOp or WideSoftmaxOp => new PlainElementwise(model, Tensor).Of(op),
        ConcatOp or PadOp or TransposeOp or SliceOp or ResizeOp => new PlainShapes(model, Tensor).Of(op),
        _ => throw new NotSupportedException($"no expectation for {op.GetType().Name}; write one"),
    };

    private PlainTensor Tensor(int index)
    {
        TensorInfo info = model.Tensors[index];
        int[] values = info.Storage == TensorStorage.Arena ? activation(index) : [.. model.Weights(index).ToArray().Select(w => (int)w)];
        return new PlainTensor(info, values);
    }

    private int[] Shape(int index) => new PlainTensor(model.Tensors[index], []).Shape;

    private Func<int, Expected> Each(ModelOperator op, Func<int, int> function)
    {
        PlainTensor x = Tensor(op.Input);
        return i => new Expected(function(x[i]));
    }

    private Func<int, Expected> Requantized(RequantizeOp op)
    {
        TensorInfo y = model.Tensors[op.Output];
        return Each(op, x => Requantize(x - model.Tensors[op.Input].ZeroPoint, op.Factor.Multiplier, op.Factor.Shift, y.ZeroPoint, op.Min, op.Max));
    }

    private Func<int, Expected> Mean(MeanOp op)
    {
        PlainTensor x = Tensor(op.Input);
        TensorInfo y = model.Tensors[op.Output];
        int[] kept = [.. x.Shape.Select((d, i) => (op.Axes >> i & 1) == 0 ? d : 1)];
        long[] sums = new long[y.Length];
        for (int i = 0; i < x.Length; i++)
        {
            (int n, int h, int w, int c) = PlainTensor.Indices(x.Shape, i);
            int[] at = [.. new[] { n, h, w, c }.Select((index, d) => index % kept[d])];   // 0 along an axis
            sums[((at[0] * kept[1] + at[1]) * kept[2] + at[2]) * kept[3] + at[3]] += x[i] - x.Info.ZeroPoint;
        }

        return i => new Expected(Requantize(sums[i], op.Factor.Multiplier, op.Factor.Shift, y.ZeroPoint, -128, 127), sums[i]);
    }

    private Func<int, Expected> Matrix(
        int output, PlainTensor x, int bias, int multipliers, int shifts, int min, int max, Func<int, long> sum)
    {
        bool isWide = x.Info.Type == ElementType.Int16;
        TensorInfo y = model.Tensors[output];
        int[] m = model.Int32Data(multipliers).ToArray(), s = model.Int32Data(shifts).ToArray();
        long[] b = isWide ? model.Int64Data(bias).ToArray() : [.. model.Int32Data(bias).ToArray().Select(v => (long)v)];
        return i =>
        {
            int o = i % b.Length;
            long accumulator = b[o] + sum(i);
            int value = isWide ? RequantizeWide(accumulator, m[o], s[o], min, max) : Requantize(accumulator, m[o], s[o], y.ZeroPoint, min, max);
            return new Expected(value, accumulator);
        };
    }

    /// <summary>The largest byte that the convolution gives in a window; with it the accumulator that it is of.</summary>
    private Func<int, Expected> Pooled(Conv2DOp op)
    {
        (int[] x, int[] y, Pooling pool) = (Shape(op.Input), Shape(op.Output), op.Pool);
        int[] shape = [y[0], op.Window.OutputH(x[1]), op.Window.OutputW(x[2]), y[3]];
        Func<int, Expected> pixel = Matrix(op.Output, Tensor(op.Input), op.Bias, op.Multipliers, op.Shifts, op.Min, op.Max, Convolution(op, shape));
        return i =>
        {
            (int n, int h, int w, int o) = PlainTensor.Indices(y, i);
            return Enumerable.Range(0, pool.Pixels)
                .Select(p => ((n * shape[1] + h * pool.StrideH + p / pool.KernelW) * shape[2] + w * pool.StrideW + p % pool.KernelW) * shape[3] + o)
                .Select(pixel).MaxBy(e => e.Value);
        };
    }

    private Func<int, long> Convolution(Conv2DOp op, int[] shape)
    {
        (PlainTensor x, PlainTensor weights, Window window) = (Tensor(op.Input), Tensor(op.Weights), op.Window);
        int depth = weights.Shape[3], filters = weights.Shape[0] / op.Groups;
        return i =>
        {
            (int n, int h, int w, int o) = PlainTensor.Indices(shape, i);
            long sum = 0;
            foreach ((int ky, int kx) in Taps(window))
            {
                (int row, int column) = (h * window.StrideH + ky * window.DilationH - window.PadTop, w * window.StrideW + kx * window.DilationW - window.PadLeft);
                for (int c = 0; c < depth; c++)
                {
                    sum += x.Real(n, row, column, o / filters * depth + c) * weights[((o * window.KernelH + ky) * window.KernelW + kx) * depth + c];
                }
            }

            return sum;
        };
    }

    /// <summary>In the scattering form, unlike the kernels: every input pixel is spread over the output, once.</summary>
    private Func<int, long> Transposed(TransposeConvOp op)
    {
        (PlainTensor x, PlainTensor weights, int[] shape, Window window) = (Tensor(op.Input), Tensor(op.Weights), Shape(op.Output), op.Window);
        long[] sums = new long[shape[0] * shape[1] * shape[2] * shape[3]];
        for (int i = 0; i < x.Length; i++)
        {
            (int n, int h, int w, int c) = PlainTensor.Indices(x.Shape, i);
            foreach ((int ky, int kx) in Taps(window))
            {
                (int row, int column) = (h * window.StrideH + ky * window.DilationH - window.PadTop, w * window.StrideW + kx * window.DilationW - window.PadLeft);
                if ((uint)row >= (uint)shape[1] || (uint)column >= (uint)shape[2])
                {
                    continue;
                }

                for (int o = 0; o < shape[3]; o++)
                {
                    sums[((n * shape[1] + row) * shape[2] + column) * shape[3] + o] +=
                        (long)(x[i] - x.Info.ZeroPoint) * weights[((o * window.KernelH + ky) * window.KernelW + kx) * x.Shape[3] + c];
                }
            }
        }

        return i => sums[i];
    }

    private Func<int, long> Dense(FullyConnectedOp op)
    {
        (PlainTensor x, PlainTensor weights) = (Tensor(op.Input), Tensor(op.Weights));
        (int outputs, int inputs) = (weights.Shape[2], weights.Shape[3]);
        return i =>
        {
            long sum = 0;
            for (int k = 0; k < inputs; k++)
            {
                sum += (long)(x[i / outputs * inputs + k] - x.Info.ZeroPoint) * (weights[i % outputs * inputs + k] - weights.Info.ZeroPoint);
            }

            return sum;
        };
    }

    private Func<int, Expected> Pool(int input, int output, Window window, Func<List<int>, int> finish)
    {
        (PlainTensor x, int[] shape) = (Tensor(input), Shape(output));
        return i =>
        {
            (int n, int h, int w, int c) = PlainTensor.Indices(shape, i);
            var taps = new List<int>();
            foreach ((int ky, int kx) in Taps(window))
            {
                (int row, int column) = (h * window.StrideH + ky * window.DilationH - window.PadTop, w * window.StrideW + kx * window.DilationW - window.PadLeft);
                if ((uint)row < (uint)x.Shape[1] && (uint)column < (uint)x.Shape[2])
                {
                    taps.Add(x[n, row, column, c]);
                }
            }

            return new Expected(finish(taps));
        };
    }

    private static IEnumerable<(int Ky, int Kx)> Taps(Window window) =>
        from ky in Enumerable.Range(0, window.KernelH) from kx in Enumerable.Range(0, window.KernelW) select (ky, kx);
}
