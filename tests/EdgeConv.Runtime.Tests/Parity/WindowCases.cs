namespace EdgeConv.Runtime.Tests.Parity;

/// <summary>Convolutions, transposed convolutions and poolings of awkward shapes.</summary>
internal static class WindowCases
{
    /// <summary>NHWC: one pixel, one channel, more channels than any vector, one line, one column, several pictures.</summary>
    public static readonly int[][] Pictures = [[1, 1, 1, 1], [1, 1, 1, 257], [2, 1, 5, 3], [1, 9, 1, 8], [1, 7, 6, 17], [3, 2, 2, 16], [1, 5, 4, 33]];

    /// <summary>A kernel larger than the picture, strides larger than the kernel, dilations, padding on one side only.</summary>
    private static readonly Window[] _windows =
    [
        new(1, 1),
        new(3, 3, PadTop: 1, PadLeft: 1, PadBottom: 1, PadRight: 1),
        new(5, 4, PadTop: 2, PadLeft: 2, PadBottom: 3, PadRight: 1),
        new(2, 1, 5, 3, PadTop: 1, PadLeft: 0, PadBottom: 1, PadRight: 2),
        new(3, 2, 2, 1, 2, 3, PadTop: 4, PadLeft: 3, PadBottom: 4, PadRight: 3),
        new(1, 3, 1, 2, PadLeft: 2),
        new(2, 3, 3, 2, 3, 2, PadTop: 3, PadRight: 4),
    ];

    /// <summary>Side by side, with gaps, overlapping, one pixel, one line; the last rows and columns belong to no window where they do not divide.</summary>
    private static readonly Pooling[] _pools = [new(2, 2, 2, 2), new(3, 3, 2, 2), new(3, 2, 3, 2), new(1, 1, 2, 3), new(1, 2, 1, 1), new(2, 1, 3, 1)];

    // In turn, so that every kind meets every fill.
    private static readonly string[] _kinds = ["int8", "int4", "16x8"];

    public static IEnumerable<Func<CaseValues, (TestModel, int)>> Convolutions() =>
        from shape in Pictures
        from window in _windows
        where window.OutputH(shape[1]) > 0 && window.OutputW(shape[2]) > 0
        from groups in new[] { 1, shape[3], shape[3] % 2 == 0 ? 2 : 1 }.Distinct()
        select (Func<CaseValues, (TestModel, int)>)(v => Convolution(v, shape, window, groups, _kinds[v.Seed % _kinds.Length]));

    public static IEnumerable<Func<CaseValues, (TestModel, int)>> PooledConvolutions() =>
        from shape in Pictures.Append([2, 9, 10, 3])
        from window in _windows
        from pool in _pools.Append(new Pooling(Math.Max(window.OutputH(shape[1]), 1), Math.Max(window.OutputW(shape[2]), 1), 1, 9))
        where pool.OutputH(window.OutputH(shape[1])) > 0 && pool.OutputW(window.OutputW(shape[2])) > 0 && pool != Pooling.None
        from groups in new[] { 1, shape[3] }.Distinct()
        select (Func<CaseValues, (TestModel, int)>)(v => Pooled(v, shape, window, groups, pool));

    public static IEnumerable<Func<CaseValues, (TestModel, int)>> TransposedConvolutions() =>
        from shape in Pictures
        from window in _windows
        from extra in new[] { 0, 9 }
        where OutputSize(shape[1], window.SpanH, window.StrideH, window.PadTop + window.PadBottom, extra) > 0
            && OutputSize(shape[2], window.SpanW, window.StrideW, window.PadLeft + window.PadRight, extra) > 0
        select (Func<CaseValues, (TestModel, int)>)(v => Transposed(v, shape, window, extra, isInt4: v.Seed % 3 == 0));

    public static IEnumerable<Func<CaseValues, (TestModel, int)>> Poolings(Func<int, int, Window, sbyte, sbyte, ModelOperator> create) =>
        from shape in Pictures
        from window in _windows.Append(new Window(shape[1], shape[2], 7, 7)).Append(new Window(2, 2, 3, 3)).Append(new Window(2, 2, 2, 2, 2, 2))
        where CanPool(window, shape)
        select (Func<CaseValues, (TestModel, int)>)(v =>
        {
            var model = new TestModel();
            int zero = v.ZeroPoint();
            int x = model.Activation(shape, zero), y = model.Activation([shape[0], window.OutputH(shape[1]), window.OutputW(shape[2]), shape[3]], zero);
            return (model.Then(create(x, y, window, (sbyte)v.Next(-128, 0), (sbyte)v.Next(0, 128))), x);
        });

