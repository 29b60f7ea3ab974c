using System.Runtime.InteropServices;
using EdgeConv.Runtime.Quantization;
using static EdgeConv.Runtime.Format.FormatLayout;

namespace EdgeConv.Runtime.Format;

/// <summary>Operators that combine tensors element by element, and those that move elements.</summary>
internal readonly ref partial struct OperatorChecks
{
    private void Add(AddOp op)
    {
        Broadcast(op.Other);
        Clamp(op.Min, op.Max);
        // int8: (q - zp) << 20 is below 2^28, a factor below one keeps the sum under 2^29, one more left shift still fits.
        // int16: q << 15 is at most 2^30, factors of at most one half keep the sum there.
        Factor(op.InputFactor, 0, "input factor");
        Factor(op.OtherFactor, 0, "other factor");
        Factor(op.OutputFactor, IsWide ? 0 : 1, "output factor");
        Require(!IsWide || (AtMostHalf(op.InputFactor) && AtMostHalf(op.OtherFactor)), "input factor", "those of int16 are at most one half");
    }

    private void Mul(MulOp op)
    {
        Broadcast(op.Other);
        Clamp(op.Min, op.Max);
        Factor(op.Factor, IsWide ? 0 : 14, "factor");   // 255 * 255 is below 2^16, 32,768 * 32,768 is 2^30
    }

    private void PRelu(PReluOp op)
    {
        TensorInfo alpha = Constant(op.Alpha, ElementType.Int8, "alpha");
        Require(_input.Length == _output.Length, "shape", "input and output have different sizes");
        Require(alpha.Length == _input.Shape[^1], "alpha", $"found {alpha.Length} values, expected one a channel: {_input.Shape[^1]}");
        Factor(op.Positive, IsWide ? 14 : 21, "positive");   // 255 is below 2^8
        Factor(op.Negative, IsWide ? 7 : 14, "negative");
    }

    private void Lrn(LrnOp op)
    {
        Require(_input.Shape.SequenceEqual(_output.Shape), "shape", "input and output have different shapes");
        Require(Constant(op.Table, ElementType.Int32, "table").Length == LrnOp.TableLength, "table", $"expected {LrnOp.TableLength} entries");
        Require(op.Size is >= 1 and <= MaxWindowField, "size", $"found {op.Size}, expected 1 to {MaxWindowField}");
        Require(op.TableShift is >= 0 and <= 24 && (long)op.Size * 255 * 255 >> op.TableShift < LrnOp.TableLength - 1, "table shift",
            $"sums of squares over {op.Size} channels run beyond the table");
        Require(op.OutputShift is >= 1 and <= 40, "output shift", $"found {op.OutputShift}, expected 1 to 40");
    }

    private void Requantize(RequantizeOp op)
    {
        Require(_input.Length == _output.Length, "shape", "input and output have different sizes");
        Factor(op.Factor, IsWide ? 14 : 21, "factor");   // 2^16 and 2^8 steps, shifted left, stay inside int32
        Clamp(op.Min, op.Max);
    }

    private void Mean(MeanOp op)
    {
        Require(op.Axes is >= 1 and <= 15, "axes", $"found {op.Axes}, expected 1 to 15: a bit for each of four dimensions");
        int count = MeanOp.Count(_input, op.Axes);
        Require(_output.Length == _input.Length / count, "shape", $"means over {count} of {_input.Length} elements do not give {_output.Length}");
        (int multiplier, int shift) = (op.Factor.Multiplier, op.Factor.Shift);
        Require(multiplier >= 0 && shift is >= -31 and <= 30, "factor", $"found multiplier {multiplier} and shift {shift}, expected 0 or more, and -31 to 30");
        long reach = IsWide ? -short.MinValue : Math.Max(sbyte.MaxValue - _input.ZeroPoint, _input.ZeroPoint - sbyte.MinValue);
        Require(reach * count <= int.MaxValue && (reach * count << Math.Max(shift, 0)) + 128 <= int.MaxValue, "axes",
            $"a sum over {count} elements can reach {reach * count}, shifted left by {Math.Max(shift, 0)}: that does not fit 32 bits");
    }

    private void WideSigmoid(WideSigmoidOp op)
    {
        Require(_input.Length == _output.Length, "shape", "input and output have different sizes");
        Require(Constant(op.Table, ElementType.Int32, "table").Length == WideSigmoidOp.TableLength, "table", $"expected {WideSigmoidOp.TableLength} entries");
        int last = 0;
        foreach (int entry in MemoryMarshal.Cast<byte, int>(Bytes(op.Table)))
        {
            Require(entry >= last && entry <= ushort.MaxValue, "table", $"found {entry} after {last}, expected an ascending table up to 65,535");
            last = entry;
        }

        // 2^15 * (2^15 - 1) and 2^30 for rounding stay inside int32
        Require(op.Multiplier is >= 0 and <= short.MaxValue, "multiplier", $"found {op.Multiplier}, expected 0 to {short.MaxValue}");
        Require(op.RightShift is >= 0 and <= 31, "right shift", $"found {op.RightShift}, expected 0 to 31");
    }

    private void WideSoftmax(WideSoftmaxOp op)
    {
        int row = _input.Shape[^1];
        Require(_input.Length == _output.Length && _output.Shape[^1] == row, "shape", "input and output have different shapes");
        Require(row <= WideSoftmaxArithmetic.MaxRow, "shape", $"softmax over {row} classes, the limit is {WideSoftmaxArithmetic.MaxRow}");
        Factor(op.Factor, 15, "factor");   // a difference is below 2^16
        Require(Constant(op.Exponential, ElementType.Int16, "exponential").Length == TableOp.WideLength, "exponential", $"expected {TableOp.WideLength} entries");
        Require(Constant(op.Reciprocal, ElementType.Int16, "reciprocal").Length == TableOp.WideLength, "reciprocal", $"expected {TableOp.WideLength} entries");

        // the largest of a row adds at least two to its sum: the leading zeros are 30 at most, and no term is negative
        ReadOnlySpan<short> table = MemoryMarshal.Cast<byte, short>(Bytes(op.Exponential));
        Require(table[^2] >= 2, "exponential", $"found {table[^2]} in front of its end, expected at least 2");
        int last = 0;
        foreach (short entry in table)
        {
            Require(entry >= last, "exponential", $"found {entry} after {last}, expected an ascending table from 0");
            last = entry;
        }
    }

    private void Concat(ConcatOp op)
    {
        int axis = op.Axis, joined = 0;
        Require((uint)axis < (uint)_output.Shape.Count, "axis", $"{axis} is no dimension of {string.Join('x', _output.Shape)}");
        foreach (int part in op.Parts)
        {
            TensorInfo info = model.Tensors[part];
            Require(info.Storage == TensorStorage.Arena && info.Type == _output.Type, "part",
                $"tensor {part} ({info.Name}) is not an activation of the output's type, {_output.Type}");
            Require(info.Scale.Equals(_output.Scale) && info.ZeroPoint == _output.ZeroPoint, "scale", "the parts and the output must share scale and zero point");
            Require(info.Shape.Count == _output.Shape.Count, "shape", "the parts have another number of dimensions than the output");
            for (int d = 0; d < info.Shape.Count; d++)
            {
                Require(d == axis || info.Shape[d] == _output.Shape[d], "shape", $"tensor {part} ({info.Name}) does not fit in dimension {d}");
            }

            joined = checked(joined + info.Shape[axis]);
        }

        Require(joined == _output.Shape[axis], "shape", $"the parts have {joined} along dimension {axis}, the output {_output.Shape[axis]}");
    }

    private void Pad(PadOp op)
    {
        Require(_input.Shape.Count == 4 && _output.Shape.Count == 4 && _input.Shape[0] == _output.Shape[0], "shape", "padding needs NHWC tensors");
        SameQuantization();
        Clamp(op.Value, op.Value);
        ReadOnlySpan<int> before = [op.Top, op.Left, op.Front], behind = [op.Bottom, op.Right, op.Back];
        for (int i = 0; i < 3; i++)
        {
            Require(before[i] is >= 0 and <= MaxWindowField && behind[i] is >= 0 and <= MaxWindowField, "padding", "a padding is negative or too large");
            Require((long)before[i] + behind[i] + _input.Shape[i + 1] == _output.Shape[i + 1], "shape", $"dimension {i + 1} of the output is not that of the padded input");
        }
    }

    private void Transpose(TransposeOp op)
    {
        SameQuantization();
        ReadOnlySpan<int> order = [op.Order0, op.Order1, op.Order2, op.Order3];
        int seen = 0;
        for (int i = 0; i < 4; i++)
        {
            Require(order[i] is >= 0 and <= 3, "order", $"{order[i]} is no dimension");
            seen |= 1 << order[i];
            Require(Dimension(_output, i) == Dimension(_input, order[i]), "shape", $"dimension {i} of the output is not dimension {order[i]} of the input");
        }

        Require(seen == 0b1111, "order", "a dimension is named twice");
    }

    private void TransposeConv(TransposeConvOp op)
    {
        Require(_input.Shape.Count == 4 && _output.Shape.Count == 4, "shape", "transposed convolution needs NHWC tensors");
        TensorInfo weights = Weights(op.Weights);
        Require(weights.Shape.Count == 4 && weights.ZeroPoint == 0, "weights", "expected symmetric OHWI weights");
        Fields(op.Window);
        Require(weights.Shape[1] == op.Window.KernelH && weights.Shape[2] == op.Window.KernelW, "weights", "their shape is not the window's");
        Require(weights.Shape[3] == _input.Shape[3] && weights.Shape[0] == _output.Shape[3], "weights", "their channels are not those of input and output");
        Require(
            _input.Shape[0] == _output.Shape[0] && op.Window.OutputH(_output.Shape[1]) == _input.Shape[1] && op.Window.OutputW(_output.Shape[2]) == _input.Shape[2],
            "shape", "the window does not take the output's size to the input's");
        Accumulators(op.Weights, op.Bias, op.Multipliers, op.Shifts, weights.Shape[0], op.Min, op.Max);
    }

    /// <summary>Each dimension of both operands is the output's, or 1.</summary>
    private void Broadcast(int tensor)
    {
        Require((uint)tensor < (uint)model.Tensors.Length && model.Tensors[tensor].Type == _input.Type, "other", $"tensor {tensor} is not of the input's type, {_input.Type}");
        TensorInfo other = model.Tensors[tensor];
        Require(!IsWide || other.ZeroPoint == 0, "other", $"the zero point of int16 is 0, that of tensor {tensor} is {other.ZeroPoint}");
        for (int i = 0; i < 4; i++)
        {
            (int a, int b, int y) = (Dimension(_input, i), Dimension(other, i), Dimension(_output, i));
            Require((a == y || a == 1) && (b == y || b == 1) && y == Math.Max(a, b), "shape", $"dimensions {a} and {b} do not combine to {y}");
        }
    }

    private static bool AtMostHalf(QuantizedMultiplier factor) => factor.Shift < 0 || factor.Multiplier <= 1 << 30;

    private void Factor(QuantizedMultiplier factor, int largestShift, string field) => Require(
        (factor.Multiplier == 0 || factor.Multiplier >= 1 << 30) && factor.Shift >= -31 && factor.Shift <= largestShift, field,
        $"found multiplier {factor.Multiplier} and shift {factor.Shift}, expected 0 or at least 2^30, and -31 to {largestShift}");

    /// <summary>Dimension i of four, counted as if the tensor had ones in front.</summary>
    private static int Dimension(TensorInfo info, int i) => Shape4.Of(info, i);
}
