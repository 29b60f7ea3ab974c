using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime.Format;

/// <summary>
/// Operators to integers and back, in one table: an opcode, and arguments that begin with the input and the output tensor.
/// FORMAT.md lists them in the same order.
/// </summary>
internal static class OperatorCodec
{
    private const int WindowFields = 10;
    private const int PoolingFields = 4;
    private const int Unused = -1;

    private enum Code : ushort
    {
        Conv2D = 1,
        FullyConnected = 2,
        MaxPool = 3,
        AveragePool = 4,
        Table = 5,
        Softmax = 6,
        Reshape = 7,
        Add = 8,
        Mul = 9,
        PRelu = 10,
        Concat = 11,
        Pad = 12,
        Transpose = 13,
        TransposeConv = 14,
        Requantize = 15,
        LogSoftmax = 16,
        Lrn = 17,
        Mean = 18,
        Slice = 19,
        Resize = 20,
        WideSigmoid = 21,
        WideSoftmax = 22,
        PooledConv2D = 23,
    }

    public static (ushort Code, int[] Arguments) Encode(ModelOperator op) => op switch
    {
        Conv2DOp { IsPooled: true } o => ((ushort)Code.PooledConv2D,
            [o.Input, o.Output, o.Weights, o.Bias, o.Multipliers, o.Shifts, .. Encode(o.Window), o.Groups, .. Encode(o.Pool), o.Min, o.Max]),
        Conv2DOp o => ((ushort)Code.Conv2D,
            [o.Input, o.Output, o.Weights, o.Bias, o.Multipliers, o.Shifts, .. Encode(o.Window), o.Groups, o.Min, o.Max]),
        FullyConnectedOp o => ((ushort)Code.FullyConnected,
            [o.Input, o.Output, o.Weights, o.Bias, o.Multipliers, o.Shifts, o.Min, o.Max]),
        MaxPoolOp o => ((ushort)Code.MaxPool, [o.Input, o.Output, .. Encode(o.Window), o.Min, o.Max]),
        AveragePoolOp o => ((ushort)Code.AveragePool, [o.Input, o.Output, .. Encode(o.Window), o.Min, o.Max]),
        TableOp o => ((ushort)Code.Table, [o.Input, o.Output, o.Table]),
        SoftmaxOp o => ((ushort)Code.Softmax, [o.Input, o.Output, o.Multiplier, o.LeftShift, o.DiffMin]),
        ReshapeOp o => ((ushort)Code.Reshape, [o.Input, o.Output]),
        AddOp o => ((ushort)Code.Add,
            [o.Input, o.Output, o.Other, .. Encode(o.InputFactor), .. Encode(o.OtherFactor), .. Encode(o.OutputFactor), o.Subtract ? 1 : 0, o.Min, o.Max]),
        MulOp o => ((ushort)Code.Mul, [o.Input, o.Output, o.Other, .. Encode(o.Factor), o.Min, o.Max]),
        PReluOp o => ((ushort)Code.PRelu, [o.Input, o.Output, o.Alpha, .. Encode(o.Positive), .. Encode(o.Negative)]),
        ConcatOp o => ((ushort)Code.Concat, [o.Input, o.Output, o.Axis, .. o.Parts.Skip(1), .. Enumerable.Repeat(Unused, ConcatOp.MaxParts - o.Parts.Count)]),
        PadOp o => ((ushort)Code.Pad, [o.Input, o.Output, o.Top, o.Left, o.Bottom, o.Right, o.Front, o.Back, o.Value]),
        TransposeOp o => ((ushort)Code.Transpose, [o.Input, o.Output, o.Order0, o.Order1, o.Order2, o.Order3]),
        TransposeConvOp o => ((ushort)Code.TransposeConv,
            [o.Input, o.Output, o.Weights, o.Bias, o.Multipliers, o.Shifts, .. Encode(o.Window), o.Min, o.Max]),
        LogSoftmaxOp o => ((ushort)Code.LogSoftmax, [o.Input, o.Output, o.Multiplier, o.LeftShift, o.DiffMin, .. Encode(o.Inverse)]),
        LrnOp o => ((ushort)Code.Lrn, [o.Input, o.Output, o.Size, o.Table, o.TableShift, o.OutputShift]),
        RequantizeOp o => ((ushort)Code.Requantize, [o.Input, o.Output, .. Encode(o.Factor), o.Min, o.Max]),
        MeanOp o => ((ushort)Code.Mean, [o.Input, o.Output, o.Axes, .. Encode(o.Factor)]),
        SliceOp o => ((ushort)Code.Slice,
            [o.Input, o.Output, o.D0.Begin, o.D1.Begin, o.D2.Begin, o.D3.Begin, o.D0.Stride, o.D1.Stride, o.D2.Stride, o.D3.Stride]),
        ResizeOp o => ((ushort)Code.Resize, [o.Input, o.Output, (int)o.Mode, (int)o.Coordinates]),
        WideSigmoidOp o => ((ushort)Code.WideSigmoid, [o.Input, o.Output, o.Table, o.Multiplier, o.RightShift, o.IsTanh ? 1 : 0]),
        WideSoftmaxOp o => ((ushort)Code.WideSoftmax, [o.Input, o.Output, .. Encode(o.Factor), o.Exponential, o.Reciprocal]),
        _ => throw new ArgumentException($"operator {op.GetType().Name} has no opcode"),
    };

