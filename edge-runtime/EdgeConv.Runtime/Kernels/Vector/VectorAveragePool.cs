using System.Runtime.Intrinsics;
using EdgeConv.Runtime.Kernels.Reference;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>Average pooling in two passes a row, as <see cref="VectorMaxPool"/>, with int32 sums between them.</summary>
internal sealed unsafe class VectorAveragePool(AveragePoolOp op, KernelContext context) : Kernel
{
    private const int Step = 16;
    private readonly PoolGeometry _g = new(op, op.Window, context);

    public override long ScratchBytes => sizeof(int) * ((long)_g.Width * _g.Channels + Step);

    public override KernelChoice Choice => new("sums down the rows, then across", "whole image rows are vectors, whatever the number of channels");

    public override void Run(byte* scratch)
    {
        int rowBytes = _g.Width * _g.Channels;
        int* column = (int*)scratch;
        sbyte* y = _g.Y;
        for (int n = 0; n < _g.Batch; n++)
        {
            sbyte* image = _g.X + (nint)n * _g.Height * rowBytes;
            for (int oy = 0; oy < _g.OutH; oy++, y += _g.OutW * _g.Channels)
            {
                (int first, int end) = _g.RowsInside(oy);
                sbyte* top = image + (nint)(oy * op.Window.StrideH - op.Window.PadTop + first * op.Window.DilationH) * rowBytes;
                SumDown(top, end - first, op.Window.DilationH * (nint)rowBytes, column, rowBytes);
                MeanAcross(column, end - first, y);
            }
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