    private static (TestModel Model, int Input) Pooled(CaseValues v, int[] shape, Window window, int groups, Pooling pool)
    {
        var model = new TestModel();
        int outputs = groups * v.Next(1, groups > 2 ? 3 : 20), depth = shape[3] / groups, taps = window.KernelH * window.KernelW * depth;
        int[] weightShape = [outputs, window.KernelH, window.KernelW, depth];
        int[] outputShape = [shape[0], pool.OutputH(window.OutputH(shape[1])), pool.OutputW(window.OutputW(shape[2])), outputs];
        int x = model.Activation(shape, v.ZeroPoint()), y = model.Activation(outputShape, v.ZeroPoint());
        int weights = v.Seed % 3 == 0 ? model.PackedConstant(v.Int4Weights(outputs * taps), weightShape) : model.Constant(v.Weights(outputs * taps), weightShape);
        return (model.Then(new Conv2DOp("conv", x, y, weights, model.Constant(v.Bias(outputs)), model.Constant(v.Multipliers(outputs)),
            model.Constant(v.Shifts(outputs, taps)), window, groups, v.Next(-128, 0), v.Next(0, 128))
        { Pool = pool }), x);
    }

    private static (TestModel Model, int Input) Convolution(CaseValues v, int[] shape, Window window, int groups, string kind)
    {
        var model = new TestModel();
        int outputs = groups * v.Next(1, groups > 2 ? 3 : 12), depth = shape[3] / groups, taps = window.KernelH * window.KernelW * depth;
        int[] outputShape = [shape[0], window.OutputH(shape[1]), window.OutputW(shape[2]), outputs], weightShape = [outputs, window.KernelH, window.KernelW, depth];
        int x = model.Activation(shape, v.ZeroPoint());
        int weights = kind == "int4" ? model.PackedConstant(v.Int4Weights(outputs * taps), weightShape) : model.Constant(v.Weights(outputs * taps), weightShape);
        if (kind != "16x8")
        {
            int y = model.Activation(outputShape, v.ZeroPoint());
            return (model.Then(new Conv2DOp("conv", x, y, weights, model.Constant(v.Bias(outputs)), model.Constant(v.Multipliers(outputs)),
                model.Constant(v.Shifts(outputs, taps)), window, groups, v.Next(-128, 0), v.Next(0, 128))), x);
        }

        int wideX = model.WideActivation(shape), wideY = model.WideActivation(outputShape), narrow = model.Activation(outputShape, v.ZeroPoint());
        return (model.Then(new RequantizeOp("widen", x, wideX, new(v.Multiplier(), v.Next(4, 9)), -32768, 32767))
            .Then(new Conv2DOp("wide", wideX, wideY, weights, model.Constant(v.WideBias(outputs)), model.Constant(v.Multipliers(outputs)),
                model.Constant(v.Shifts(outputs, taps)), window, groups, v.Next(-32768, 0), v.Next(0, 32768)))
            .Then(new RequantizeOp("narrow", wideY, narrow, new(v.Multiplier(), -v.Next(3, 9)), -128, 127)), x);
    }

    private static (TestModel Model, int Input) Transposed(CaseValues v, int[] shape, Window window, int extra, bool isInt4)
    {
        var model = new TestModel();
        int outputs = v.Next(1, 20), taps = window.KernelH * window.KernelW * shape[3];
        int[] outputShape =
        [
            shape[0], OutputSize(shape[1], window.SpanH, window.StrideH, window.PadTop + window.PadBottom, extra),
            OutputSize(shape[2], window.SpanW, window.StrideW, window.PadLeft + window.PadRight, extra), outputs,
        ];
        int[] weightShape = [outputs, window.KernelH, window.KernelW, shape[3]];
        int x = model.Activation(shape, v.ZeroPoint()), y = model.Activation(outputShape, v.ZeroPoint());
        int weights = isInt4 ? model.PackedConstant(v.Int4Weights(outputs * taps), weightShape) : model.Constant(v.Weights(outputs * taps), weightShape);
        return (model.Then(new TransposeConvOp("up", x, y, weights, model.Constant(v.Bias(outputs)), model.Constant(v.Multipliers(outputs)),
            model.Constant(v.Shifts(outputs, taps)), window, (sbyte)v.Next(-128, 0), (sbyte)v.Next(0, 128))), x);
    }

    /// <summary>The size that the window takes to the input's; of those that the stride leaves open the first, or one beyond it.</summary>
    private static int OutputSize(int input, int span, int stride, int pad, int extra) => (input - 1) * stride + span - pad + Math.Min(extra, stride - 1);

    /// <summary>No window lies wholly in the padding, and a dilated one has none.</summary>
    private static bool CanPool(Window w, int[] shape) =>
        w.OutputH(shape[1]) > 0 && w.OutputW(shape[2]) > 0
        && (w is { DilationH: 1, DilationW: 1 } || !w.HasPadding)
        && w.PadTop < w.KernelH && w.PadLeft < w.KernelW
        && (w.OutputH(shape[1]) - 1) * w.StrideH - w.PadTop < shape[1] && (w.OutputW(shape[2]) - 1) * w.StrideW - w.PadLeft < shape[2];
}
