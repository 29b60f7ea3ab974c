using EdgeConv.Converters.Graphs;
using EdgeConv.Converters.Quantization;
using EdgeConv.Runtime;
using EdgeConv.Runtime.Quantization;
using EdgeConv.Trainer.Native;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace EdgeConv.Trainer.QuantizationAware;

/// <summary>
/// What each operation of the runtime computes, as torch computes it: QUANTIZATION.md, section 3. Values are integers less their zero
/// point in float tensors, NCHW or [N, C]; float sums of them are exact below 2^24.
/// </summary>
internal static class FakeLayers
{
    /// <exception cref="TrainingException">The network has operations without a gradient here; all are named.</exception>
    public static void Check(QuantizedGraph graph)
    {
        string[] strangers = [.. graph.Nodes.Where(n => !IsKnown(n.Operation)).Select(n => $"{n.Name} ({n.Operation.GetType().Name[9..]})")];
        if (strangers.Length > 0)
        {
            throw new TrainingException($"Quantization-aware training does not know {string.Join(", ", strangers)}. It knows convolutions, fully "
                + "connected layers, pooling, sums, concatenations, local response normalization and functions of one value.");
        }
    }

    /// <summary>A layer with weights.</summary>
    public static Tensor Forward(QuantizedNode node, Tensor x, Faked faked)
    {
        QuantizedWeights q = faked.Integers;
        long[] channels = node.Operation is QuantizedConv2D ? [1, q.Bias.Length, 1, 1] : [1, q.Bias.Length];
        Tensor sums = node.Operation switch
        {
            QuantizedConv2D c => Convolve(x, faked, c),
            _ => F.linear(x, faked.Weights, faked.Bias),
        };
        int zeroPoint = node.Output.Quantization.ZeroPoint;
        Tensor exact;
        using (no_grad())
            exact = FixedPoint.Requantize(sums.detach().round().to(ScalarType.Int64), FixedPoint.Factors.Of(q.Multipliers, channels));
        return Clamped(exact, sums * faked.Factors.view(channels), q.Min - zeroPoint, q.Max - zeroPoint);
    }

    /// <summary>A layer without weights.</summary>
    public static Tensor Forward(QuantizedNode node, Tensor[] inputs, ActivationQuantization[] scales)
    {
        Tensor x = inputs[0];
        ActivationQuantization output = node.Output.Quantization;
        return node.Operation switch
        {
            QuantizedMaxPool { Window: var w } => F.max_pool2d(
                x, [w.KernelH, w.KernelW], [w.StrideH, w.StrideW], [w.PadTop, w.PadLeft], [w.DilationH, w.DilationW]),
            QuantizedAveragePool { Window: var w } => Average(x, w, scales[0].ZeroPoint),
            QuantizedTable t => Look(x, t, scales[0], output),
            QuantizedLrn l => Normalize(x, l, output),
            QuantizedReshape => Reshape(x, node.Output.Shape),
            QuantizedConcat => cat(inputs, 1),
            QuantizedArithmetic a => Add(x, inputs[1], a, scales, output),
            QuantizedSoftmax or QuantizedLogSoftmax => x,
            _ => throw new NotSupportedException($"{node.Operation.GetType().Name} has no form in torch."),
        };
    }

    private static bool IsKnown(QuantizedOperation operation) => operation switch
    {
        QuantizedConv2D or QuantizedFullyConnected or QuantizedTable or QuantizedReshape or QuantizedConcat => true,
        QuantizedSoftmax or QuantizedLogSoftmax or QuantizedLrn => true,
        QuantizedMaxPool { Min: null, Max: null, Window: var w } => IsEven(w),
        QuantizedAveragePool { Min: null, Max: null, Window: { DilationH: 1, DilationW: 1 } w } => IsEven(w),
        QuantizedArithmetic { Other: null } a => a.Function != ArithmeticFunction.Mul,
        _ => false,
    };

    private static bool IsEven(Window w) => (w.PadTop, w.PadLeft) == (w.PadBottom, w.PadRight);

    private static Tensor Convolve(Tensor x, Faked faked, QuantizedConv2D c)
    {
        Window w = c.Window;
        Tensor filters = faked.Weights.view(faked.Bias.shape[0], w.KernelH, w.KernelW, -1).permute(0, 3, 1, 2);
        (Tensor padded, long[] padding) = IsEven(w)
            ? (x, [w.PadTop, w.PadLeft])
            : (F.pad(x, [w.PadLeft, w.PadRight, w.PadTop, w.PadBottom]), (long[])[0, 0]);
        return F.conv2d(padded, filters, faked.Bias, [w.StrideH, w.StrideW], padding, [w.DilationH, w.DilationW], c.Groups);
    }

