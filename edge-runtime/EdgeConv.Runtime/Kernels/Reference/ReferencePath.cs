namespace EdgeConv.Runtime.Kernels.Reference;

/// <summary>Plain loops: the specification. Never optimised.</summary>
internal sealed class ReferencePath : KernelPath
{
    public override string Name => "Reference";

    public override bool IsSupported => true;

    internal override Kernel Prepare(ModelOperator op, KernelContext context) => op switch
    {
        Conv2DOp o when context.IsWide(o.Input) => new ReferenceWideConv2D(o, context),
        Conv2DOp o => new ReferenceConv2D(o, context),
        FullyConnectedOp o when context.IsWide(o.Input) => new ReferenceWideFullyConnected(o, context),
        FullyConnectedOp o => new ReferenceFullyConnected(o, context),
        TransposeConvOp o when !context.IsWide(o.Input) => new ReferenceTransposeConv(o, context),
        MaxPoolOp o when !context.IsWide(o.Input) => new ReferenceMaxPool<sbyte>(o, context),
        AveragePoolOp o when !context.IsWide(o.Input) => new ReferenceAveragePool<sbyte>(o, context),
        _ => SharedKernels.Prepare(op, context),
    };
}
