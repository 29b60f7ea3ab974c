namespace EdgeConv.Runtime.Format;

/// <summary>
/// Operators to integers and back, in one table: an opcode, and arguments that begin with the input and the output tensor.
/// FORMAT.md lists them in the same order.
/// </summary>
internal static class OperatorCodec
{
    private const int WindowFields = 10;

    private enum Code : ushort
    {
        Conv2D = 1,
        FullyConnected = 2,
        MaxPool = 3,
        AveragePool = 4,
        Table = 5,
        Softmax = 6,
        Reshape = 7,
    }

    public static (ushort Code, int[] Arguments) Encode(ModelOperator op) => op switch
    {
        Conv2DOp o => ((ushort)Code.Conv2D,
            [o.Input, o.Output, o.Weights, o.Bias, o.Multipliers, o.Shifts, .. Encode(o.Window), o.Groups, o.Min, o.Max]),
        FullyConnectedOp o => ((ushort)Code.FullyConnected,
            [o.Input, o.Output, o.Weights, o.Bias, o.Multipliers, o.Shifts, o.Min, o.Max]),
        MaxPoolOp o => ((ushort)Code.MaxPool, [o.Input, o.Output, .. Encode(o.Window), o.Min, o.Max]),
        AveragePoolOp o => ((ushort)Code.AveragePool, [o.Input, o.Output, .. Encode(o.Window), o.Min, o.Max]),
        TableOp o => ((ushort)Code.Table, [o.Input, o.Output, o.Table]),
        SoftmaxOp o => ((ushort)Code.Softmax, [o.Input, o.Output, o.Multiplier, o.LeftShift, o.DiffMin]),
        ReshapeOp o => ((ushort)Code.Reshape, [o.Input, o.Output]),
        _ => throw new ArgumentException($"operator {op.GetType().Name} has no opcode"),
    };

    /// <summary>Number of arguments of an opcode, or -1 when this runtime does not know it.</summary>
    public static int ArgumentCount(ushort code) => (Code)code switch
    {
        Code.Conv2D => 9 + WindowFields,
        Code.FullyConnected => 8,
        Code.MaxPool or Code.AveragePool => 4 + WindowFields,
        Code.Table => 3,
        Code.Softmax => 5,
        Code.Reshape => 2,
        _ => -1,
    };

    /// <summary>Whether argument i (2 and up) is an int8 bound of the fused activation, which the reader checks before narrowing.</summary>
    public static bool IsClampBound(ushort code, int i) =>
        (Code)code is Code.Conv2D or Code.FullyConnected or Code.MaxPool or Code.AveragePool && i >= ArgumentCount(code) - 2;

    /// <summary>The operator; argument count and clamp bounds have been checked.</summary>
    public static ModelOperator Decode(ushort code, string name, ReadOnlySpan<int> a) => (Code)code switch
    {
        Code.Conv2D => new Conv2DOp(
            name, a[0], a[1], a[2], a[3], a[4], a[5], DecodeWindow(a[6..]), a[16], (sbyte)a[17], (sbyte)a[18]),
        Code.FullyConnected => new FullyConnectedOp(name, a[0], a[1], a[2], a[3], a[4], a[5], (sbyte)a[6], (sbyte)a[7]),
        Code.MaxPool => new MaxPoolOp(name, a[0], a[1], DecodeWindow(a[2..]), (sbyte)a[12], (sbyte)a[13]),
        Code.AveragePool => new AveragePoolOp(name, a[0], a[1], DecodeWindow(a[2..]), (sbyte)a[12], (sbyte)a[13]),
        Code.Table => new TableOp(name, a[0], a[1], a[2]),
        Code.Softmax => new SoftmaxOp(name, a[0], a[1], a[2], a[3], a[4]),
        _ => new ReshapeOp(name, a[0], a[1]),
    };

    private static int[] Encode(Window w) =>
        [w.KernelH, w.KernelW, w.StrideH, w.StrideW, w.DilationH, w.DilationW, w.PadTop, w.PadLeft, w.PadBottom, w.PadRight];

    private static Window DecodeWindow(ReadOnlySpan<int> a) => new(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9]);
}
