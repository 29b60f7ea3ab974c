using EdgeConv.Runtime.Quantization;

namespace EdgeConv.Runtime.Kernels;

/// <summary>Operators that every path computes with the same code; of the convolutions those with int16 activations.</summary>
internal static class SharedKernels
{
    public static Kernel Prepare(ModelOperator op, KernelContext context) => op switch
    {
        Conv2DOp o => new WideConv2D(o, context),
        FullyConnectedOp o => new WideFullyConnected(o, context),
        RequantizeOp o => new RequantizeKernel(o, context),
        TableOp o => new TableKernel(o, context),
        SoftmaxOp o => new SoftmaxKernel(o, SoftmaxArithmetic.Row, o.Multiplier, o.LeftShift, o.DiffMin, context),
        LogSoftmaxOp o => new SoftmaxKernel(o, SoftmaxArithmetic.LogRow, o.Multiplier, o.LeftShift, o.DiffMin, context),
        LrnOp o => new LrnKernel(o, context),
        AddOp o => new AddKernel(o, context),
        MulOp o => new MulKernel(o, context),
        PReluOp o => new PReluKernel(o, context),
        ConcatOp o => new ConcatKernel(o, context),
        PadOp o => new PadKernel(o, context),
        TransposeOp o => new TransposeKernel(o, context),
        SliceOp o => new SliceKernel(o, context),
        ResizeOp { Mode: ResizeMode.Nearest } o => new NearestResizeKernel(o, context),
        ResizeOp o => new BilinearResizeKernel(o, context),
        ReshapeOp o => new ReshapeKernel(o, context),
        _ => throw new NotSupportedException($"operator {op.GetType().Name}"),
    };
}