    // Sums of integers and their exact quotients: a half is a half.
    private static Tensor Average(Tensor x, Window w, int zeroPoint)
    {
        Tensor Mean(Tensor of) => F.avg_pool2d(
            of, [w.KernelH, w.KernelW], [w.StrideH, w.StrideW], [w.PadTop, w.PadLeft], count_include_pad: false);
        Tensor smooth = Mean(x), exact;
        using (no_grad()) exact = FixedPoint.Round(Mean(x.detach().Plus(zeroPoint))) - zeroPoint;
        return FixedPoint.StraightThrough(exact, smooth);
    }

    // The slope of the function between an integer's neighbours.
    private static Tensor Look(Tensor x, QuantizedTable t, ActivationQuantization input, ActivationQuantization output)
    {
        const int Entries = 256;
        var slopes = new float[Entries];
        for (int i = 0; i < Entries; i++)
        {
            double Real(double q) => Activations.Compute(t.Function, input.Scale * (q + sbyte.MinValue - input.ZeroPoint)) / output.Scale;
            double slope = Real(i + 0.5) - Real(i - 0.5);
            slopes[i] = double.IsFinite(slope) ? (float)slope : 0;
        }
        Tensor index = x.detach().Plus(input.ZeroPoint - sbyte.MinValue).to(ScalarType.Int64).flatten();
        Tensor Entry(float[] table) => tensor(table).index_select(0, index).view(x.shape);
        return FixedPoint.StraightThrough(Entry([.. t.Table.Select(q => (float)(q - output.ZeroPoint))]), x * Entry(slopes));
    }

    // The factor depends little on a single value; its own slope is left out of the gradient.
    private static Tensor Normalize(Tensor x, QuantizedLrn l, ActivationQuantization output)
    {
        double power = Math.ScaleB(1, -l.OutputShift);
        Tensor factors, exact;
        using (no_grad())
        {
            Tensor values = x.detach().to(ScalarType.Int64), squares = values * values, shift = tensor((long)l.TableShift);
            Tensor frame = zeros_like(squares.narrow(1, 0, 1)).expand(-1, l.Layer.Size / 2, -1, -1), padded = cat([frame, squares, frame], 1);
            Tensor sums = padded.narrow(1, 0, x.shape[1]).clone();
            for (int i = 1; i < l.Layer.Size; i++) sums.add_(padded.narrow(1, i, x.shape[1]), Kept.One);
            Tensor entry = sums.bitwise_right_shift(shift), rest = sums - entry.bitwise_left_shift(shift);
            Tensor table = tensor(l.Table.Select(t => (long)t).ToArray());
            Tensor Entry(int next) => table.index_select(0, entry.Plus(next).flatten()).view(x.shape);
            factors = Entry(0).Plus(((Entry(1) - Entry(0)) * rest).bitwise_right_shift(shift));
            exact = FixedPoint.Round((values * factors).to(ScalarType.Float64) * power);
        }
        return Clamped(exact, x * (factors * power).to(ScalarType.Float32), sbyte.MinValue - output.ZeroPoint, sbyte.MaxValue - output.ZeroPoint);
    }

    // The converter's rows are in NHWC order.
    private static Tensor Reshape(Tensor x, IReadOnlyList<int> shape)
    {
        long count = x.shape[0];
        Tensor rows = x.dim() == 4 ? x.permute(0, 2, 3, 1).reshape(count, -1) : x;
        return shape is [_, var height, var width, var channels] ? rows.view(count, height, width, channels).permute(0, 3, 1, 2) : rows;
    }

    private static Tensor Add(Tensor a, Tensor b, QuantizedArithmetic sum, ActivationQuantization[] scales, ActivationQuantization output)
    {
        int sign = sum.Function == ArithmeticFunction.Sub ? -1 : 1;
        Tensor Scaled(Tensor x, QuantizedMultiplier factor) =>
            Requantize(x.detach().to(ScalarType.Int64) * (1L << AddOp.LeftShift), factor);
        Tensor exact;
        using (no_grad())
        {
            using Scalar factor = sign;
            exact = Requantize(
                Scaled(a, sum.InputFactor).add_(Scaled(b, sum.OtherFactor), factor).to(ScalarType.Int64), sum.OutputFactor);
        }
        return Clamped(exact, (a * (scales[0].Scale / output.Scale)).Plus(b * (sign * scales[1].Scale / output.Scale)),
            sum.Min - output.ZeroPoint, sum.Max - output.ZeroPoint);

        static Tensor Requantize(Tensor x, QuantizedMultiplier factor) => FixedPoint.Requantize(x, FixedPoint.Factors.Of([factor], 1));
    }

    // What is clamped away has no gradient.
    private static Tensor Clamped(Tensor exact, Tensor smooth, int min, int max)
    {
        using Scalar least = min, most = max;
        return FixedPoint.StraightThrough(exact.clamp_(least, most).to(ScalarType.Float32), smooth.clamp(least, most));
    }
}
