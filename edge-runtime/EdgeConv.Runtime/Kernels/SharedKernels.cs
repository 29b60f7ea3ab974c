using EdgeConv.Runtime.Kernels.Reference;

namespace EdgeConv.Runtime.Kernels;

/// <summary>Operators that every path computes with the same code.</summary>
internal static class SharedKernels
{
    public static Kernel Prepare(ModelOperator op, KernelContext context) => op switch
    {
        MaxPoolOp o when context.IsWide(o.Input) => new ReferenceMaxPool<short>(o, context),
        AveragePoolOp o when context.IsWide(o.Input) => new ReferenceAveragePool<short>(o, context),
        RequantizeOp o => new RequantizeKernel(o, context),
        TableOp o when context.IsWide(o.Input) => new WideTableKernel(o, context),
        TableOp o => new TableKernel(o, context),
        SoftmaxOp o => new SoftmaxKernel(o, context),
        LogSoftmaxOp o => new LogSoftmaxKernel(o, context),
        WideSoftmaxOp o => new WideSoftmaxKernel(o, context),
        WideSigmoidOp o => new WideSigmoidKernel(o, context),
        MeanOp o when context.IsWide(o.Input) => new MeanKernel<short>(o, context),
        MeanOp o => new MeanKernel<sbyte>(o, context),
        LrnOp o => new LrnKernel(o, context),
        AddOp o when context.IsWide(o.Input) => new AddKernel<short>(o, context),
        AddOp o => new AddKernel<sbyte>(o, context),
        MulOp o when context.IsWide(o.Input) => new MulKernel<short>(o, context),
        MulOp o => new MulKernel<sbyte>(o, context),
        PReluOp o when context.IsWide(o.Input) => new PReluKernel<short>(o, context),
        PReluOp o => new PReluKernel<sbyte>(o, context),
        ConcatOp o => new ConcatKernel(o, context),
        PadOp o when context.IsWide(o.Input) => new PadKernel<short>(o, context),
        PadOp o => new PadKernel<sbyte>(o, context),
        TransposeOp o when context.IsWide(o.Input) => new TransposeKernel<short>(o, context),
        TransposeOp o => new TransposeKernel<sbyte>(o, context),
        TransposeConvOp o => new ReferenceWideTransposeConv(o, context),
        SliceOp o => new SliceKernel(o, context),
        ResizeOp { Mode: ResizeMode.Nearest } o => new NearestResizeKernel(o, context),
        ResizeOp o => new BilinearResizeKernel(o, context),
        ReshapeOp o => new ReshapeKernel(o, context),
        _ => throw new NotSupportedException($"operator {op.GetType().Name}"),
    };
}
