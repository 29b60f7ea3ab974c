using EdgeConv.Runtime;

namespace EdgeConv.Converters.CodeGen;

/// <summary>The ways to compute each kind of layer.</summary>
internal static class LayerWays
{
    /// <summary>All of them; at least one form that is portable.</summary>
    public static IReadOnlyList<LayerWay> Of(CModel model, ModelOperator op)
    {
        return op switch
        {
            Conv2DOp o when model.IsWide(o.Input) => WideLayersC.Ways(model, o),
            FullyConnectedOp o when model.IsWide(o.Input) => WideLayersC.Ways(model, o),
            Conv2DOp o => ConvolutionC.Ways(model, o),
            FullyConnectedOp o => FullyConnectedC.Ways(model, o),
            TransposeConvOp o => One("gathering", model.Model.Weights(o.Weights).Length, 8, text => TransposeConvC.Write(model, o, text)),
            MaxPoolOp o => [.. One("pixel by pixel", 0, 18 + 5L * o.Window.KernelH * o.Window.KernelW, text => PoolC.Write(model, o, text)), VectorPool.Way(model, o)],
            AveragePoolOp o => [.. One("pixel by pixel", 0, 18 + 5L * o.Window.KernelH * o.Window.KernelW, text => PoolC.Write(model, o, text)), VectorPool.Way(model, o)],
            TableOp o when model.IsWide(o.Input) => One("lines between entries", TableOp.WideLength * 2, 12, text => ElementwiseC.Write(model, o, text), below: 0),
            WideSigmoidOp o => One("lines between entries", WideSigmoidOp.TableLength * 4, 20, text => ElementwiseC.Write(model, o, text), below: 0),
            WideSoftmaxOp o => One("tables of exp and 1 / (1 + x)", TableOp.WideLength * 4, 60, text => ElementwiseC.Write(model, o, text)),
            TableOp o => One("a table", 256, 5, text => ElementwiseC.Write(model, o, text), below: 0),
            RequantizeOp o => One("element by element", 0, 11, text => ElementwiseC.Write(model, o, text), BelowOfAnother(model, o)),
            AddOp o => [.. One("byte by byte", 0, 9, text => ElementwiseC.Write(model, o, text), BelowOfPairs(model, op)), VectorSum.Way(model, o)],
            MulOp o => One("byte by byte", 0, 15, text => ElementwiseC.Write(model, o, text), BelowOfPairs(model, op)),
            PReluOp o => One("byte by byte", model.Info(o.Alpha).Length, 30, text => ElementwiseC.Write(model, o, text), below: 0),
            SoftmaxOp o => One("byte by byte", 0, 150, text => ElementwiseC.Write(model, o, text)),
            LogSoftmaxOp o => One("byte by byte", 0, 150, text => ElementwiseC.Write(model, o, text)),
            LrnOp o => One("pixel by pixel", model.Model.Int32Data(o.Table).Length * 4, 20L * o.Size, text => ElementwiseC.Write(model, o, text)),
            MeanOp o => One("sums", 0, 6L * model.Info(op.Input).Length / Math.Max(model.Info(op.Output).Length, 1), text => ShapeC.Write(model, o, text)),
            ReshapeOp o => One("a copy, or nothing", 0, 4, text => ShapeC.Write(model, o, text), below: 0),
            ConcatOp o => One("copies", 0, 5, text => ShapeC.Write(model, o, text)),
            PadOp o => One("copies", 0, 8, text => ShapeC.Write(model, o, text)),
            TransposeOp o => One("copies", 0, 8, text => ShapeC.Write(model, o, text)),
            SliceOp o => One("copies", 0, 8, text => ShapeC.Write(model, o, text)),
            ResizeOp o => One("pixel by pixel", 0, 20, text => ShapeC.Write(model, o, text)),
            _ => throw new CodeGenException($"no C is generated yet for {op.Name} ({op.GetType().Name[..^2]})."),
        };

        IReadOnlyList<LayerWay> One(string algorithm, int table, long instructionsAnOutput, Action<CText> write, int? below = null) =>
        [
            new LayerForm(Extension.Portable, algorithm)
            {
                TableBytes = table,
                Instructions = instructionsAnOutput * model.Info(op.Output).Length,
                Below = below,
                Write = write,
            },
        ];
    }

    /// <summary>Bytes in order, unless one of the operands is repeated.</summary>
    private static int? BelowOfPairs(CModel model, ModelOperator op) =>
        op.Inputs.All(input => model.Info(input).Length == model.Info(op.Output).Length) ? 0 : null;

    /// <summary>An output of int16 over an input of int8 grows twice as fast as that is read.</summary>
    private static int BelowOfAnother(CModel model, RequantizeOp op) =>
        model.IsWide(op.Output) && !model.IsWide(op.Input) ? model.Info(op.Input).ByteLength : 0;
}
