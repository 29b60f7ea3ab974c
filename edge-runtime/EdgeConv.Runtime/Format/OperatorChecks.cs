using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using EdgeConv.Runtime.Quantization;
using static EdgeConv.Runtime.Format.FormatLayout;

namespace EdgeConv.Runtime.Format;

/// <summary>Shapes, types and ranges of one operator.</summary>
internal readonly ref partial struct OperatorChecks(ModelContents model, ReadOnlySpan<byte> file, int index)
{
    private readonly ReadOnlySpan<byte> _file = file;
    private readonly ModelOperator _op = model.Operators[index];
    private readonly TensorInfo _input = model.Tensors[model.Operators[index].Input];
    private readonly TensorInfo _output = model.Tensors[model.Operators[index].Output];

    private bool IsWide => _input.Type == ElementType.Int16;

    public void Check()
    {
        bool ofItsType = IsWide ? _op is not (SoftmaxOp or LogSoftmaxOp or LrnOp or ResizeOp) : _op is not (WideSigmoidOp or WideSoftmaxOp);
        Require(_op is RequantizeOp || (_input.Type == _output.Type && ofItsType), "type",
            $"it does not take {_input.Type} to {_output.Type}");
        switch (_op)
        {
            case Conv2DOp op: Conv2D(op); break;
            case FullyConnectedOp op: FullyConnected(op); break;
            case MaxPoolOp op: Pool(op.Window, op.Min, op.Max); break;
            case AveragePoolOp op:
                Pool(op.Window, op.Min, op.Max);
                int taps = IsWide ? MaxWideMeanTaps : MaxMeanTaps;
                Require(op.Window.KernelH * op.Window.KernelW <= taps, "window", $"a mean is over at most {taps} pixels");
                break;
            case TableOp op: Table(op); break;
            case SoftmaxOp op: Softmax(op.Multiplier, op.LeftShift, op.DiffMin); break;
            case LogSoftmaxOp op:
                Softmax(op.Multiplier, op.LeftShift, op.DiffMin);
                Factor(op.Inverse, 0, "inverse");
                break;
            case LrnOp op: Lrn(op); break;
            case AddOp op: Add(op); break;
            case MulOp op: Mul(op); break;
            case PReluOp op: PRelu(op); break;
            case ConcatOp op: Concat(op); break;
            case PadOp op: Pad(op); break;
            case TransposeOp op: Transpose(op); break;
            case TransposeConvOp op: TransposeConv(op); break;
            case RequantizeOp op: Requantize(op); break;
            case MeanOp op: Mean(op); break;
            case WideSigmoidOp op: WideSigmoid(op); break;
            case WideSoftmaxOp op: WideSoftmax(op); break;
            case SliceOp op: Slice(op); break;
            case ResizeOp op: Resize(op); break;
            default: Require(_input.Length == _output.Length, "shape", "input and output have different sizes"); break;
        }
    }

    private void Conv2D(Conv2DOp op)
    {
        Require(_input.Shape.Count == 4 && _output.Shape.Count == 4, "shape", "convolution needs NHWC tensors");
        TensorInfo weights = Weights(op.Weights);
        Require(weights.Shape.Count == 4, "weights", "convolution weights are OHWI");
        Require(weights.ZeroPoint == 0, "weights", "convolution weights are symmetric: their zero point is 0");
        int outputs = weights.Shape[0];
        if (op.IsPooled)
        {
            Pooled(op.Window, op.Pool, outputs);
        }
        else
        {
            Window(op.Window, outputs);
        }

        Require(weights.Shape[1] == op.Window.KernelH && weights.Shape[2] == op.Window.KernelW, "weights", "their shape is not the window's");
        Require(op.Groups >= 1 && _input.Shape[3] % op.Groups == 0 && outputs % op.Groups == 0, "groups", $"{op.Groups} does not divide the channels");
        Require(weights.Shape[3] == _input.Shape[3] / op.Groups, "weights", "their depth is not input channels / groups");
        Accumulators(op.Weights, op.Bias, op.Multipliers, op.Shifts, outputs, op.Min, op.Max);
    }

    private void FullyConnected(FullyConnectedOp op)
    {
        TensorInfo weights = Weights(op.Weights);
        Require(weights.Shape.Count == 2, "weights", "fully connected weights are [outputs, inputs]");
        (int outputs, int inputs) = (weights.Shape[0], weights.Shape[1]);
        Require(_input.Length % inputs == 0 && _output.Length == (long)_input.Length / inputs * outputs, "shape",
            $"{_input.Length} input elements and {_output.Length} output elements do not fit weights of {outputs} x {inputs}");
        Accumulators(op.Weights, op.Bias, op.Multipliers, op.Shifts, outputs, op.Min, op.Max);
    }

    private void Pool(Window window, int min, int max)
    {
        Require(_input.Shape.Count == 4 && _output.Shape.Count == 4, "shape", "pooling needs NHWC tensors");
        Window(window, _input.Shape[3]);
        SameQuantization();
        Clamp(min, max);
        bool dense = window is { DilationH: 1, DilationW: 1 };
        Require(dense || !window.HasPadding, "window", "dilated pooling with padding is not supported");
        Require(
            window.PadTop < window.KernelH && window.PadLeft < window.KernelW
            && (_output.Shape[1] - 1) * window.StrideH - window.PadTop < _input.Shape[1]
            && (_output.Shape[2] - 1) * window.StrideW - window.PadLeft < _input.Shape[2],
            "window", "a pooling window lies wholly in the padding");
    }

    private void Table(TableOp op)
    {
        int entries = IsWide ? TableOp.WideLength : TableOp.Length;
        Require(Constant(op.Table, _input.Type, "table").Length == entries, "table", $"expected {entries} entries");
        Require(_input.Length == _output.Length, "shape", "input and output have different sizes");
    }

    private void Softmax(int multiplier, int leftShift, int diffMin)
    {
        int row = _input.Shape[^1];
        Require(_input.Length == _output.Length && _output.Shape[^1] == row, "shape", "input and output have different shapes");
        Require(row <= SoftmaxArithmetic.MaxRow, "shape", $"softmax over {row} classes, the limit is {SoftmaxArithmetic.MaxRow}");
        Require(multiplier >= 1 << 30, "multiplier", $"found {multiplier}, expected at least 2^30");
        Require(leftShift is >= 0 and <= 30, "left shift", $"found {leftShift}, expected 0 to 30");
        Require(diffMin is >= -(255 << 23) and <= 0 && ((long)-diffMin << leftShift) <= int.MaxValue, "diff min",
            $"{diffMin} shifted left by {leftShift} does not fit 32 bits");
    }

    private void Window(Window window, int channels)
    {
        (int outH, int outW) = Covered(window);
        Shape(outH, outW, channels);
    }

    /// <summary>A pooling on the window's output, which has to fit a tensor although there is none.</summary>
    private void Pooled(Window window, Pooling pool, int channels)
    {
        (int rows, int columns) = Covered(window);
        Require(!IsWide, "pooling", "a fused pooling takes int8 activations");
        ReadOnlySpan<int> fields = [pool.KernelH, pool.KernelW, pool.StrideH, pool.StrideW];
        foreach (int value in fields)
        {
            Require(value is >= 1 and <= MaxWindowField, "pooling", $"found {value}, expected 1 to {MaxWindowField}");
        }

        Require((double)_input.Shape[0] * rows * columns * channels < MaxArenaBytes, "pooling",
            $"the convolution gives {_input.Shape[0]}x{rows}x{columns}x{channels}, expected less than {MaxArenaBytes} bytes");
        Require(pool.KernelH <= rows && pool.KernelW <= columns, "pooling",
            $"its window of {pool.KernelH}x{pool.KernelW} is larger than the {rows}x{columns} that the convolution gives");
        Shape(pool.OutputH(rows), pool.OutputW(columns), channels);
    }

    /// <summary>Rows and columns that a window gives.</summary>
    private (int Rows, int Columns) Covered(Window window)
    {
        Fields(window);
        long paddedH = (long)_input.Shape[1] + window.PadTop + window.PadBottom, paddedW = (long)_input.Shape[2] + window.PadLeft + window.PadRight;
        Require((double)paddedH * paddedW * _input.Shape[3] <= MaxArenaBytes, "window",
            $"the padded input of {paddedH}x{paddedW}x{_input.Shape[3]} is larger than {MaxArenaBytes} bytes");
        (int outH, int outW) = (window.OutputH(_input.Shape[1]), window.OutputW(_input.Shape[2]));
        Require(outH >= 1 && outW >= 1, "window", "the kernel is larger than the padded input");
        return (outH, outW);
    }

    private void Shape(int outH, int outW, int channels) =>
        Require(_output.Shape[0] == _input.Shape[0] && _output.Shape[1] == outH && _output.Shape[2] == outW && _output.Shape[3] == channels,
            "shape", $"the output is {string.Join('x', _output.Shape)}, the window gives {_input.Shape[0]}x{outH}x{outW}x{channels}");

    private void Fields(Window window)
    {
        ReadOnlySpan<int> positive = [window.KernelH, window.KernelW, window.StrideH, window.StrideW, window.DilationH, window.DilationW];
        foreach (int value in positive)
        {
            Require(value is >= 1 and <= MaxWindowField, "window", $"found {value}, expected 1 to {MaxWindowField}");
        }

        ReadOnlySpan<int> pads = [window.PadTop, window.PadLeft, window.PadBottom, window.PadRight];
        foreach (int value in pads)
        {
            Require(value is >= 0 and <= MaxWindowField, "window", $"found padding {value}, expected 0 to {MaxWindowField}");
        }
    }

    /// <summary>Bias, multipliers and shifts; and that no sum can leave its type, from the weights themselves.</summary>
    private void Accumulators(int weights, int bias, int multipliers, int shifts, int outputs, int min, int max)
    {
        Clamp(min, max);
        bool inInt64 = IsWide && !IsInt32(bias);
        ReadOnlySpan<sbyte> w = Int4.Unpack(Bytes(weights), model.Tensors[weights]);
        ReadOnlySpan<int> b = inInt64 ? [] : Channels(bias, outputs, "bias");
        ReadOnlySpan<long> wideBias = inInt64 ? WideBias(bias, outputs) : [];
        int weightZeroPoint = model.Tensors[weights].ZeroPoint;
        ReadOnlySpan<int> m = Channels(multipliers, outputs, "multipliers"), s = Channels(shifts, outputs, "shifts");
        int row = w.Length / outputs;
        for (int o = 0; o < outputs; o++)
        {
            Require(m[o] == 0 || m[o] >= 1 << 30, "multipliers", $"channel {o} has {m[o]}, expected 0 or at least 2^30");
            Require(s[o] is >= -31 and <= 30, "shifts", $"channel {o} has {s[o]}, expected -31 to 30");
            ReadOnlySpan<sbyte> channel = w.Slice(o * row, row);
            if (inInt64)
            {
                Require(s[o] <= 7, "shifts", $"channel {o} has {s[o]}, expected at most 7 with int16 activations");
                long wideBound = AccumulatorBound.OfInt16(channel, weightZeroPoint, wideBias[o]);
                Require(wideBound < 1L << 47, "weights", $"the accumulator of channel {o} can reach {wideBound}: that does not fit 47 bits");
                Require(Requantizer.ScaleInt64(wideBound, m[o], s[o]) <= int.MaxValue, "weights",
                    $"the accumulator of channel {o} can reach {wideBound}: that does not fit 32 bits when it is scaled");
                continue;
            }

            long bound = IsWide
                ? AccumulatorBound.OfInt16(channel, weightZeroPoint, b[o])
                : AccumulatorBound.Of(channel, weightZeroPoint, _input.ZeroPoint, b[o]);
            int room = s[o] >= 0 && !IsWide ? 128 : 0;   // for the zero point, which is added to what the right shift leaves
            Require(bound <= int.MaxValue && (bound << Math.Max(s[o], 0)) + room <= int.MaxValue, "weights",
                $"the accumulator of channel {o} can reach {bound}, shifted left by {Math.Max(s[o], 0)}: that does not fit 32 bits");
        }
    }

    private ReadOnlySpan<int> Channels(int tensor, int outputs, string field)
    {
        TensorInfo info = Constant(tensor, ElementType.Int32, field);
        Require(info.Length == outputs, field, $"found {info.Length} values, expected one a channel: {outputs}");
        return MemoryMarshal.Cast<byte, int>(Bytes(tensor));
    }

    private bool IsInt32(int tensor) => (uint)tensor < (uint)model.Tensors.Length && model.Tensors[tensor].Type == ElementType.Int32;

    private ReadOnlySpan<long> WideBias(int tensor, int outputs)
    {
        Require(Constant(tensor, ElementType.Int64, "bias").Length == outputs, "bias", $"expected one value a channel: {outputs}");
        return MemoryMarshal.Cast<byte, long>(Bytes(tensor));
    }

    private TensorInfo Weights(int tensor)
    {
        bool isInt4 = (uint)tensor < (uint)model.Tensors.Length && model.Tensors[tensor].Type == ElementType.Int4;
        return Constant(tensor, isInt4 ? ElementType.Int4 : ElementType.Int8, "weights");
    }

    private TensorInfo Constant(int tensor, ElementType type, string field)
    {
        Require((uint)tensor < (uint)model.Tensors.Length, field, $"tensor {tensor} does not exist");
        TensorInfo info = model.Tensors[tensor];
        Require(info.Storage == TensorStorage.Constant && info.Type == type, field, $"tensor {tensor} ({info.Name}) is not a constant of type {type}");
        return info;
    }

    private ReadOnlySpan<byte> Bytes(int tensor) => _file.Slice(model.Tensors[tensor].Offset, model.Tensors[tensor].ByteLength);

    private void SameQuantization() => Require(
        _input.Scale.Equals(_output.Scale) && _input.ZeroPoint == _output.ZeroPoint, "scale", "input and output must share scale and zero point");

    private void Clamp(int min, int max)
    {
        bool isWide = _output.Type == ElementType.Int16;
        (int lowest, int highest) = isWide ? (short.MinValue, short.MaxValue) : (sbyte.MinValue, sbyte.MaxValue);
        Require(min >= lowest && min <= max && max <= highest, "activation range", $"found {min} to {max}, expected a range within {lowest} to {highest}");
    }

    private void Require(bool condition, string field, string message)
    {
        if (!condition)
        {
            throw Error(field, message);
        }
    }

    private void Require(
        bool condition, string field, [InterpolatedStringHandlerArgument(nameof(condition))] ref Complaint message)
    {
        if (!condition)
        {
            throw Error(field, message.Text());
        }
    }

    private ModelFormatException Error(string field, string message) =>
        new(ModelChecks.OperatorAt(_file, index), $"operators[{index}] ({_op.Name}).{field}", message);
}