    /// <summary>Number of arguments of an opcode, or -1 when this runtime does not know it.</summary>
    public static int ArgumentCount(ushort code) => (Code)code switch
    {
        Code.Conv2D => 9 + WindowFields,
        Code.PooledConv2D => 9 + WindowFields + PoolingFields,
        Code.FullyConnected => 8,
        Code.MaxPool or Code.AveragePool => 4 + WindowFields,
        Code.Table => 3,
        Code.Softmax => 5,
        Code.LogSoftmax => 7,
        Code.Reshape => 2,
        Code.Add => 12,
        Code.Mul => 7,
        Code.PRelu => 7,
        Code.Concat => 2 + ConcatOp.MaxParts,
        Code.Pad => 9,
        Code.Transpose => 6,
        Code.TransposeConv => 8 + WindowFields,
        Code.Requantize => 6,
        Code.Lrn => 6,
        Code.Mean => 5,
        Code.Slice => 10,
        Code.Resize => 4,
        Code.WideSigmoid or Code.WideSoftmax => 6,
        _ => -1,
    };

    /// <summary>The operator; the argument count has been checked.</summary>
    public static ModelOperator Decode(ushort code, string name, ReadOnlySpan<int> a) => (Code)code switch
    {
        Code.Conv2D => new Conv2DOp(
            name, a[0], a[1], a[2], a[3], a[4], a[5], DecodeWindow(a[6..]), a[16], a[17], a[18]),
        Code.PooledConv2D => new Conv2DOp(
            name, a[0], a[1], a[2], a[3], a[4], a[5], DecodeWindow(a[6..]), a[16], a[21], a[22])
        { Pool = new(a[17], a[18], a[19], a[20]) },
        Code.FullyConnected => new FullyConnectedOp(name, a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7]),
        Code.MaxPool => new MaxPoolOp(name, a[0], a[1], DecodeWindow(a[2..]), a[12], a[13]),
        Code.AveragePool => new AveragePoolOp(name, a[0], a[1], DecodeWindow(a[2..]), a[12], a[13]),
        Code.Table => new TableOp(name, a[0], a[1], a[2]),
        Code.Softmax => new SoftmaxOp(name, a[0], a[1], a[2], a[3], a[4]),
        Code.Add => new AddOp(name, a[0], a[2], a[1], DecodeFactor(a[3..]), DecodeFactor(a[5..]), DecodeFactor(a[7..]), a[9] != 0, a[10], a[11]),
        Code.Mul => new MulOp(name, a[0], a[2], a[1], DecodeFactor(a[3..]), a[5], a[6]),
        Code.PRelu => new PReluOp(name, a[0], a[1], a[2], DecodeFactor(a[3..]), DecodeFactor(a[5..])),
        Code.Concat => new ConcatOp(name, [a[0], .. a[3..].ToArray().TakeWhile(part => part != Unused)], a[1], a[2]),
        Code.Pad => new PadOp(name, a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8]),
        Code.Transpose => new TransposeOp(name, a[0], a[1], a[2], a[3], a[4], a[5]),
        Code.TransposeConv => new TransposeConvOp(name, a[0], a[1], a[2], a[3], a[4], a[5], DecodeWindow(a[6..]), a[16], a[17]),
        Code.LogSoftmax => new LogSoftmaxOp(name, a[0], a[1], a[2], a[3], a[4], DecodeFactor(a[5..])),
        Code.Lrn => new LrnOp(name, a[0], a[1], a[2], a[3], a[4], a[5]),
        Code.Requantize => new RequantizeOp(name, a[0], a[1], DecodeFactor(a[2..]), a[4], a[5]),
        Code.Mean => new MeanOp(name, a[0], a[1], a[2], DecodeFactor(a[3..])),
        Code.Slice => new SliceOp(name, a[0], a[1], new(a[2], a[6]), new(a[3], a[7]), new(a[4], a[8]), new(a[5], a[9])),
        Code.Resize => new ResizeOp(name, a[0], a[1], (ResizeMode)a[2], (ResizeCoordinates)a[3]),
        Code.WideSigmoid => new WideSigmoidOp(name, a[0], a[1], a[2], a[3], a[4], a[5] != 0),
        Code.WideSoftmax => new WideSoftmaxOp(name, a[0], a[1], DecodeFactor(a[2..]), a[4], a[5]),
        _ => new ReshapeOp(name, a[0], a[1]),
    };

    private static int[] Encode(QuantizedMultiplier m) => [m.Multiplier, m.Shift];

    private static QuantizedMultiplier DecodeFactor(ReadOnlySpan<int> a) => new(a[0], a[1]);

    private static int[] Encode(Pooling p) => [p.KernelH, p.KernelW, p.StrideH, p.StrideW];

    private static int[] Encode(Window w) =>
        [w.KernelH, w.KernelW, w.StrideH, w.StrideW, w.DilationH, w.DilationW, w.PadTop, w.PadLeft, w.PadBottom, w.PadRight];

    private static Window DecodeWindow(ReadOnlySpan<int> a) => new(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9]);
}
