namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>What pooling kernels know of their tensors, and which taps of a window lie inside the image.</summary>
internal readonly unsafe struct PoolGeometry
{
    public PoolGeometry(ModelOperator op, Window window, KernelContext context)
    {
        (TensorInfo input, TensorInfo output) = (context.Info(op.Input), context.Info(op.Output));
        Window = window;
        X = context.Activation(op.Input);
        Y = context.Activation(op.Output);
        (Batch, Height, Width, Channels) = (input.Shape[0], input.Shape[1], input.Shape[2], input.Shape[3]);
        (OutH, OutW) = (output.Shape[1], output.Shape[2]);
    }

    public readonly Window Window;
    public readonly sbyte* X;
    public readonly sbyte* Y;
    public readonly int Batch;
    public readonly int Height;
    public readonly int Width;
    public readonly int Channels;
    public readonly int OutH;
    public readonly int OutW;

    /// <summary>Kernel rows [First, End) of output row y that lie inside the image.</summary>
    public (int First, int End) RowsInside(int y) =>
        Inside(y * Window.StrideH - Window.PadTop, Window.KernelH, Window.DilationH, Height);

    /// <summary>Kernel columns [First, End) of output column x that lie inside the image.</summary>
    public (int First, int End) ColumnsInside(int x) =>
        Inside(x * Window.StrideW - Window.PadLeft, Window.KernelW, Window.DilationW, Width);

    private static (int First, int End) Inside(int start, int kernel, int dilation, int size)
    {
        int first = start < 0 ? (-start + dilation - 1) / dilation : 0;
        int end = Math.Min(kernel, (size - start + dilation - 1) / dilation);
        return (first, end);
    }
}
