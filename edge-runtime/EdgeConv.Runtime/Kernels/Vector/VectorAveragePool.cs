using System.Runtime.Intrinsics;
using EdgeConv.Runtime.Kernels.Reference;

namespace EdgeConv.Runtime.Kernels.Vector;

/// <summary>Average pooling, with int32 sums between the passes.</summary>
internal sealed unsafe class VectorAveragePool(AveragePoolOp op, KernelContext context) : VectorPool(op, op.Window, context)
{
    private const int Step = 16;

    public override KernelChoice Choice => new("sums down the rows, then across", "whole image rows are vectors, whatever the number of channels");

    protected override long LaneBytes => sizeof(int) * ((long)Geometry.Width * Geometry.Channels + Step);

    protected override void Row(sbyte* x, int rows, byte* scratch, sbyte* y)
    {
        int rowBytes = Geometry.Width * Geometry.Channels;
        SumDown(x, rows, op.Window.DilationH * (nint)rowBytes, (int*)scratch, rowBytes);
        MeanAcross((int*)scratch, rows, y);
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
        int channels = Geometry.Channels;
        for (int ox = 0; ox < Geometry.OutW; ox++)
        {
            (int first, int end) = Geometry.ColumnsInside(ox);
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
