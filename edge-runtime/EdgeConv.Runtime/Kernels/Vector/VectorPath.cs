using EdgeConv.Runtime.Kernels.Reference;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>The fast path over one instruction set.</summary>
internal sealed class VectorPath<T> : KernelPath
    where T : struct, IMicroKernel
{
    public override string Name => T.Name;

    public override bool IsSupported => T.IsSupported;

    internal override Kernel Prepare(ModelOperator op, KernelContext context) => op switch
    {
        Conv2DOp o when context.IsWide(o.Input) => new ReferenceWideConv2D(o, context),
        Conv2DOp o when VectorDepthwise<T>.CanRun(o, context) => new VectorDepthwise<T>(o, context),
        Conv2DOp o => new VectorConv2D<T>(o, context),
        FullyConnectedOp o when context.IsWide(o.Input) => new ReferenceWideFullyConnected(o, context),
        FullyConnectedOp o => new VectorFullyConnected<T>(o, context),
        MaxPoolOp o when !context.IsWide(o.Input) => new VectorMaxPool(o, context),
        AveragePoolOp o when !context.IsWide(o.Input) => new VectorAveragePool(o, context),
        _ => SharedKernels.Prepare(op, context),
    };
}
