using System.Runtime.Intrinsics.X86;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>Which of Winograd's kernels a layer takes on x64, beside the direct kernel of its path.</summary>
internal static class X64Winograd
{
    private const double ColumnCycles = 6;   // of a ColumnImage

    /// <summary>Whether this machine has all instructions of 512 bits.</summary>
    public static bool Has512 => Avx512BW.IsSupported;

    /// <summary>On 512 bits where this machine has them; null where the direct kernel is quicker.</summary>
    /// <param name="op">The layer.</param>
    /// <param name="context">Its model.</param>
    /// <param name="directRate"><see cref="WinogradProcessor.DirectRate"/> of the direct kernel.</param>
    /// <param name="directOutputCycles"><see cref="WinogradProcessor.DirectOutputCycles"/> of the direct kernel.</param>
    public static Kernel? Widest<TDirect>(Conv2DOp op, KernelContext context, double directRate, double directOutputCycles)
        where TDirect : struct, IMicroKernel
    {
        if (!Has512)
        {
            return On256<TDirect>(op, context, directRate, directOutputCycles);
        }

        // 32 channels at once, unless half of the last ones would not be there, or threads would have nothing to divide
        int outputs = context.Info(op.Output).Shape[3] / op.Groups, panels = op.Groups * ((outputs + 31) / 32);
        bool isWide = (outputs - 1) % 32 >= 16 && panels >= context.Workers.Threads;
        return isWide
            ? Prepare<Avx512Winograd<TwoVectors>, TDirect>(op, context, directRate, directOutputCycles)
            : Prepare<Avx512Winograd<OneVector>, TDirect>(op, context, directRate, directOutputCycles);
    }

    /// <summary>On 256 bits.</summary>
    public static Kernel? On256<TDirect>(Conv2DOp op, KernelContext context, double directRate, double directOutputCycles)
        where TDirect : struct, IMicroKernel => Prepare<Avx2Winograd, TDirect>(op, context, directRate, directOutputCycles);

    private static WinogradConv2D<T>? Prepare<T, TDirect>(Conv2DOp op, KernelContext context, double directRate, double directOutputCycles)
        where T : struct, IWinogradKernel
        where TDirect : struct, IMicroKernel
    {
        TensorInfo input = context.Info(op.Input);
        int width = op.Window.PadLeft + input.Shape[2] + op.Window.PadRight;
        WinogradProcessor processor = T.Processor with
        {
            DirectRate = directRate,
            DirectOutputCycles = directOutputCycles,
            DirectLayerCycles = ColumnImage<TDirect>.Pays(op.Window, op.Groups, input, width) ? ColumnCycles * op.Window.OutputH(input.Shape[1]) * width : 0,
        };
        return WinogradPlan.Choose(op, context, processor) is { } plan ? new WinogradConv2D<T>(op, context, plan) : null;
    }
}
