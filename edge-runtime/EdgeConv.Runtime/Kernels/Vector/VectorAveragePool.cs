using System.Runtime.Intrinsics;
using EdgeConv.Runtime.Kernels.Reference;
using EdgeConv.Runtime.Threading;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>Average pooling in two passes a row, as <see cref="VectorMaxPool"/>, with int32 sums between them.</summary>
internal sealed unsafe class VectorAveragePool(AveragePoolOp op, KernelContext context) : Kernel, ISplitWork
{
    private const int Step = 16;
    private readonly PoolGeometry _g = new(op, op.Window, context);
    private sbyte* _image;   // what the threads work at
    private sbyte* _to;
    private byte* _scratch;

    public override long ScratchBytes => context.Workers.Threads * LaneBytes;

    private long LaneBytes => sizeof(int) * ((long)_g.Width * _g.Channels + Step);

    public override KernelChoice Choice => new("sums down the rows, then across", "whole image rows are vectors, whatever the number of channels");

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
        int* column = (int*)(_scratch + lane * LaneBytes);
        for (int oy = first; oy < end; oy++)
        {
            (int top, int bottom) = _g.RowsInside(oy);
            sbyte* x = _image + (nint)(oy * op.Window.StrideH - op.Window.PadTop + top * op.Window.DilationH) * rowBytes;
            SumDown(x, bottom - top, op.Window.DilationH * (nint)rowBytes, column, rowBytes);
            MeanAcross(column, bottom - top, _to + (nint)oy * outBytes);
        }
    }

    private static void SumDown(sbyte* top, int rows, nint stride, int* column, int bytes)
    {
        for (int i = 0; i < bytes; i += Step)
        {
            sbyte* at = top + i;
            Vector128<int> a = default, b = default, c = default, d = default;
            for (int r = 0; r < rows; r++, at += stride)
            {
                (Vector128<short> low, Vector128<short> high) = Vector128.Widen(Vector128.Load(at));
                a += Vector128.WidenLower(low);
                b += Vector128.WidenUpper(low);
                c += Vector128.WidenLower(high);
                d += Vector128.WidenUpper(high);
            }

            a.Store(column + i);
            b.Store(column + i + 4);
            c.Store(column + i + 8);
            d.Store(column + i + 12);
        }
    }

    private void MeanAcross(int* column, int rows, sbyte* y)
    {
        int channels = _g.Channels;
        for (int ox = 0; ox < _g.OutW; ox++)
        {
            (int first, int end) = _g.ColumnsInside(ox);
            int* left = column + (nint)(ox * op.Window.StrideW - op.Window.PadLeft + first * op.Window.DilationW) * channels;
            for (int c = 0; c < channels; c++)
            {
                int sum = 0;
                for (int k = 0; k < end - first; k++)
                {
                    sum += left[(nint)k * op.Window.DilationW * channels + c];
                }

                *y++ = (sbyte)Math.Clamp(PoolArithmetic.RoundedMean(sum, rows * (end - first)), op.Min, op.Max);
            }
        }
    }
}
