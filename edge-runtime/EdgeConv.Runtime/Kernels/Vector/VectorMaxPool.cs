using System.Runtime.Intrinsics;
using EdgeConv.Runtime.Threading;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>
/// Maximum pooling in two passes a row: down the window's rows over whole image rows at once, whatever the number of channels, then
/// across its columns. The second pass writes whole vectors in ascending order, so that what spills into the next pixel is overwritten by it.
/// </summary>
internal sealed unsafe class VectorMaxPool(MaxPoolOp op, KernelContext context) : Kernel, ISplitWork
{
    private readonly PoolGeometry _g = new(op, op.Window, context);
    private sbyte* _image;   // what the threads work at
    private sbyte* _to;
    private byte* _scratch;

    public override long ScratchBytes => context.Workers.Threads * LaneBytes;

    private long LaneBytes => Align(_g.Width * _g.Channels) + Align(_g.OutW * _g.Channels);

    public override KernelChoice Choice => new("maximum down the rows, then across", "whole image rows are vectors, whatever the number of channels");

    public override void Run(byte* scratch)
    {
        nint rowBytes = (nint)_g.Width * _g.Channels, outBytes = (nint)_g.OutW * _g.Channels;
        _scratch = scratch;
        for (int n = 0; n < _g.Batch; n++)
        {
            _image = _g.X + n * _g.Height * rowBytes;
            _to = _g.Y + n * _g.OutH * outBytes;
            context.Workers.Split(this, _g.OutH, op.Window.KernelH * (long)_g.OutH * rowBytes);
        }
    }

    void ISplitWork.Run(int first, int end, int lane)
    {
        int rowBytes = _g.Width * _g.Channels, outBytes = _g.OutW * _g.Channels;
        sbyte* column = (sbyte*)_scratch + lane * LaneBytes;
        sbyte* result = column + Align(rowBytes);
        for (int oy = first; oy < end; oy++)
        {
            (int top, int bottom) = _g.RowsInside(oy);
            sbyte* x = _image + (nint)(oy * op.Window.StrideH - op.Window.PadTop + top * op.Window.DilationH) * rowBytes;
            MaxDown(x, bottom - top, op.Window.DilationH * (nint)rowBytes, column, rowBytes);
            MaxAcross(column, result);
            Buffer.MemoryCopy(result, _to + (nint)oy * outBytes, outBytes, outBytes);
        }
    }

    private static int Align(int bytes) => (bytes + 127) & ~63;   // and room for a whole vector behind the last byte

    private static void MaxDown(sbyte* top, int rows, nint stride, sbyte* column, int bytes)
    {
        for (int i = 0; i < bytes; i += Vector128<sbyte>.Count)
        {
            sbyte* at = top + i;
            Vector128<sbyte> max = Vector128.Load(at);
            for (int r = 1; r < rows; r++)
            {
                at += stride;
                max = Vector128.Max(max, Vector128.Load(at));
            }

            max.Store(column + i);
        }
    }

    private void MaxAcross(sbyte* column, sbyte* result)
    {
        Vector128<sbyte> low = Vector128.Create((sbyte)op.Min), high = Vector128.Create((sbyte)op.Max);
        int channels = _g.Channels;
        for (int ox = 0; ox < _g.OutW; ox++, result += channels)
        {
            (int first, int end) = _g.ColumnsInside(ox);
            sbyte* left = column + (nint)(ox * op.Window.StrideW - op.Window.PadLeft + first * op.Window.DilationW) * channels;
            for (int c = 0; c < channels; c += Vector128<sbyte>.Count)
            {
                sbyte* at = left + c;
                Vector128<sbyte> max = Vector128.Load(at);
                for (int k = first + 1; k < end; k++)
                {
                    at += (nint)op.Window.DilationW * channels;
                    max = Vector128.Max(max, Vector128.Load(at));
                }

                Vector128.Min(Vector128.Max(max, low), high).Store(result + c);
            }
        }
    }
}
