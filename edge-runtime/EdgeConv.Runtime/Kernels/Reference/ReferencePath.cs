namespace EdgeConv.Runtime.Kernels.Reference;

/// <summary>Plain loops: the specification. Never optimised.</summary>
internal sealed class ReferencePath : KernelPath
{
    public override string Name => "Reference";

    public override bool IsSupported => true;

    internal override Kernel Prepare(ModelOperator op, KernelContext context) => op switch
    {
        Conv2DOp o when !context.IsWide(o.Input) => new ReferenceConv2D(o, context),
        FullyConnectedOp o when !context.IsWide(o.Input) => new ReferenceFullyConnected(o, context),
        TransposeConvOp o => new ReferenceTransposeConv(o, context),
        MaxPoolOp o => new ReferenceMaxPool(o, context),
        AveragePoolOp o => new ReferenceAveragePool(o, context),
        _ => SharedKernels.Prepare(op, context),
    };
}
