using EdgeConv.Runtime.Threading;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// Pooling in two passes a row: down the window's rows over whole image rows at once, whatever the number of channels, then across its columns.
/// Threads take rows of the output as they come.
/// </summary>
internal abstract unsafe class VectorPool(ModelOperator op, Window window, KernelContext context) : Kernel, ISplitWork
{
    private sbyte* _image;   // what the threads work at
    private sbyte* _to;
    private byte* _scratch;

    public override long ScratchBytes => context.Workers.Threads * LaneBytes;

    protected PoolGeometry Geometry { get; } = new(op, window, context);

    /// <summary>Scratch of one thread.</summary>
    protected abstract long LaneBytes { get; }

    public override void Run(byte* scratch)
    {
        PoolGeometry g = Geometry;
        nint rowBytes = (nint)g.Width * g.Channels, outBytes = (nint)g.OutW * g.Channels;
        _scratch = scratch;
        for (int n = 0; n < g.Batch; n++)
        {
            _image = g.X + n * g.Height * rowBytes;
            _to = g.Y + n * g.OutH * outBytes;
            context.Workers.Split(this, g.OutH, window.KernelH * (long)g.OutH * rowBytes);
        }
    }

    void ISplitWork.Run(int first, int end, int lane)
    {
        PoolGeometry g = Geometry;
        nint rowBytes = (nint)g.Width * g.Channels, outBytes = (nint)g.OutW * g.Channels;
        for (int oy = first; oy < end; oy++)
        {
            (int top, int bottom) = g.RowsInside(oy);
            sbyte* x = _image + (oy * window.StrideH - window.PadTop + top * window.DilationH) * rowBytes;
            Row(x, bottom - top, _scratch + lane * LaneBytes, _to + oy * outBytes);
        }
    }

    /// <summary>A row of the output.</summary>
    /// <param name="x">The first image row that the windows see, <see cref="Window.DilationH"/> rows before the next.</param>
    /// <param name="rows">How many they see.</param>
    /// <param name="scratch">Of this thread.</param>
    /// <param name="y">The row.</param>
    protected abstract void Row(sbyte* x, int rows, byte* scratch, sbyte* y);
}
