using EdgeConv.Runtime.Kernels.Reference;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>The fast path over one instruction set: one micro-kernel for int8 activations and one for int16.</summary>
internal sealed class VectorPath<T, TWide> : KernelPath
    where T : struct, IMicroKernel
    where TWide : struct, IWideMicroKernel
{
    public override string Name => T.Name;

    public override bool IsSupported => T.IsSupported;

    internal override Kernel Prepare(ModelOperator op, KernelContext context) => op switch
    {
        Conv2DOp o when context.IsWide(o.Input) && Depthwise.CanRun(o, context) => new VectorWideDepthwise<TWide>(o, context),
        Conv2DOp o when context.IsWide(o.Input) => new VectorWideConv2D<TWide>(o, context),
        Conv2DOp { IsPooled: false } o when Depthwise.CanRun(o, context) => T.Depthwise(o, context),
        Conv2DOp o => T.Winograd(o, context) ?? new VectorConv2D<T>(o, context),
        FullyConnectedOp o when context.IsWide(o.Input) => new VectorWideFullyConnected<TWide>(o, context),
        FullyConnectedOp o => new VectorFullyConnected<T>(o, context),
        TransposeConvOp o when !context.IsWide(o.Input) =>
            VectorTransposeConv<T>.CanRun(o, context) ? new VectorTransposeConv<T>(o, context) : new ReferenceTransposeConv(o, context),
        MaxPoolOp o when !context.IsWide(o.Input) => new VectorMaxPool(o, context),
        AveragePoolOp o when !context.IsWide(o.Input) => new VectorAveragePool(o, context),
        SoftmaxOp o => new VectorSoftmax(o, context),
        AddOp o when !context.IsWide(o.Input) => VectorAdd.Prepare(o, context),
        _ => SharedKernels.Prepare(op, context),
    };
}
